//! `parlor copy`: a whole database in another one, between SQLite and PostgreSQL in either direction.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::faults::live;
use super::scratch::{Scratch, rows};
use crate::invites::invite;
use crate::kit::command::binary;
use crate::kit::folder::Folder;
use crate::kit::*;

fn copy(from: &Database, to: &Database) -> CommandOutput {
    parlor(from, &["copy", "--from", &from.url(), "--to", &to.url()], "")
}

/// What [`live`] does not make: invites in every state, blocks, used budgets, a lobby with messages.
fn live_more(server: &Server) {
    let [one, two, three, four] = people(server, ["one", "two", "three", "four"]);
    four.accepts_only_invited();
    for (from, verb) in [(&one, "reject"), (&two, "accept")] {
        let invited = invite(from, "four");
        four.http.post(&format!("/invites/{}/{verb}", text(&invited, "id")), json!({})).ok();
    }
    invite(&three, "four");
    one.http.put("/blocks/two", json!({})).done();
    server
        .http()
        .post("/login", json!({"username": "one", "password": "wrong password"}))
        .refused(401, "wrong_password");
    two.http.get("/users/nobody").refused(404, "unknown_user");
    two.http.patch("/me", json!({"display_name": "Zwei Łódź"})).ok();
    let sessions = two.http.get("/sessions").ok();
    let lobby = list(&sessions, "sessions").iter().find(|session| session["kind"] == "lobby").unwrap();
    two.send_message(text(lobby, "id"), "hello all of you");
    until("budgets are saved", PATIENCE, || server.count("SELECT count(*) FROM failure_budgets") > 0);
}

/// What every table has at least one row of.
fn busy() -> Server {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    live(&server);
    live_more(&server);
    server
}

#[test]
fn a_copy_and_its_copies_have_the_same_rows_in_every_table() {
    let server = busy();
    let folder = Folder::new();
    let file = |name: &str| Database::file(&folder.path().join(name));
    server.stand_still();
    let original = rows(&server.database());
    for (table, rows) in &original {
        assert!(!rows.is_empty(), "{table} has no row that could be lost");
    }
    let mut path = vec![file("one.db"), file("two.db")];
    let remote = [Scratch::new(), Scratch::new()];
    path.extend(remote.iter().flatten().map(|scratch| scratch.database.clone()));
    path.push(file("three.db"));
    let mut from = server.database();
    let next = "SELECT coalesce(max(id), 0) FROM messages";
    let newest = server.count(next);
    for to in path {
        let sent = copy(&from, &to).ok();
        assert!(sent.contains(&format!("messages {}", server.count("SELECT count(*) FROM messages"))), "{sent}");
        for ((table, before), (_, after)) in original.iter().zip(rows(&to)) {
            assert_eq!(*before, after, "{table} in {}", to.url());
        }
        assert_eq!(to.count("SELECT count(*) FROM requests"), 0);
        assert_eq!(to.count("SELECT indexed FROM server"), 0);
        let numbers = match &to {
            Database::File(_) => "SELECT seq FROM sqlite_sequence WHERE name = 'messages'",
            Database::Remote(_) => "SELECT last_value FROM message_ids",
        };
        assert!(to.count(numbers) >= newest);
        parlor(&to, &["verify"], "").ok();
        from = to;
    }
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["one.db", "three.db", "two.db"], "nothing is left beside the copies");
    server.signal("CONT");
}

#[test]
fn a_copy_is_served_with_everything_that_was_acknowledged() {
    let server = busy();
    let avi = Person::login(&server, "avi");
    let sessions = list(&avi.http.get("/sessions").ok(), "sessions").to_vec();
    let between = Scratch::new();
    let folder = Folder::new();
    let last = Database::of(folder.path());
    match &between {
        Some(between) => {
            copy(&server.database(), &between.database).ok();
            copy(&between.database, &last).ok();
        }
        None => drop(copy(&server.database(), &last).ok()),
    }
    let copied = Server::at(folder.path(), &[("PARLOR_LOBBY", "on")]);
    let his = Person { http: copied.http().with_token(&avi.token), ..avi.clone() };
    assert_eq!(list(&his.http.get("/sessions").ok(), "sessions"), sessions, "with their newest messages and marks");
    let epoch = |person: &Person| text(&person.connect().ready["server"], "epoch").to_owned();
    assert_ne!(epoch(&his), epoch(&avi), "the copy is another history");
    let lobby = sessions.iter().find(|session| session["kind"] == "lobby").unwrap();
    let before = copied.count("SELECT max(id) FROM messages");
    his.send_message(text(lobby, "id"), "in the copy");
    assert!(copied.count("SELECT max(id) FROM messages WHERE text = 'in the copy'") > before);
    let members = copied.count("SELECT people FROM server");
    register(&copied, "someone-new");
    assert_eq!(copied.count("SELECT people FROM server"), members + 1);
    let found = || list(&his.http.get("/search?q=weather").ok(), "messages").len();
    until("the index of the copy is filled", PATIENCE, || found() == 1);
    copied.verify();
}

