//! The check of a database: it accepts whatever a server has made of it, and finds what a server never would.

use crate::kit::folder::Folder;
use crate::kit::*;

/// A bit of everything: a direct session, a group, rooms; edits, tombstones, reactions, replies, keys; people who left,
/// were disabled, deleted themselves, or were guests.
pub fn live(server: &Server) {
    let (avi, lisa, session) = pair(server);
    let dan = register(server, "dan");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let sent = avi.http.post(
        &format!("/sessions/{session}/messages"),
        json!({"text": "hello @lisa, how is the weather", "key": "one"}),
    );
    sent.ok();
    hers.send_message(&session, "hello yourself");
    his.ok(json!({"type": "send", "session": session, "text": "an answer", "reply_to": 2}));
    his.send_message(&session, "a mistake");
    let messages = format!("/sessions/{session}/messages");
    avi.http.patch(&format!("{messages}/3"), json!({"text": "a better answer"})).ok();
    avi.http.delete(&format!("{messages}/4")).ok();
    lisa.http.put(&format!("{messages}/1/reactions/%F0%9F%91%8D"), json!({})).ok();
    lisa.http.put(&format!("/sessions/{session}/read"), json!({"seq": 3})).ok();
    let group = json!({"kind": "group", "title": "Three", "usernames": ["lisa", "dan"]});
    let group = text(&avi.http.post("/sessions", group).ok()["session"], "id").to_owned();
    dan.send_message(&group, "words in a group");
    dan.http.delete(&format!("/sessions/{group}/members/dan"));
    for keep in [true, false] {
        let room = avi.http.post("/sessions", json!({"kind": "room", "title": "Room", "keep": keep})).ok();
        let code = text(&room["session"], "code").to_owned();
        let id = text(&lisa.http.post(&format!("/rooms/{code}/join"), json!({})).ok()["session"], "id").to_owned();
        lisa.send_message(&id, "words in a room");
        avi.http.post(&format!("/sessions/{id}/code"), json!({})).ok();
        avi.http.put(&format!("/sessions/{id}/members/lisa"), json!({"role": "owner"})).ok();
    }
    let guest = server.http().post("/guests", json!({"name": "visitor"})).ok();
    server.http().with_token(text(&guest, "token")).post("/logout", json!({})).done();
    parlor(&server.database(), &["user", "disable", "dan"], "").ok();
    let eve = register(server, "eve");
    let other = befriend(&eve, &avi);
    eve.send_message(&other, "and goodbye");
    eve.http.call("DELETE", "/me").json(&json!({"current_password": PASSWORD})).send().done();
    create_as(server, "Zoya");
    server.http().get("//login/walker").ok();
    his.fence();
    hers.fence();
}

#[test]
fn verify_finds_nothing_in_a_database_of_the_server() {
    let mut server = Server::with(&[("PARLOR_LOBBY", "on")]);
    live(&server);
    let sent = parlor(&server.database(), &["verify"], "").ok();
    assert!(sent.contains("is in order"), "{sent}");
    server.restart();
    parlor(&server.database(), &["verify"], "").ok();
    server.terminate();
    parlor(&server.database(), &["verify"], "").ok();
}

