//! Invites that cross: one session, and no open invite left.

use crate::invites::{invite, pending};
use crate::kit::*;

#[test]
fn crossing_invites_become_one_session_at_once() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let first = his.ok(json!({"type": "invite", "username": "lisa"}));
    hers.expect("invite");
    let second = hers.ok(json!({"type": "invite", "username": "avi"}));
    assert_eq!(first["invite"]["state"], "pending");
    assert_eq!(second["invite"]["state"], "accepted");
    let session = text(&second["invite"]["session"], "id").to_owned();
    for socket in [&mut his, &mut hers] {
        let added = socket.expect("session_added");
        assert_eq!(added["session"]["id"], session.as_str());
    }
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "accepted");
    for person in [&avi, &lisa] {
        assert_eq!(pending(person, "in"), [""; 0]);
        assert_eq!(pending(person, "out"), [""; 0]);
        let sessions = person.http.get("/sessions").ok();
        assert_eq!(texts(list(&sessions, "sessions"), "id"), [session.as_str()]);
    }
}

#[test]
fn invites_that_cross_in_the_same_moment_become_one_session() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    std::thread::scope(|scope| {
        scope.spawn(|| avi.http.post("/invites", json!({"username": "lisa"})));
        scope.spawn(|| lisa.http.post("/invites", json!({"username": "avi"})));
    });
    let mut seen = Vec::new();
    for person in [&avi, &lisa] {
        let sessions = person.http.get("/sessions").ok();
        seen.push(texts(list(&sessions, "sessions"), "id"));
        assert_eq!(pending(person, "in"), [""; 0]);
    }
    assert_eq!(seen[0].len(), 1, "{seen:?}");
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn opening_answers_a_waiting_invite() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    invite(&avi, "lisa");
    befriend(&lisa, &avi);
    // Users who have the session have no open invite left.
    assert_eq!(pending(&lisa, "in"), [""; 0]);
    assert_eq!(pending(&avi, "out"), [""; 0]);
}
