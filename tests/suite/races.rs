//! Two conflicting requests at once: one is done, both sides receive the same result, and nothing is left over.
//!
//! `PARLOR_TEST_RACES` runs each of them more often.

use std::sync::Barrier;
use std::thread;

use crate::kit::*;

/// Room and time for many.
pub const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ("PARLOR_INVITES_PER_MINUTE", "0"),
];

pub fn races() -> u64 {
    knob("PARLOR_TEST_RACES", 50)
}

/// Does both in the same moment.
pub fn both<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let gate = Barrier::new(2);
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            gate.wait();
            one()
        });
        gate.wait();
        let second = other();
        (first.join().unwrap(), second)
    })
}

/// The session, where this person is in it.
fn look(person: &Person, id: &str) -> Option<Value> {
    let reply = person.http.get(&format!("/sessions/{id}"));
    if reply.status != 200 {
        reply.refused(404, "not_found");
        return None;
    }
    Some(reply.json()["session"].clone())
}

/// Every session has exactly one owner, as many steps as were received, and rows only of its own.
pub fn nothing_is_left_over(server: &Server) {
    let alive = "SELECT id FROM sessions WHERE kind < 4";
    for table in ["messages", "members", "reactions"] {
        let orphans = format!("SELECT count(*) FROM {table} WHERE session_id NOT IN ({alive})");
        until(&format!("{table} of no session"), PATIENCE, || server.count(&orphans) == 0);
    }
    let open = format!("SELECT count(*) FROM invites WHERE state = 0 AND session_id NOT IN ({alive})");
    assert_eq!(server.count(&open), 0, "questions into nothing");
    // Groups and rooms with members: one owner. `role` 2 is the owner's, `state` 0 is being in it.
    let owners = "SELECT count(*) FROM members WHERE session_id = sessions.id AND state = 0 AND role = 2";
    let people = "SELECT count(*) FROM members WHERE session_id = sessions.id AND state = 0";
    let wrong = format!("SELECT count(*) FROM sessions WHERE kind IN (1, 2) AND ({people}) > 0 AND ({owners}) <> 1");
    assert_eq!(server.count(&wrong), 0, "owners");
    let empty = format!("SELECT count(*) FROM sessions WHERE kind = 1 AND ({people}) = 0");
    assert_eq!(server.count(&empty), 0, "groups of nobody");
    let seqs = "SELECT count(*) FROM messages WHERE session_id = sessions.id";
    assert_eq!(server.count(&format!("SELECT count(*) FROM sessions WHERE kind < 4 AND seq <> ({seqs})")), 0, "seq");
}

#[test]
fn the_last_member_leaves_while_another_joins() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for _ in 0..races() {
        let (id, code) = room(&avi, json!({}));
        his.expect("session_added");
        let (left, joined) = both(
            || his.request(json!({"type": "leave", "session": id})),
            || hers.request(json!({"type": "join", "code": code})),
        );
        assert_eq!(left["type"], "ok", "{left}");
        assert_eq!(look(&avi, &id), None);
        // Within the grace period the room exists, whichever was first.
        assert_eq!(joined["type"], "ok", "{joined}");
        let now = look(&lisa, &id).expect("she is in it");
        assert_eq!((&now["role"], &now["member_count"]), (&json!("owner"), &json!(1)));
        hers.send_message(&id, "mine");
        assert_eq!(texts(&messages(&lisa, &id), "text").last().unwrap(), "mine");
        lisa.http.delete(&format!("/sessions/{id}")).done();
        hers.expect("session_removed");
    }
    nothing_is_left_over(&server);
}

#[test]
fn the_last_member_of_a_group_leaves_while_an_invite_is_accepted() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[]);
        let requested = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok();
        let accept = format!("/invites/{}/accept", text(&requested["invite"], "id"));
        let (left, accepted) = both(|| remove(&avi.http, &id, "avi"), || lisa.http.post(&accept, json!({})));
        left.ok();
        match look(&lisa, &id) {
            Some(now) => {
                accepted.ok();
                assert_eq!(now["role"], "owner");
                lisa.http.delete(&format!("/sessions/{id}")).done();
            }
            None => assert!([404, 410].contains(&accepted.status), "{}", accepted.text()),
        }
    }
    nothing_is_left_over(&server);
}

