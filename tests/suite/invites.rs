//! Invites to direct sessions: sending, accepting, rejecting, withdrawing.

use crate::kit::*;

/// Invites by REST.
pub fn invite(from: &Person, to: &str) -> Value {
    let answer = from.http.post("/invites", json!({"username": to})).ok();
    answer["invite"].clone()
}

fn answer(person: &Person, invite: &Value, verb: &str) -> Reply {
    let path = format!("/invites/{}/{verb}", text(invite, "id"));
    person.http.post(&path, json!({}))
}

/// Ids of the invites that await an answer. An invite remains listed for its sender after it was answered, so that one who was away
/// learns the answer.
pub fn pending(person: &Person, direction: &str) -> Vec<String> {
    let answer = person.http.get(&format!("/invites?direction={direction}")).ok();
    let mut invites = list(&answer, "invites").to_vec();
    invites.retain(|one| one["state"] == "pending");
    texts(&invites, "id")
}

#[test]
fn an_accepted_invite_is_a_session_for_both() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let requested = invite(&avi, "lisa");
    assert_eq!(requested["state"], "pending");
    assert_eq!(requested["from"]["username"], "avi");
    assert_eq!(requested["to"]["username"], "lisa");
    assert!(text(&requested, "expires_at") > text(&requested, "at"));
    let received = hers.expect("invite");
    assert_eq!(received["invite"]["id"], requested["id"]);
    assert_eq!(pending(&lisa, "in"), pending(&avi, "out"));
    assert_eq!(pending(&lisa, "out"), [""; 0]);

    let session = answer(&lisa, &requested, "accept").ok()["session"].clone();
    assert_eq!(session["kind"], "direct");
    assert_eq!(session["title"], "avi");
    for (socket, other) in [(&mut his, "lisa"), (&mut hers, "avi")] {
        let added = socket.expect("session_added");
        assert_eq!(added["session"]["id"], session["id"]);
        assert_eq!(added["session"]["title"], other);
    }
    let answered = his.expect("invite_answered");
    assert_eq!(answered["invite"]["state"], "accepted");
    assert_eq!(pending(&lisa, "in"), [""; 0], "no invite is left");
    let id = text(&session, "id");
    his.send_message(id, "hello");
    assert_eq!(hers.receive(id), "hello");
}

#[test]
fn a_rejected_invite_is_closed_and_its_sender_notified() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut his = avi.connect();
    let requested = invite(&avi, "lisa");
    assert_eq!(answer(&lisa, &requested, "reject").ok()["invite"]["state"], "rejected");
    let received = his.expect("invite_answered");
    assert_eq!(received["invite"]["id"], requested["id"]);
    assert_eq!(received["invite"]["state"], "rejected");
    for verb in ["accept", "reject"] {
        answer(&lisa, &requested, verb).refused(410, "invite_closed");
    }
    his.expect_no("session_added");
    let sessions = avi.http.get("/sessions").ok();
    assert_eq!(list(&sessions, "sessions").len(), 0);
    let sent = avi.http.get("/invites?direction=out").ok();
    assert_eq!(sent["invites"][0]["state"], "rejected", "whoever was away learns the answer");
    // A rejection is not final: he may invite her again.
    assert_ne!(invite(&avi, "lisa")["id"], requested["id"]);
}

#[test]
fn a_withdrawn_invite_is_closed() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let requested = invite(&avi, "lisa");
    let path = format!("/invites/{}", text(&requested, "id"));
    assert_eq!(avi.http.delete(&path).ok()["invite"]["state"], "withdrawn");
    answer(&lisa, &requested, "accept").refused(410, "invite_closed");
    avi.http.delete(&path).refused(410, "invite_closed");
    assert_eq!(pending(&lisa, "in"), [""; 0]);
}

#[test]
fn only_the_recipient_answers_and_only_the_sender_withdraws() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mark = register(&server, "mark");
    let requested = invite(&avi, "lisa");
    let path = format!("/invites/{}", text(&requested, "id"));
    for verb in ["accept", "reject"] {
        assert!([403, 404].contains(&answer(&avi, &requested, verb).status));
        answer(&mark, &requested, verb).refused(404, "not_found");
    }
    assert!([403, 404].contains(&lisa.http.delete(&path).status));
    mark.http.delete(&path).refused(404, "not_found");
    answer(&lisa, &requested, "accept").ok();
}

