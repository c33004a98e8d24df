//! Direct sessions: one per pair, however it is opened.

use crate::kit::*;

fn open(from: &Person, to: &str) -> Reply {
    from.http.post("/sessions", json!({"kind": "direct", "username": to}))
}

#[test]
fn a_pair_has_one_direct_session() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    for (person, other) in [(&avi, "lisa"), (&lisa, "avi"), (&avi, "LISA")] {
        assert_eq!(open(person, other).ok()["session"]["id"], session.as_str());
        let mut socket = person.connect();
        let opened = socket.ok(json!({"type": "open", "username": other}));
        assert_eq!(opened["session"]["id"], session.as_str());
    }
}

#[test]
fn a_pair_that_opens_in_the_same_moment_has_one_session_too() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let ids: Vec<Value> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..6)
            .map(|turn| {
                let (from, to) = if turn % 2 == 0 { (&avi, "lisa") } else { (&lisa, "avi") };
                scope.spawn(move || open(from, to).ok()["session"]["id"].clone())
            })
            .collect();
        opening.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_session_shows_each_member_their_own_side() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    avi.send_message(&id, "are you there?");
    for (person, other, read, unread) in [(&avi, "lisa", 2, 0), (&lisa, "avi", 0, 2)] {
        let session = person.http.get(&format!("/sessions/{id}")).ok()["session"].clone();
        assert_eq!(session["id"], id.as_str());
        assert_eq!(session["kind"], "direct");
        assert_eq!(session["title"], other);
        assert_eq!(session["role"], "member");
        assert_eq!(session["member_count"], 2);
        assert_eq!(list(&session, "members").len(), 2);
        assert_eq!(session["seq"], 2);
        assert_eq!(session["rev"], 2);
        assert_eq!(session["read"], read, "as seen by {}", person.username);
        assert_eq!(session["unread"], unread);
        assert_eq!(session["last_message"]["text"], "are you there?");
        assert_eq!(session["code"], Value::Null, "only rooms have codes");
        assert!(text(&session, "created_at").ends_with('Z'));
    }
}

#[test]
fn a_new_session_is_empty_and_at_rev_0() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let session = avi.http.get(&format!("/sessions/{id}")).ok()["session"].clone();
    for field in ["seq", "rev", "read", "unread"] {
        assert_eq!(session[field], 0, "{field}");
    }
    assert_eq!(session["last_message"], Value::Null);
}

#[test]
fn its_members_are_listed() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let answer = avi.http.get(&format!("/sessions/{id}/members")).ok();
    let members = list(&answer, "members");
    let mut names: Vec<_> = members.iter().map(|one| text(&one["user"], "username")).collect();
    names.sort();
    assert_eq!(names, ["avi", "lisa"]);
    for member in members {
        assert_eq!(member["role"], "member");
        assert!(text(member, "joined_at").ends_with('Z'));
    }
}

#[test]
fn opening_notifies_every_connection_but_the_one_that_opened() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let (mut acting, mut other) = (avi.connect(), avi.connect());
    let mut hers = lisa.connect();
    let opened = acting.ok(json!({"type": "open", "username": "lisa"}));
    for (socket, title) in [(&mut other, "lisa"), (&mut hers, "avi")] {
        let added = socket.expect("session_added");
        assert_eq!(added["session"]["id"], opened["session"]["id"]);
        assert_eq!(added["session"]["title"], title);
    }
    acting.expect_no("session_added");
    // Opening an open session sends no event.
    acting.ok(json!({"type": "open", "username": "lisa"}));
    acting.send_message(text(&opened["session"], "id"), "a fence for the others");
    for socket in [&mut other, &mut hers] {
        socket.expect("message");
        socket.expect_no("session_added");
    }
}

#[test]
fn opening_by_rest_notifies_every_connection() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut sockets = [avi.connect(), avi.connect(), lisa.connect()];
    let id = befriend(&avi, &lisa);
    for socket in &mut sockets {
        assert_eq!(socket.expect("session_added")["session"]["id"], id.as_str());
    }
}