#[test]
fn two_admins_remove_each_other() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[&lisa, &mark]);
        for name in ["lisa", "mark"] {
            set_role(&avi.http, &id, name, "admin").ok();
        }
        let (hers, his) = both(|| remove(&lisa.http, &id, "mark"), || remove(&mark.http, &id, "lisa"));
        let removed = (hers.status == 200, his.status == 200);
        assert_eq!((look(&mark, &id).is_none(), look(&lisa, &id).is_none()), removed);
        assert_ne!(removed, (true, true), "who is out of it removes nobody");
        // Admins may or may not remove one another; in no case may it depend on the moment.
        for reply in [&hers, &his].into_iter().filter(|reply| reply.status != 200) {
            assert!([403, 404].contains(&reply.status), "{}", reply.text());
        }
        let notices = texts(&messages(&avi, &id), "text");
        assert_eq!(notices.len(), usize::from(removed != (false, false)));
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn the_owner_leaves_while_handing_over() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let phone = Person::login(&server, "avi");
    let (mut hers, mut marks) = (lisa.connect(), mark.connect());
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[&lisa, &mark]);
        let (left, handed) = both(|| remove(&avi.http, &id, "avi"), || set_role(&phone.http, &id, "mark", "owner"));
        left.ok();
        let now = roles(&lisa, &id);
        assert_eq!(now, roles(&mark, &id));
        assert_eq!(now.len(), 2);
        assert_eq!(now.values().filter(|role| *role == "owner").count(), 1, "{now:?}");
        if handed.status == 200 {
            assert_eq!(now["mark"], "owner");
        } else {
            handed.refused(404, "not_found");
        }
        // Clients that follow the frames know the same: the sockets check that no step is missing.
        let rev = number(&seen(&lisa, &id), "rev");
        for socket in [&mut hers, &mut marks] {
            socket.wait_for("the last step", |frame| frame["session"] == *id && frame["rev"] == rev);
        }
        let owner = if now["mark"] == "owner" { &mark } else { &lisa };
        owner.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn an_invite_is_accepted_while_it_is_withdrawn() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[]);
        let requested = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok()["invite"].clone();
        let path = format!("/invites/{}", text(&requested, "id"));
        let (accepted, withdrawn) =
            both(|| lisa.http.post(&format!("{path}/accept"), json!({})), || avi.http.delete(&path));
        let is_in = look(&lisa, &id).is_some();
        assert_eq!((accepted.status == 200, withdrawn.status == 200), (is_in, !is_in));
        let refused = if is_in { &withdrawn } else { &accepted };
        refused.refused(410, "invite_closed");
        assert_eq!(seen(&avi, &id)["member_count"], if is_in { 2 } else { 1 });
        assert_eq!(messages(&avi, &id).len(), usize::from(is_in));
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn an_invite_is_accepted_while_its_sender_loses_the_right() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[&lisa]);
        set_role(&avi.http, &id, "lisa", "admin").ok();
        let requested = lisa.http.post("/invites", json!({"username": "nina", "session": id})).ok()["invite"].clone();
        let accept = format!("/invites/{}/accept", text(&requested, "id"));
        let (accepted, lost) =
            both(|| nina.http.post(&accept, json!({})), || set_role(&avi.http, &id, "lisa", "member"));
        lost.ok();
        if look(&nina, &id).is_some() {
            accepted.ok();
        } else {
            accepted.refused(410, "invite_closed");
        }
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn a_session_is_deleted_while_others_send_to_it() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut hers = lisa.connect();
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[&lisa]);
        hers.expect("session_added");
        let (deleted, answers) = both(
            || avi.http.delete(&format!("/sessions/{id}")),
            || {
                let sends: Vec<String> =
                    (0..8).map(|_| hers.submit(json!({"type": "send", "session": id, "text": "hello"}))).collect();
                sends.iter().map(|id| hers.answer(id)).collect::<Vec<_>>()
            },
        );
        deleted.done();
        // Up to one moment kept, from then on refused.
        let kept = answers.iter().take_while(|answer| answer["type"] == "ok").count();
        assert!(answers[kept..].iter().all(|answer| answer["code"] == "not_found"), "{answers:?}");
        assert_eq!(hers.expect("session_removed")["reason"], "deleted");
        assert_eq!(look(&lisa, &id), None);
    }
    nothing_is_left_over(&server);
    assert_eq!(server.count("SELECT count(*) FROM messages"), 0);
}

#[test]
fn a_member_is_removed_while_sending() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut hers = lisa.connect();
    for _ in 0..races() {
        let (id, code) = room(&avi, json!({}));
        hers.ok(json!({"type": "join", "code": code}));
        let (removed, answers) = both(
            || remove(&avi.http, &id, "lisa"),
            || {
                let sends: Vec<String> =
                    (0..8).map(|_| hers.submit(json!({"type": "send", "session": id, "text": "hello"}))).collect();
                sends.iter().map(|id| hers.answer(id)).collect::<Vec<_>>()
            },
        );
        let rev = number(&removed.ok(), "rev");
        let kept = answers.iter().take_while(|answer| answer["type"] == "ok").count();
        assert!(answers[kept..].iter().all(|answer| answer["code"] == "not_found"), "{answers:?}");
        assert!(answers[..kept].iter().all(|answer| number(answer, "rev") < rev));
        assert_eq!(hers.expect("session_removed")["reason"], "removed");
        let received = messages(&avi, &id);
        let sent = received.iter().filter(|one| one["kind"] == "text").count();
        assert_eq!(sent, kept, "what was acknowledged, and nothing after the removal");
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn two_react_delete_and_edit_at_once() {
    let server = Server::with(&SETTINGS);
    let (avi, lisa, id) = pair(&server);
    let phone = Person::login(&server, "avi");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let thumb = percent("👍");
    for _ in 0..races() {
        let seq = number(&his.send_message(&id, "hello"), "seq");
        let path = format!("/sessions/{id}/messages/{seq}");
        let (deleted, other) = both(
            || phone.http.delete(&path),
            || match seq % 2 {
                0 => avi.http.patch(&path, json!({"text": "better"})),
                _ => lisa.http.put(&format!("{path}/reactions/{thumb}"), json!({})),
            },
        );
        deleted.ok();
        if other.status != 200 {
            other.refused(404, "not_found");
        }
        let page = avi.http.get(&format!("/sessions/{id}/messages?limit=1")).ok();
        let last = &list(&page, "messages")[0];
        assert_eq!((&last["deleted"], &last["text"], &last["reactions"]), (&json!(true), &json!(""), &Value::Null));
        hers.wait_for("the tombstone", |frame| frame["seq"] == seq && frame["deleted"] == true);
    }
    assert_eq!(server.count("SELECT count(*) FROM reactions"), 0);
    assert_eq!(seen(&lisa, &id)["unread"], 0);
}