#[test]
fn a_copy_is_only_written_where_there_is_nothing() {
    let mut server = Server::start();
    register(&server, "avi");
    let folder = Folder::new();
    let file = folder.path().join("a.db");
    fs::write(&file, "mine").unwrap();
    let source = server.database();
    copy(&source, &Database::file(&file)).refused("already exists");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_ne!(copy(&source, &Database::file(&folder.path().join("no/such/a.db"))).code, 0);
    let nowhere = Database::file(&folder.path().join("nowhere.db"));
    copy(&nowhere, &Database::file(&folder.path().join("b.db"))).refused("there is no database");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let Some(scratch) = Scratch::new() else { return };
    copy(&nowhere, &scratch.database).refused("there is no database");
    assert!(scratch.database.content().is_empty());
    copy(&scratch.database, &nowhere).refused("there is no database");
    copy(&source, &scratch.database).ok();
    let before = rows(&scratch.database);
    copy(&source, &scratch.database).refused("already has rows");
    copy(&scratch.database, &scratch.database).refused("already has rows");
    assert_eq!(rows(&scratch.database), before);
    let foreign = Scratch::new().unwrap();
    foreign.database.execute("CREATE TABLE words (word TEXT)");
    let before = foreign.database.content();
    copy(&source, &foreign.database).refused("not a Parlor database");
    assert_eq!(foreign.database.content(), before);
    // What only has tables is as good as an empty one.
    let migrated = Scratch::new().unwrap();
    parlor(&migrated.database, &["migrate"], "").ok();
    copy(&source, &migrated.database).ok();
    server.terminate();
    if Store::under_test() == Store::Postgres {
        server.open().unwrap();
        copy(&scratch.database, &server.database()).refused("in use");
    }
}

#[test]
fn a_copy_that_is_stopped_leaves_nothing_behind() {
    let Some(source) = Scratch::new() else { return };
    let server = Server::start();
    register(&server, "avi");
    copy(&server.database(), &source.database).ok();
    let (folder, remote) = (Folder::new(), Scratch::new().unwrap());
    let Database::Remote(url) = &source.database else { unreachable!() };
    for to in [Database::file(&folder.path().join("copy.db")), remote.database.clone()] {
        let mut blocker = PgConnection::establish(url).unwrap();
        blocker.batch_execute("BEGIN; LOCK TABLE login_addresses IN ACCESS EXCLUSIVE MODE").unwrap();
        let mut command = binary();
        command.args(["copy", "--from", url, "--to", &to.url()]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("the copy waits", PATIENCE, || source.database.count(waiting) == 1);
        let kill = Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap();
        assert!(kill.success());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "stopping"));
        blocker.batch_execute("ROLLBACK").unwrap();
        let report: Vec<String> = lines.collect();
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), Some(1), "{report:?}");
        assert!(report.iter().any(|line| line.contains("the incomplete copy was removed")), "{report:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(remote.database.content().is_empty());
        copy(&source.database, &to).ok();
        let _ = fs::remove_file(folder.path().join("copy.db"));
    }
}

#[test]
fn values_that_no_version_knows_are_copied_and_reported() {
    let server = Server::start();
    live(&server);
    let meddled =
        "UPDATE sessions SET kind = 7; UPDATE members SET role = 9 WHERE role = 2; UPDATE users SET accepts = 2";
    server.meddle(meddled);
    let folder = Folder::new();
    let file = Database::file(&folder.path().join("copy.db"));
    let remote = Scratch::new();
    for to in [Some(&file), remote.as_ref().map(|remote| &remote.database)].into_iter().flatten() {
        let ran = copy(&server.database(), to);
        for line in ["sessions.kind: ", "members.role: ", "users.accepts: ", "the unknown value 9, copied as it is"] {
            assert!(ran.err.contains(line), "{ran:?}");
        }
        ran.ok();
        assert_eq!(rows(to), rows(&server.database()));
    }
}

#[test]
fn values_that_cannot_be_stored_are_replaced_or_end_the_copy() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "a text");
    let folder = Folder::new();
    let (file, other) = (folder.path().join("one.db"), folder.path().join("two.db"));
    copy(&server.database(), &Database::file(&file)).ok();
    let file = Database::file(&file);
    file.execute("UPDATE messages SET text = 'a' || char(0) || 'b'");
    let remote = Scratch::new();
    if let Some(remote) = &remote {
        let ran = copy(&file, &remote.database);
        assert!(ran.err.contains("messages.text: 1 row with a NUL"), "{ran:?}");
        ran.ok();
        assert_eq!(remote.database.count("SELECT count(*) FROM messages WHERE text = 'a\u{fffd}b'"), 1);
    }
    file.execute("UPDATE users SET kind = 'bot'");
    copy(&file, &Database::file(&other)).refused("the copy failed: users:");
    assert!(!other.exists());
    if let Some(remote) = Scratch::new() {
        let ran = copy(&file, &remote.database);
        assert!(ran.err.contains("'kind'") && ran.err.contains("not a number"), "{ran:?}");
        assert!(remote.database.content().is_empty());
    }
}
