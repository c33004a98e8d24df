//! Values in the database that no server writes: requests that depend on them are refused, and no others.

use crate::kit::*;

const KIND_OF_THE_FIRST: &str =
    "UPDATE sessions SET kind = 7 WHERE created_at = (SELECT min(created_at) FROM sessions)";

#[test]
fn a_session_of_an_unknown_kind_is_an_error() {
    let server = Server::start();
    let (avi, _lisa, session) = pair(&server);
    avi.send_message(&session, "before");
    server.meddle(KIND_OF_THE_FIRST);
    avi.http.get(&format!("/sessions/{session}")).refused(500, "internal");
    avi.http.get("/sessions").refused(500, "internal");
    avi.http.post(&format!("/sessions/{session}/messages"), json!({"text": "after"})).refused(500, "internal");
    avi.http.patch(&format!("/sessions/{session}/messages/1"), json!({"text": "edited"})).refused(500, "internal");
    assert!(server.log().contains("sessions.kind has the unknown value 7"), "{}", server.log());
    server.meddle("UPDATE sessions SET kind = 0");
    avi.send_message(&session, "after");
}

#[test]
fn commands_in_one_commit_with_an_unknown_value_are_stored() {
    let server = Server::start();
    let (avi, _lisa, broken) = pair(&server);
    let dan = register(&server, "dan");
    let whole = befriend(&avi, &dan);
    let mut socket = avi.connect();
    socket.fence();
    server.meddle(KIND_OF_THE_FIRST);
    for _ in 0..20 {
        let refused = socket.submit(json!({"type": "send", "session": broken, "text": "lost"}));
        let kept = socket.submit(json!({"type": "send", "session": whole, "text": "kept"}));
        assert_eq!(socket.answer(&refused)["code"], "internal");
        assert_eq!(socket.answer(&kept)["type"], "ok");
    }
    assert_eq!(server.count("SELECT count(*) FROM messages WHERE text = 'kept'"), 20);
    assert_eq!(server.count("SELECT count(*) FROM messages WHERE text = 'lost'"), 0);
}

#[test]
fn no_column_with_a_fixed_set_of_values_has_another_one() {
    let columns = [
        ("sessions.kind", "kind > 0", "/sessions/$session"),
        ("members.role", "role < 2", "/sessions/$session/members"),
        ("members.state", "state = 1", "/sessions/$session/changes?rev=0"),
        ("messages.kind", "kind = 0", "/sessions/$session/messages"),
        ("invites.state", "state = 0", "/invites?direction=out"),
        ("users.kind", "username = 'lisa'", "/users/lisa"),
        ("users.state", "username = 'lisa'", "/sessions/$session/members"),
        ("users.accepts", "username = 'avi'", "/me"),
        ("tokens.door", "door = 0", "/me"),
    ];
    let server = Server::start();
    let [avi, _lisa, dan] = ["avi", "lisa", "dan"].map(|name| register(&server, name));
    let group = json!({"kind": "group", "title": "Three", "usernames": ["lisa", "dan"]});
    let session = text(&avi.http.post("/sessions", group).ok()["session"], "id").to_owned();
    dan.send_message(&session, "goodbye");
    dan.http.delete(&format!("/sessions/{session}/members/dan"));
    dan.accepts_only_invited();
    avi.http.post("/invites", json!({"username": "dan"})).ok();
    for (column, rows, path) in columns {
        let path = path.replace("$session", &session);
        avi.http.get(&path).ok();
        let (table, name) = column.split_once('.').unwrap();
        let before = server.count(&format!("SELECT max({name}) FROM {table} WHERE {rows}"));
        server.meddle(&format!("UPDATE {table} SET {name} = 90 + {name} WHERE {rows}"));
        avi.http.get(&path).refused(500, "internal");
        let line = format!("{column} has the unknown value {}", 90 + before);
        assert!(server.log().contains(&line), "{line}: {}", server.log());
        server.meddle(&format!("UPDATE {table} SET {name} = {name} - 90 WHERE {name} >= 90"));
        avi.http.get(&path).ok();
    }
}