/// What is planted, and a part of the line that must name it.
const FAULTS: [(&str, &str); 34] = [
    ("DELETE FROM messages WHERE seq = 2 AND session_id = $direct", "seq 3: comes after seq 1"),
    ("UPDATE sessions SET seq = seq + 1, rev = rev + 1 WHERE id = $direct", "its newest message has seq 4"),
    ("UPDATE messages SET posted_rev = 1, rev = 1 WHERE seq = 2 AND session_id = $direct", "the one before it at 1"),
    ("UPDATE messages SET rev = 900 WHERE seq = 2 AND session_id = $direct", "is above the session's"),
    ("UPDATE messages SET rev = 2 WHERE seq = 3 AND session_id = $direct", "below that of its posting"),
    ("UPDATE messages SET rev = 4 WHERE seq = 1 AND session_id = $direct", "so was another change"),
    (
        "UPDATE members SET rev = (SELECT max(rev) FROM messages m WHERE m.session_id = $direct) \
      WHERE session_id = $direct",
        "is that of two changes",
    ),
    ("UPDATE messages SET at = at - 3600000 WHERE seq = 3 AND session_id = $direct", "its time is before"),
    ("UPDATE sessions SET last_at = 1 WHERE id = $direct", "times could go back"),
    ("UPDATE messages SET reply_to = 3 WHERE seq = 3 AND session_id = $direct", "replies to 3"),
    ("UPDATE messages SET fingerprint = NULL WHERE key IS NOT NULL", "a key and no fingerprint"),
    (
        "DROP INDEX messages_by_key; UPDATE messages SET key = 'one', fingerprint = 1, sender_id = $avi \
      WHERE session_id = $direct",
        "used one key for",
    ),
    ("UPDATE messages SET text = 'still here' WHERE deleted", "is deleted and still has content"),
    (
        "INSERT INTO reactions SELECT session_id, seq, 'x', sender_id, 0 FROM messages WHERE deleted",
        "reactions to what",
    ),
    ("UPDATE members SET read = 900 WHERE session_id = $direct", "has read 900 of 4"),
    ("UPDATE members SET role = 2 WHERE session_id = $group", "owners among"),
    ("UPDATE sessions SET pair_low = $avi - 1 WHERE id = $direct", "not the two users"),
    (
        "UPDATE sessions SET code = 'ABCDEFGHI0' WHERE id = (SELECT min(id) FROM sessions WHERE kind = 2 AND NOT keep)",
        "its code has other letters",
    ),
    ("UPDATE sessions SET code = NULL WHERE kind = 2 AND keep", "is a room without a code"),
    ("UPDATE tokens SET room_id = NULL WHERE door = 3", "was issued for a room but names none"),
    ("UPDATE tokens SET room_id = $group WHERE door = 3", "which is not a room"),
    ("UPDATE tokens SET room_id = (SELECT min(id) FROM sessions) WHERE door = 0", "was not issued for one"),
    ("UPDATE tokens SET room_id = (SELECT min(id) FROM sessions) WHERE door = 2", "was not issued for one"),
    ("UPDATE users SET kind = 0 WHERE username = 'walker'", "who is not an active guest"),
    ("UPDATE server SET people = people + 1", "the server counts"),
    ("UPDATE server SET indexed = 0", "which it cannot have"),
    ("DELETE FROM users WHERE username = 'lisa'", "points at a row of users"),
    ("UPDATE sessions SET kind = 7 WHERE id = $direct", "kind has the unknown value 7"),
    ("UPDATE members SET role = 9 WHERE session_id = $group", "role has the unknown value 9"),
    ("UPDATE members SET state = -1 WHERE session_id = $group", "state has the unknown value -1"),
    ("UPDATE users SET state = 3 WHERE username = 'lisa'", "state has the unknown value 3"),
    ("UPDATE users SET accepts = 2 WHERE username = 'lisa'", "accepts has the unknown value 2"),
    ("UPDATE tokens SET door = 4 WHERE door = 0", "door has the unknown value 4"),
    (
        "INSERT INTO invites (id, from_id, to_id, state, hidden, at, expires_at) VALUES (1, $avi, $avi, 5, FALSE, 0, 0)",
        "state has the unknown value 5",
    ),
];

/// Those of SQLite alone, whose columns take any value …
const OF_SQLITE: [(&str, &str); 3] = [
    ("DROP TRIGGER users_go", "the trigger users_go is missing"),
    ("UPDATE messages SET kind = 65536 WHERE seq = 1 AND session_id = $direct", "kind has the unknown value 65536"),
    ("UPDATE users SET kind = 'bot' WHERE username = 'lisa'", "kind has the unknown value (not a number)"),
];

/// … and of PostgreSQL.
const OF_POSTGRES: [(&str, &str); 1] =
    [("DROP TRIGGER users_deleted ON users", "the trigger users_deleted is missing")];

/// Messages that are not in the search index yet.
const BEHIND: &str = "SELECT (SELECT max(id) FROM messages) - indexed FROM server";

#[test]
fn verify_finds_planted_faults() {
    let mut server = Server::start();
    live(&server);
    // Filled in the quiet after the last commit.
    until("the index is full", PATIENCE, || server.count(BEHIND) == 0);
    server.terminate();
    server.verify();
    let own: &[(&str, &str)] = Store::under_test().choose(&OF_SQLITE, &OF_POSTGRES);
    for (fault, content) in FAULTS.iter().chain(own) {
        let folder = Folder::new();
        let copy = server.database().copy_to(folder.path());
        let fault = fault
            .replace("$direct", "(SELECT min(session_id) FROM messages WHERE key = 'one')")
            .replace("$group", "(SELECT id FROM sessions WHERE title = 'Three')")
            .replace("$avi", "(SELECT id FROM users WHERE username = 'avi')");
        copy.damage(&fault);
        let ran = parlor(&copy, &["verify"], "");
        assert_eq!(ran.code, 1, "{fault}: {ran:?}");
        assert!(ran.out.contains(content), "{fault}: wanted {content:?}: {ran:?}");
        parlor(&copy, &["verify", "--new-epoch"], "").refused("found");
    }
}

#[test]
fn an_unknown_value_does_not_end_the_check() {
    let server = Server::start();
    live(&server);
    server.meddle("UPDATE sessions SET kind = 7; UPDATE members SET role = 9; UPDATE users SET accepts = 2");
    let ran = parlor(&server.database(), &["verify"], "");
    for column in ["kind has the unknown value 7", "role has the unknown value 9", "accepts has the unknown value 2"] {
        assert!(ran.out.matches(column).count() > 1, "{column}: {ran:?}");
    }
    assert!(!ran.out.contains("cannot be checked to the end"), "{ran:?}");
}
