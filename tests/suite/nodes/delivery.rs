//! What happens at one node reaches members at the other: once, and in the order of `rev`, which each socket checks.

use super::{nodes, passes};
use crate::kit::*;

/// The next frame of this type in this session.
#[track_caller]
fn receive(socket: &mut Socket, kind: &str, session: &str) -> Value {
    socket.wait_for(kind, |frame| frame["type"] == kind && frame["session"] == *session)
}

#[test]
fn messages_and_their_changes_reach_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = super::pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for number in 1..=3 {
        // From either side, over a socket and by REST.
        let one = format!("over the socket, {number}");
        his.send_message(&id, &one);
        assert_eq!(hers.receive(&id), one);
        let two = format!("by REST, {number}");
        lisa.send_message(&id, &two);
        // A request has no connection that would get a reply instead.
        for socket in [&mut his, &mut hers] {
            assert_eq!(socket.receive(&id), two);
        }
    }
    his.ok(json!({"type": "edit", "session": id, "seq": 1, "text": "better"}));
    let changed = receive(&mut hers, "message_changed", &id);
    assert_eq!((&changed["seq"], &changed["text"]), (&json!(1), &json!("better")));
    hers.ok(json!({"type": "react", "session": id, "seq": 1, "emoji": "👍", "on": true}));
    assert_eq!(receive(&mut his, "message_changed", &id)["reactions"]["👍"], json!(["lisa"]));
    his.ok(json!({"type": "delete", "session": id, "seq": 3}));
    assert_eq!(receive(&mut hers, "message_changed", &id)["deleted"], true);
    for socket in [&mut his, &mut hers] {
        socket.expect_no("message");
        socket.expect_no("message_changed");
    }
    let (at_one, at_other) = (SessionReplica::load(&avi, &id), SessionReplica::load(&lisa, &id));
    assert_eq!((at_one.messages, at_one.rev), (at_other.messages, at_other.rev));
}

#[test]
fn receipts_and_typing_reach_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = super::pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&id, "hello");
    hers.receive(&id);
    hers.send(&json!({"type": "read", "session": id, "seq": 1}));
    let receipt = receive(&mut his, "receipt", &id);
    assert_eq!((&receipt["username"], &receipt["read"]), (&json!("lisa"), &json!(1)));
    his.send(&json!({"type": "typing", "session": id}));
    assert_eq!(receive(&mut hers, "typing", &id)["username"], "avi");
    passes(&avi, &mut hers, &id);
    hers.expect_no("typing");
}

#[test]
fn a_new_session_reaches_the_other_node_before_its_first_message() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    let mut hers = lisa.connect();
    let ids = [befriend(&avi, &lisa), group(&avi, "Trip", &[&lisa])];
    for id in &ids {
        avi.send_message(id, "hello");
        let first = hers.wait_for("the session", |frame| {
            frame["session"]["id"] == **id || frame["session"] == **id && frame["type"] != "presence"
        });
        assert_eq!(first["type"], "session_added", "{first}");
        assert_eq!(hers.receive(id), "hello");
    }
}

#[test]
fn joins_leaves_removals_and_titles_reach_the_other_node() {
    let Some(server) = nodes(3) else { return };
    let avi = register_at(&server, 0, "avi");
    let (lisa, mark) = (register_at(&server, 1, "lisa"), register_at(&server, 2, "mark"));
    let (id, code) = room(&avi, json!({"title": "Den"}));
    let (mut his, mut hers, mut marks) = (avi.connect(), lisa.connect(), mark.connect());
    hers.ok(json!({"type": "join", "code": code}));
    marks.ok(json!({"type": "join", "code": code}));
    let member = |socket: &mut Socket, name: &str, state: &str| {
        socket.wait_for(&format!("{name} {state}"), |frame| {
            frame["type"] == "member" && frame["user"]["username"] == name && frame["state"] == state
        });
    };
    member(&mut his, "lisa", "joined");
    member(&mut his, "mark", "joined");
    member(&mut hers, "mark", "joined");
    his.ok(json!({"type": "title", "session": id, "title": "Lair"}));
    for socket in [&mut hers, &mut marks] {
        assert_eq!(receive(socket, "session_changed", &id)["title"], "Lair");
    }
    his.ok(json!({"type": "role", "session": id, "username": "lisa", "role": "admin"}));
    for socket in [&mut hers, &mut marks] {
        socket.wait_for("the role", |frame| frame["type"] == "member" && frame["role"] == "admin");
    }
    hers.ok(json!({"type": "remove", "session": id, "username": "mark"}));
    assert_eq!(receive(&mut marks, "session_removed", &id)["reason"], "removed");
    member(&mut his, "mark", "removed");
    hers.ok(json!({"type": "leave", "session": id}));
    member(&mut his, "lisa", "left");
    assert_eq!(roles(&avi, &id).len(), 1);
    avi.http.delete(&format!("/sessions/{id}")).done();
    assert_eq!(receive(&mut his, "session_removed", &id)["reason"], "deleted");
    hers.expect_no("session_removed");
}

#[test]
fn an_invite_and_its_answer_reach_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    let id = group(&avi, "Trip", &[]);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.ok(json!({"type": "invite", "username": "lisa", "session": id}));
    let invite = hers.expect("invite")["invite"].clone();
    hers.ok(json!({"type": "answer", "invite": invite["id"], "accept": true}));
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "accepted");
    assert_eq!(his.expect("member")["user"]["username"], "lisa");
    his.send_message(&id, "welcome");
    assert_eq!(hers.receive(&id), "welcome");
    // A rejection and a withdrawal.
    let mark = register_at(&server, 1, "mark");
    let mut marks = mark.connect();
    his.ok(json!({"type": "invite", "username": "mark", "session": id}));
    let invite = marks.expect("invite")["invite"].clone();
    marks.ok(json!({"type": "answer", "invite": invite["id"], "accept": false}));
    assert_eq!(his.expect("invite_answered")["invite"]["state"], "rejected");
}
