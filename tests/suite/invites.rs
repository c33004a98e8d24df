//! Invites: a question from one user to another, and every way it can end.

use crate::kit::*;

/// Asks by REST.
pub fn invite(from: &Person, to: &str) -> Value {
    let answer = from.http.post("/invites", json!({"username": to})).ok();
    answer["invite"].clone()
}

fn answer(person: &Person, invite: &Value, verb: &str) -> Reply {
    let path = format!("/invites/{}/{verb}", text(invite, "id"));
    person.http.post(&path, json!({}))
}

/// Ids of the invites that await an answer. What one asked stays listed after it was answered, so that whoever was away
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
    let asked = invite(&avi, "lisa");
    assert_eq!(asked["state"], "pending");
    assert_eq!(asked["from"]["username"], "avi");
    assert_eq!(asked["to"]["username"], "lisa");
    assert!(text(&asked, "expires_at") > text(&asked, "at"));
    let heard = hers.expect("invite");
    assert_eq!(heard["invite"]["id"], asked["id"]);
    assert_eq!(pending(&lisa, "in"), pending(&avi, "out"));
    assert_eq!(pending(&lisa, "out"), [""; 0]);

    let session = answer(&lisa, &asked, "accept").ok()["session"].clone();
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
    his.say(id, "hello");
    assert_eq!(hers.hear(id), "hello");
}

#[test]
fn a_rejected_invite_is_closed_and_tells_the_asker() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut his = avi.connect();
    let asked = invite(&avi, "lisa");
    assert_eq!(answer(&lisa, &asked, "reject").ok()["invite"]["state"], "rejected");
    let told = his.expect("invite_answered");
    assert_eq!(told["invite"]["id"], asked["id"]);
    assert_eq!(told["invite"]["state"], "rejected");
    for verb in ["accept", "reject"] {
        answer(&lisa, &asked, verb).refused(410, "invite_closed");
    }
    his.hears_no("session_added");
    let sessions = avi.http.get("/sessions").ok();
    assert_eq!(list(&sessions, "sessions").len(), 0);
    let sent = avi.http.get("/invites?direction=out").ok();
    assert_eq!(sent["invites"][0]["state"], "rejected", "whoever was away learns the answer");
    // A no is not for ever: he may ask anew.
    assert_ne!(invite(&avi, "lisa")["id"], asked["id"]);
}

#[test]
fn a_withdrawn_invite_is_closed() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let asked = invite(&avi, "lisa");
    let path = format!("/invites/{}", text(&asked, "id"));
    assert_eq!(avi.http.delete(&path).ok()["invite"]["state"], "withdrawn");
    answer(&lisa, &asked, "accept").refused(410, "invite_closed");
    avi.http.delete(&path).refused(410, "invite_closed");
    assert_eq!(pending(&lisa, "in"), [""; 0]);
}

#[test]
fn only_the_addressee_answers_and_only_the_asker_withdraws() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mark = register(&server, "mark");
    let asked = invite(&avi, "lisa");
    let path = format!("/invites/{}", text(&asked, "id"));
    for verb in ["accept", "reject"] {
        assert!([403, 404].contains(&answer(&avi, &asked, verb).status));
        answer(&mark, &asked, verb).refused(404, "not_found");
    }
    assert!([403, 404].contains(&lisa.http.delete(&path).status));
    mark.http.delete(&path).refused(404, "not_found");
    answer(&lisa, &asked, "accept").ok();
}

#[test]
fn asking_again_gives_the_same_invite() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut hers = lisa.connect();
    let first = invite(&avi, "lisa");
    assert_eq!(invite(&avi, "LISA")["id"], first["id"]);
    assert_eq!(pending(&lisa, "in").len(), 1);
    hers.expect("invite");
    hers.hears_no("invite");
}

#[test]
fn an_invite_waits_for_whoever_is_away_also_across_a_restart() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let asked = invite(&avi, "lisa");
    server.restart();
    let mut hers = lisa.connect();
    let waiting = list(&hers.ready, "invites").to_vec();
    assert_eq!(texts(&waiting, "id"), [text(&asked, "id")]);
    assert_eq!(waiting[0]["from"]["username"], "avi");
    let answer = json!({"type": "answer", "invite": asked["id"], "accept": true});
    let id = hers.ok(answer)["session"]["id"].clone();
    hers.hears_no("session_added");
    let ready = avi.connect().ready.clone();
    assert_eq!(ready["sessions"][0]["id"], id);
}

#[test]
fn the_socket_answers_by_id_or_by_name() {
    let server = Server::start();
    let lisa = register(&server, "lisa");
    let mut hers = lisa.connect();
    for (name, accept) in [("avi", true), ("mark", false)] {
        let asker = register(&server, name);
        let mut theirs = asker.connect();
        let asked = theirs.ok(json!({"type": "invite", "username": "lisa"}));
        let listed = hers.ok(json!({"type": "invites"}));
        assert_eq!(listed["invites"][0]["id"], asked["invite"]["id"]);
        let done = hers.ok(json!({"type": "answer", "username": name, "accept": accept}));
        assert_eq!(done["session"].is_object(), accept, "{done}");
        let told = theirs.expect("invite_answered");
        let state = if accept { "accepted" } else { "rejected" };
        assert_eq!(told["invite"]["state"], state);
    }
    // By name only what is still open can be meant.
    hers.refused(json!({"type": "answer", "username": "mark", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "username": "nobody-here", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "invite": "aaaaaaaaaaaaa", "accept": true}), "not_found");
    hers.refused(json!({"type": "answer", "accept": true}), "invalid_request");
}

#[test]
fn some_invites_make_no_sense() {
    let server = Server::start();
    let (avi, _lisa, _) = pair(&server);
    let ask = |name: &str| avi.http.post("/invites", json!({"username": name}));
    ask("lisa").refused(409, "already_connected");
    ask("nobody-here").refused(404, "unknown_user");
    ask("avi").refused(400, "invalid_request");
    let mut his = avi.connect();
    his.refused(json!({"type": "invite", "username": "lisa"}), "already_connected");
    his.refused(json!({"type": "invite", "username": "nobody-here"}), "unknown_user");
}

#[test]
fn an_asker_has_only_so_many_open_questions() {
    let server = Server::with(&[("PARLOR_PENDING_INVITES", "2")]);
    let avi = register(&server, "avi");
    for name in ["lisa", "mark", "nina"] {
        register(&server, name);
    }
    let asked = invite(&avi, "lisa");
    invite(&avi, "mark");
    avi.http.post("/invites", json!({"username": "nina"})).refused(409, "limit_reached");
    avi.http.delete(&format!("/invites/{}", text(&asked, "id"))).ok();
    invite(&avi, "nina");
}

#[test]
fn invites_come_in_pages_newest_first() {
    let server = Server::start();
    let lisa = register(&server, "lisa");
    let names = ["avi", "mark", "nina"];
    for name in names {
        invite(&register(&server, name), "lisa");
    }
    let mut heard = Vec::new();
    let mut path = "/invites?limit=2".to_owned();
    loop {
        let page = lisa.http.get(&path).ok();
        assert!(list(&page, "invites").len() <= 2);
        for one in list(&page, "invites") {
            heard.push(text(&one["from"], "username").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/invites?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(heard, ["nina", "mark", "avi"]);
}