#[test]
fn a_user_who_accepts_only_invites_must_be_invited() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    lisa.accepts_only_invited();
    open(&avi, "lisa").refused(403, "invite_required");
    let mut his = avi.connect();
    his.refused(json!({"type": "open", "username": "lisa"}), "invite_required");
    his.refused(json!({"type": "send", "to": "lisa", "text": "hi"}), "invite_required");
    // She herself may open it, and then it is open for both.
    let id = befriend(&lisa, &avi);
    assert_eq!(open(&avi, "lisa").ok()["session"]["id"], id.as_str());
}

#[test]
fn some_sessions_cannot_be_opened() {
    let server = Server::start();
    let avi = register(&server, "avi");
    open(&avi, "nobody-here").refused(404, "unknown_user");
    open(&avi, "avi").refused(400, "invalid_request");
    let mut his = avi.connect();
    his.refused(json!({"type": "open", "username": "nobody-here"}), "unknown_user");
    his.refused(json!({"type": "open", "username": "avi"}), "invalid_request");
    his.refused(json!({"type": "open"}), "invalid_request");
}

#[test]
fn sessions_are_paginated_by_latest_activity() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let ids: Vec<String> =
        ["lisa", "mark", "nina"].iter().map(|name| befriend(&avi, &register(&server, name))).collect();
    avi.send_message(&ids[2], "first");
    avi.send_message(&ids[0], "second");
    avi.send_message(&ids[1], "third");
    let wanted = [ids[1].as_str(), &ids[0], &ids[2]];
    let all = avi.http.get("/sessions").ok();
    assert_eq!(texts(list(&all, "sessions"), "id"), wanted);
    assert_eq!(all["next"], Value::Null);

    let first = avi.http.get("/sessions?limit=2").ok();
    assert_eq!(texts(list(&first, "sessions"), "id"), wanted[..2]);
    let path = format!("/sessions?limit=2&cursor={}", text(&first, "next"));
    let second = avi.http.get(&path).ok();
    assert_eq!(texts(list(&second, "sessions"), "id"), wanted[2..]);
    assert_eq!(second["next"], Value::Null);

    let mut his = avi.connect();
    assert_eq!(texts(list(&his.ready, "sessions"), "id"), wanted);
    let answer = his.ok(json!({"type": "sessions"}));
    assert_eq!(texts(list(&answer, "sessions"), "id"), wanted);
}

#[test]
fn a_long_last_message_is_cut_in_lists() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    avi.send_message(&id, &"ж".repeat(201));
    let socket = avi.connect();
    let last = &socket.ready["sessions"][0]["last_message"];
    assert_eq!(text(last, "text"), "ж".repeat(200));
    assert_eq!(last["cut"], true);
    avi.send_message(&id, &"ж".repeat(200));
    let socket = avi.connect();
    let last = &socket.ready["sessions"][0]["last_message"];
    assert_eq!(text(last, "text"), "ж".repeat(200));
    assert_eq!(last["cut"], Value::Null, "whole");
}

#[test]
fn first_messages_that_cross_open_one_session_with_one_order() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut watching = [avi.connect(), lisa.connect()];
    std::thread::scope(|scope| {
        for (person, to) in [(&avi, "lisa"), (&lisa, "avi"), (&avi, "lisa"), (&lisa, "avi")] {
            let mut socket = person.connect();
            scope.spawn(move || {
                for number in 0..5 {
                    socket.ok(json!({"type": "send", "to": to, "text": format!("{number} to {to}")}));
                }
            });
        }
    });
    let received = watching.each_mut().map(|socket| {
        // Announced once, and before anything that happens in it.
        let added = socket.wait_for("the session", |frame| frame["type"] != "presence");
        assert_eq!(added["type"], "session_added");
        let id = text(&added["session"], "id").to_owned();
        let sent: Vec<String> = (0..20).map(|_| socket.receive(&id)).collect();
        socket.expect_no("session_added");
        sent
    });
    assert_eq!(received[0], received[1]);
}
