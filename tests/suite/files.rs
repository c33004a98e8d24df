//! The files of a database: who may read them, and how large the write-ahead log is.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::kit::folder::Folder;
use crate::kit::*;

/// As documented.
const A_MINUTE: Duration = Duration::from_secs(60);
const MIB: u64 = 1024 * 1024;

/// The permissions of every file whose name begins like the database's.
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        // What SQLite is just removing has no mode any more.
        let mode = entry.metadata().ok()?.permissions().mode() & 0o7777;
        name.contains("parlor.db").then_some((name, mode))
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

#[track_caller]
fn assert_private(folder: &Path, at_least: &[&str]) {
    let files = modes(folder);
    assert!(files.iter().all(|(_, mode)| *mode == 0o600), "{files:?}");
    for name in at_least {
        assert!(files.iter().any(|(file, _)| file == name), "no {name} in {files:?}");
    }
}

const ALL: [&str; 4] = ["parlor.db", "parlor.db-lock", "parlor.db-shm", "parlor.db-wal"];

#[test]
fn nobody_but_the_owner_may_read_the_files() {
    if skipped_on_postgres("the permissions are those of SQLite's files") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    let folder = server.folder().to_owned();
    assert_private(&folder, &ALL);
    let copies = Folder::new();
    parlor(&server.database(), &["backup", copies.path().join("parlor.db").to_str().unwrap()], "").ok();
    assert_private(copies.path(), &["parlor.db"]);
}

#[test]
fn files_readable_by_others_are_made_private() {
    if skipped_on_postgres("the permissions are those of SQLite's files") {
        return;
    }
    let mut server = Server::start();
    register(&server, "avi");
    let folder = server.folder().to_owned();
    server.kill();
    for name in ALL {
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o644)).unwrap();
    }
    server.open().unwrap();
    assert_private(&folder, &ALL);
    server.kill();
    // A command that is the first to come does the same.
    for name in ALL {
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o666)).unwrap();
    }
    parlor(&server.database(), &["user", "list"], "").ok();
    assert_private(&folder, &["parlor.db"]);
}

#[test]
fn the_umask_does_not_matter() {
    if skipped_on_postgres("the permissions are those of SQLite's files") {
        return;
    }
    for umask in ["000", "077", "0277"] {
        let folder = Folder::new();
        let database = folder.path().join("parlor.db");
        let command = format!("umask {umask}; exec \"$0\" migrate --database-url \"sqlite:$1\"");
        let ran = Command::new("sh").args(["-c", &command, env!("CARGO_BIN_EXE_parlor")]).arg(&database).output();
        assert!(ran.unwrap().status.success());
        assert_private(folder.path(), &["parlor.db"]);
    }
}

fn log_size(server: &Server) -> u64 {
    fs::metadata(server.database().path().with_extension("db-wal")).map_or(0, |file| file.len())
}

/// Sends messages until the write-ahead log has grown by `bytes`: how much a message adds depends on how many share a commit.
fn grow_log(server: &Server, person: &Person, session: &str, bytes: u64) {
    let size = log_size(server) + bytes;
    until("the log has grown", A_MINUTE, || {
        flood(person, session, 2_000);
        log_size(server) > size
    });
}

/// Sends so many messages, as fast as the server takes them.
fn flood(person: &Person, session: &str, count: usize) {
    let mut socket = person.connect();
    for _ in 0..count / 500 {
        let text = "something that is neither short nor long, and said often ".repeat(14);
        let send = |_| socket.submit(json!({"type": "send", "session": session, "text": text}));
        let ids: Vec<String> = (0..500).map(send).collect();
        for id in ids {
            assert_eq!(socket.answer(&id)["type"], "ok");
        }
    }
}

#[test]
fn after_a_long_read_the_write_ahead_log_becomes_short_again() {
    if skipped_on_postgres("the write-ahead log is SQLite's") {
        return;
    }
    let _alone = alone();
    let mut server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let mut reader = SqliteConnection::establish(&server.database().path().display().to_string()).unwrap();
    reader.batch_execute("PRAGMA busy_timeout = 10000; BEGIN; SELECT count(*) FROM messages").unwrap();
    grow_log(&server, &avi, &session, 20 * MIB);
    reader.batch_execute("COMMIT").unwrap();
    until("the log is short", A_MINUTE, || log_size(&server) < 2 * MIB);
    // The same at a shutdown, which does not wait until it is idle.
    reader.batch_execute("BEGIN; SELECT count(*) FROM messages").unwrap();
    grow_log(&server, &avi, &session, 8 * MIB);
    drop(reader);
    assert!(server.terminate().0.success());
    assert_eq!(log_size(&server), 0);
}

#[test]
fn beside_checks_and_backups_the_write_ahead_log_remains_short() {
    if skipped_on_postgres("the write-ahead log is SQLite's") {
        return;
    }
    let _alone = alone();
    let server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let copies = Folder::new();
            for count in 0.. {
                let copy = copies.path().join(format!("copy-{count}.db"));
                parlor(&server.database(), &["verify"], "").ok();
                parlor(&server.database(), &["backup", copy.to_str().unwrap()], "").ok();
                if done.load(Ordering::Relaxed) {
                    return;
                }
                fs::remove_file(copy).unwrap();
            }
        });
        flood(&avi, &session, 10_000);
        // They go on meanwhile.
        until("the log is short", A_MINUTE, || log_size(&server) < 2 * MIB);
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_start_does_not_wait_for_the_search_index() {
    let mut server = Server::with(&[("PARLOR_SEARCHES_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")]);
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "the first of many");
    server.terminate();
    for statement in [
        Store::under_test().choose("INSERT INTO search (search) VALUES ('delete-all')", "DELETE FROM search"),
        "UPDATE server SET indexed = 0",
        "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
         INSERT INTO messages (id, session_id, seq, rev, posted_rev, sender_id, kind, text, at) \
         SELECT $next, session_id, n, n, n, sender_id, 0, 'number ' || n || ' of many', at FROM n, messages WHERE seq = 1",
        "UPDATE sessions SET seq = 20000, rev = 20000 WHERE seq = 1",
    ] {
        server.sql(statement);
    }
    server.open().unwrap();
    // It listens, answers and is ready.
    let behind = "SELECT (SELECT max(id) FROM messages) - indexed FROM server";
    assert!(server.count(behind) > 0, "the index was filled before anybody was let in");
    assert_eq!(server.http().get("//readyz").status, 200);
    // The newest message is found last.
    until("the index has caught up", A_MINUTE, || {
        let found = avi.http.get("/search?q=number%2020000").ok();
        !list(&found, "messages").is_empty()
    });
    assert_eq!(server.count(behind), 0);
}
