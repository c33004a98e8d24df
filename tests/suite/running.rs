//! Running the binary: health, refused starts, and what the log never contains.

use std::fs;
use std::path::Path;

use crate::kit::folder::Folder;
use crate::kit::*;

/// A start on this folder's database is refused, and the database is left as it was.
fn refuses_untouched(folder: &Folder) -> String {
    let database = Database::of(folder.path());
    let before = database.content();
    let Err(log) = Server::try_at(folder.path(), &[]) else {
        panic!("it started");
    };
    assert!(before == database.content(), "the database was touched");
    assert!(!log.contains("panicked"), "{log}");
    log
}

#[test]
fn health_checks_are_at_the_root() {
    let server = Server::start();
    assert_eq!(server.http().get("//healthz").ok()["status"], "ok");
    assert_eq!(server.http().get("//readyz").status, 200);
}

#[test]
fn a_second_server_on_the_same_database_is_refused() {
    if skipped_on_postgres("several servers may serve a database") {
        return;
    }
    let folder = Folder::new();
    let mut first = Server::at(folder.path(), &[]);
    let avi = register(&first, "avi");
    assert!(Server::try_at(folder.path(), &[]).is_err(), "a second one started");
    avi.http.get("/me").ok();
    // A crash leaves no lock behind.
    first.crash();
    avi.http.get("/me").ok();
}

#[test]
fn a_second_server_on_a_link_to_the_same_file_is_refused() {
    if skipped_on_postgres("only a file has links") {
        return;
    }
    let folder = Folder::new();
    let first = Server::at(folder.path(), &[]);
    let (avi, lisa, session) = pair(&first);
    avi.send_message(&session, "before");
    for link in [symbolic_link, hard_link] {
        let other = Folder::new();
        link(first.database().path(), &other.path().join("parlor.db")).unwrap();
        let Err(log) = Server::try_at(other.path(), &[]) else { panic!("a second one started") };
        assert!(log.contains("in use"), "{log}");
        avi.send_message(&session, "still served");
    }
    assert_eq!(SessionReplica::load(&lisa, &session).texts(), ["before", "still served", "still served"]);
}

fn symbolic_link(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

fn hard_link(original: &Path, link: &Path) -> std::io::Result<()> {
    fs::hard_link(original, link)
}

#[test]
fn a_hard_link_to_a_database_that_is_served_is_no_way_around_the_server() {
    if skipped_on_postgres("only a file has links") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    let other = Folder::new();
    let link = other.path().join("parlor.db");
    fs::hard_link(server.database().path(), &link).unwrap();
    for command in [&["user", "list"][..], &["user", "disable", "avi"], &["verify"], &["backup", "copy.db"]] {
        parlor(&Database::file(&link), command, "").refused("by another name");
    }
    // A symbolic link is another name for the same log.
    fs::remove_file(&link).unwrap();
    symbolic_link(server.database().path(), &link).unwrap();
    parlor(&Database::file(&link), &["user", "disable", "avi"], "").ok();
    server.http().post("/login", json!({"username": "avi", "password": PASSWORD})).refused(401, "wrong_password");
}

#[test]
fn a_start_on_a_used_port_makes_no_database() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    let (database, address) = (Database::of(folder.path()), taken.local_addr().unwrap().to_string());
    let ran = parlor(&database, &["--listen", &address], "");
    ran.refused(&address);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is made");
    assert!(database.content().is_empty(), "nothing is made");
}

#[test]
fn writes_of_another_process_are_seen_before_the_next_send() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.send_message(&session, "one");
    // The next number, which the server remembers as free.
    server.meddle(
        "INSERT INTO messages (id, session_id, seq, rev, posted_rev, sender_id, kind, text, at)
         SELECT $next, session_id, 2, 2, 2, sender_id, 0, 'from elsewhere', at FROM messages;
         UPDATE sessions SET seq = 2, rev = 2 WHERE id = (SELECT session_id FROM messages LIMIT 1);",
    );
    assert_eq!(avi.send_message(&session, "three")["seq"], 3);
    assert_eq!(avi.send_message(&session, "four")["seq"], 4);
    assert_eq!(SessionReplica::load(&lisa, &session).texts(), ["one", "from elsewhere", "three", "four"]);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let database = Database::of(folder.path());
    database.execute("CREATE TABLE users (name TEXT)");
    refuses_untouched(&folder);
    if let Database::File(path) = database {
        fs::write(&path, "this is not a database, and long enough to be sure of it").unwrap();
        refuses_untouched(&folder);
    }
}