#[test]
fn a_repeated_invite_is_the_same_invite() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut hers = lisa.connect();
    let first = invite(&avi, "lisa");
    assert_eq!(invite(&avi, "LISA")["id"], first["id"]);
    assert_eq!(pending(&lisa, "in").len(), 1);
    hers.expect("invite");
    hers.expect_no("invite");
}

#[test]
fn an_invite_waits_for_a_recipient_who_is_offline_also_across_a_restart() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let requested = invite(&avi, "lisa");
    server.restart();
    let mut hers = lisa.connect();
    let waiting = list(&hers.ready, "invites").to_vec();
    assert_eq!(texts(&waiting, "id"), [text(&requested, "id")]);
    assert_eq!(waiting[0]["from"]["username"], "avi");
    let answer = json!({"type": "answer", "invite": requested["id"], "accept": true});
    let id = hers.ok(answer)["session"]["id"].clone();
    hers.expect_no("session_added");
    let ready = avi.connect().ready.clone();
    assert_eq!(ready["sessions"][0]["id"], id);
}

#[test]
fn the_socket_answers_by_id_or_by_name() {
    let server = Server::start();
    let lisa = register(&server, "lisa");
    let mut hers = lisa.connect();
    for (name, accept) in [("avi", true), ("mark", false)] {
        let sender = register(&server, name);
        let mut theirs = sender.connect();
        let requested = theirs.ok(json!({"type": "invite", "username": "lisa"}));
        let listed = hers.ok(json!({"type": "invites"}));
        assert_eq!(listed["invites"][0]["id"], requested["invite"]["id"]);
        let done = hers.ok(json!({"type": "answer", "username": name, "accept": accept}));
        assert_eq!(done["session"].is_object(), accept, "{done}");
        let received = theirs.expect("invite_answered");
        let state = if accept { "accepted" } else { "rejected" };
        assert_eq!(received["invite"]["state"], state);
    }
    // By name only what is still open can be meant.
    hers.refused(json!({"type": "answer", "username": "mark", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "username": "nobody-here", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "invite": "aaaaaaaaaaaaa", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "accept": true}), "invalid_request");
}

#[test]
fn impossible_invites_are_refused() {
    let server = Server::start();
    let (avi, _lisa, _) = pair(&server);
    let request = |name: &str| avi.http.post("/invites", json!({"username": name}));
    request("lisa").refused(409, "already_connected");
    request("nobody-here").refused(404, "unknown_user");
    request("avi").refused(400, "invalid_request");
    let mut his = avi.connect();
    his.refused(json!({"type": "invite", "username": "lisa"}), "already_connected");
    his.refused(json!({"type": "invite", "username": "nobody-here"}), "unknown_user");
}

#[test]
fn a_sender_has_a_maximum_of_open_invites() {
    let server = Server::with(&[("PARLOR_PENDING_INVITES", "2")]);
    let avi = register(&server, "avi");
    for name in ["lisa", "mark", "nina"] {
        register(&server, name);
    }
    let requested = invite(&avi, "lisa");
    invite(&avi, "mark");
    avi.http.post("/invites", json!({"username": "nina"})).refused(409, "limit_reached");
    avi.http.delete(&format!("/invites/{}", text(&requested, "id"))).ok();
    invite(&avi, "nina");
}

#[test]
fn invites_are_paginated_newest_first() {
    let server = Server::start();
    let lisa = register(&server, "lisa");
    let names = ["avi", "mark", "nina"];
    for name in names {
        invite(&register(&server, name), "lisa");
    }
    let mut received = Vec::new();
    let mut path = "/invites?limit=2".to_owned();
    loop {
        let page = lisa.http.get(&path).ok();
        assert!(list(&page, "invites").len() <= 2);
        for one in list(&page, "invites") {
            received.push(text(&one["from"], "username").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/invites?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(received, ["nina", "mark", "avi"]);
}
