//! Running the binary: health, refused starts, and what a log never says.

use std::fs;

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};

use crate::kit::folder::Folder;
use crate::kit::*;

/// A start on this folder's database is refused, and the file is left as it was.
fn refuses_untouched(folder: &Folder) -> String {
    let path = folder.path().join("parlor.db");
    let before = fs::read(&path).unwrap();
    let Err(log) = Server::try_at(folder.path(), &[]) else {
        panic!("it started");
    };
    assert!(before == fs::read(&path).unwrap(), "the file was touched");
    assert!(!log.contains("panicked"), "{log}");
    log
}

#[test]
fn health_is_told_at_the_root() {
    let server = Server::start();
    assert_eq!(server.http().get("//healthz").ok()["status"], "ok");
    assert_eq!(server.http().get("//readyz").status, 200);
}

#[test]
fn a_second_server_on_the_same_file_is_refused() {
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
fn a_database_of_another_program_is_refused_and_left_untouched() {
    let folder = Folder::new();
    let path = folder.path().join("parlor.db");
    let mut other = SqliteConnection::establish(&path.display().to_string()).unwrap();
    sql_query("CREATE TABLE users (name TEXT)").execute(&mut other).unwrap();
    drop(other);
    refuses_untouched(&folder);
    fs::write(&path, "this is not a database, and long enough to be sure of it").unwrap();
    refuses_untouched(&folder);
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
fn the_log_never_says_what_was_said() {
    let server = Server::with(&[("RUST_LOG", "trace")]);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.say(&session, "a whispered word");
    hers.hear(&session);
    avi.say(&session, "another whispered word");
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
    his.ask(json!({"type": "join", "code": code}));
    his.send_text(&json!({"type": "join", "code": [code]}).to_string());
    his.goodbye();
    let log = server.log();
    for secret in ["whispered", &code, &old, &new, PASSWORD, "a wrong secret", &avi.token, &lisa.token, &guest.token] {
        assert!(!log.contains(secret), "the log says {secret:?}");
    }
}

#[test]
fn a_polite_stop_leaves_one_file_that_starts_again() {
    let folder = Folder::new();
    let mut server = Server::at(folder.path(), &[]);
    let (avi, _, session) = pair(&server);
    avi.say(&session, "hello");
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    server.open().unwrap();
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(list(&page, "messages").len(), 1);
}