#[test]
fn a_database_newer_than_the_binary_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let mut server = Server::at(folder.path(), &[]);
    server.terminate();
    server.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231235959')");
    refuses_untouched(&folder);
}

#[test]
fn a_wrong_setting_stops_the_start_and_is_named() {
    for (name, value) in [
        ("PARLOR_TEXT_BYTES", "many"),
        ("PARLOR_RESPONSE_SECONDS", "-1"),
        ("PARLOR_RESPONSE_BYTES_PER_USER", "4MiB"),
        ("PARLOR_RESPONSE_BYTES_PER_ADDRESS", "-1"),
        ("PARLOR_RESPONSE_BYTES_TOTAL", "all"),
        ("PARLOR_HTTP_CONNECTIONS_PER_ADDRESS", "0.5"),
        ("PARLOR_HTTP_CONNECTIONS_TOTAL", "many"),
        ("PARLOR_PRESENCE_GRACE_SECONDS", "-1"),
        ("PARLOR_PUBLIC_URL", "not a url"),
        ("PARLOR_DIRECTORY", "ajar"),
        ("PARLOR_DIALECTS", "rooms,morse"),
        ("PARLOR_READERS", "0"),
        ("PARLOR_HASHES", "0"),
        ("PARLOR_HASH_QUEUE", "0"),
        ("PARLOR_FRAME_BYTES", "10"),
        ("PARLOR_QUEUE_BYTES", "10"),
        ("PARLOR_EMOJI_BYTES", "1"),
        ("PARLOR_GROUP_MEMBERS", "1"),
    ] {
        let folder = Folder::new();
        let Err(log) = Server::try_at(folder.path(), &[(name, value)]) else {
            panic!("started with {name}={value}");
        };
        let flag = format!("--{}", name["PARLOR_".len()..].to_lowercase().replace('_', "-"));
        assert!(log.contains(name) || log.contains(&flag), "{name}: {log}");
    }
}

#[test]
fn the_log_never_contains_message_texts() {
    let server = Server::with(&[("RUST_LOG", "trace")]);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&session, "a whispered word");
    hers.receive(&session);
    avi.send_message(&session, "another whispered word");
    server.http().post("/login", json!({"username": "avi", "password": "a wrong secret"}));
    server.http().get(&format!("/me?token={}", avi.token));
    server.http().post("/register", json!({"username": 7, "password": "a wrong secret"}));
    his.send_text(r#"{"type":"send","session":7,"text":"a whispered word"}"#);
    his.expect("error");
    let (_, code) = crate::routes::room_of(&avi, &lisa);
    let (old, new) = (code.to_lowercase(), format!("{}-{}", &code[..5], &code[5..]));
    for path in [&code, &old, &new, &format!("{code}/nowhere"), &format!("%ff{code}"), &format!("{code}x")] {
        avi.http.get(&format!("/rooms/{path}"));
        avi.http.post(&format!("/rooms/{path}/join"), json!({"code": 7}));
        avi.http.get(&format!("/rooms/{path}/join"));
    }
    for path in [&code, &old, &format!("%ff{code}"), &format!("{code}/nowhere")] {
        server.http().get(&format!("//room/{path}"));
    }
    let guest = join_as(&server, "Zoya", &code);
    fill_in(&server.http(), &[("name", "a whispered name"), ("code", &format!("{old}x")), ("join", "")]);
    room_page(&server, &guest.token);
    guest.connect().goodbye();
    his.request(json!({"type": "join", "code": code}));
    his.send_text(&json!({"type": "join", "code": [code]}).to_string());
    his.goodbye();
    let log = server.log();
    for secret in ["whispered", &code, &old, &new, PASSWORD, "a wrong secret", &avi.token, &lisa.token, &guest.token] {
        assert!(!log.contains(secret), "the log says {secret:?}");
    }
}

#[test]
fn a_graceful_shutdown_leaves_one_file_that_starts_again() {
    let folder = Folder::new();
    let mut server = Server::at(folder.path(), &[]);
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "hello");
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    server.open().unwrap();
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(list(&page, "messages").len(), 1);
}
