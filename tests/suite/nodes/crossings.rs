//! Two conflicting requests at two nodes in the same moment: one outcome, and the same at both nodes.
//!
//! `PARLOR_TEST_RACES` runs each of them more often.

use super::nodes;
use crate::invites::{invite, pending};
use crate::kit::*;
use crate::races::{both, nothing_is_left_over};

fn rounds() -> u64 {
    knob("PARLOR_TEST_RACES", 25)
}

/// The session as this person sees it at either node; `None`: not in it.
#[track_caller]
fn look(server: &Server, person: &Person, id: &str) -> Option<Value> {
    let [one, other] = [0, 1].map(|node| {
        let reply = person.at(server, node).http.get(&format!("/sessions/{id}"));
        assert!([200, 404].contains(&reply.status), "{}", reply.text());
        (reply.status == 200).then(|| reply.json()["session"].clone())
    });
    assert_eq!(one, other, "the nodes show different sessions");
    one
}

#[test]
fn crossing_invites_become_one_session() {
    let Some(server) = nodes(2) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = ["avi", "lisa"].map(|name| format!("{name}{round}"));
        let (avi, lisa) = (register_at(&server, 0, &avi), register_at(&server, 1, &lisa));
        let (mut his, mut hers) = (avi.connect(), lisa.connect());
        let (one, other) = both(
            || avi.http.post("/invites", json!({"username": lisa.username})),
            || lisa.http.post("/invites", json!({"username": avi.username})),
        );
        let states = [one.ok(), other.ok()].map(|answer| text(&answer["invite"], "state").to_owned());
        assert!(states.contains(&"accepted".to_owned()), "{states:?}");
        let [added, others] = [&mut his, &mut hers].map(|socket| socket.expect("session_added")["session"].clone());
        assert_eq!(added["id"], others["id"]);
        for (person, node) in [(&avi, 0), (&avi, 1), (&lisa, 0), (&lisa, 1)] {
            let person = person.at(&server, node);
            let sessions = person.http.get("/sessions").ok();
            assert_eq!(texts(list(&sessions, "sessions"), "id"), [text(&added, "id")]);
            assert_eq!(pending(&person, "in"), [""; 0]);
            assert_eq!(pending(&person, "out"), [""; 0]);
        }
        for socket in [&mut his, &mut hers] {
            socket.expect_no("session_added");
        }
    }
    nothing_is_left_over(&server);
}

#[test]
fn an_invite_accepted_twice_becomes_one_session() {
    let Some(server) = nodes(2) else { return };
    for round in 0..rounds() {
        let [avi, lisa] = ["avi", "lisa"].map(|name| format!("{name}{round}"));
        let (avi, lisa) = (register_at(&server, 0, &avi), register_at(&server, 1, &lisa));
        let mut his = avi.connect();
        let path = format!("/invites/{}/accept", text(&invite(&avi, &lisa.username), "id"));
        let (one, other) = both(
            || lisa.at(&server, 0).http.post(&path, json!({})),
            || lisa.at(&server, 1).http.post(&path, json!({})),
        );
        let accepted: Vec<&Reply> = [&one, &other].into_iter().filter(|reply| reply.status == 200).collect();
        assert!(!accepted.is_empty(), "{} {}", one.text(), other.text());
        for refused in [&one, &other].into_iter().filter(|reply| reply.status != 200) {
            refused.refused(410, "invite_closed");
        }
        let id = his.expect("session_added")["session"]["id"].clone();
        for reply in accepted {
            assert_eq!(reply.json()["session"]["id"], id);
        }
        assert_eq!(his.expect("invite_answered")["invite"]["state"], "accepted");
        his.expect_no("session_added");
        his.expect_no("invite_answered");
        look(&server, &lisa, id.as_str().unwrap()).expect("she is in it");
    }
    nothing_is_left_over(&server);
}

#[test]
fn a_group_handed_over_to_two_has_one_owner() {
    let Some(server) = nodes(2) else { return };
    let avi = register_at(&server, 0, "avi");
    let (lisa, mark) = (register_at(&server, 1, "lisa"), register_at(&server, 0, "mark"));
    let (mut hers, mut marks) = (lisa.connect(), mark.connect());
    for _ in 0..rounds() {
        let id = group(&avi, "Trip", &[&lisa, &mark]);
        let (one, other) = both(
            || set_role(&avi.http, &id, "lisa", "owner"),
            || set_role(&avi.at(&server, 1).http, &id, "mark", "owner"),
        );
        let done = [&one, &other].map(|reply| reply.status == 200);
        assert_ne!(done[0], done[1], "{} {}", one.text(), other.text());
        let new = if done[0] { "lisa" } else { "mark" };
        for node in 0..2 {
            let now = roles(&avi.at(&server, node), &id);
            assert_eq!(now[new], "owner", "{now:?}");
            assert_eq!(now.values().filter(|role| *role == "owner").count(), 1, "{now:?}");
        }
        let rev = number(&look(&server, &avi, &id).unwrap(), "rev");
        for socket in [&mut hers, &mut marks] {
            socket.wait_for("the last step", |frame| frame["session"] == *id && frame["rev"] == rev);
        }
        let owner = if done[0] { &lisa } else { &mark };
        owner.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn of_two_admins_who_remove_each_other_at_most_one_is_removed() {
    let Some(server) = nodes(2) else { return };
    let avi = register_at(&server, 0, "avi");
    let (lisa, mark) = (register_at(&server, 0, "lisa"), register_at(&server, 1, "mark"));
    for _ in 0..rounds() {
        let id = group(&avi, "Trip", &[&lisa, &mark]);
        for name in ["lisa", "mark"] {
            set_role(&avi.http, &id, name, "admin").ok();
        }
        let (hers, his) = both(|| remove(&lisa.http, &id, "mark"), || remove(&mark.http, &id, "lisa"));
        let removed = (hers.status == 200, his.status == 200);
        assert_ne!(removed, (true, true), "who is out of it removes nobody");
        assert_eq!((look(&server, &mark, &id).is_none(), look(&server, &lisa, &id).is_none()), removed);
        for reply in [&hers, &his].into_iter().filter(|reply| reply.status != 200) {
            assert!([403, 404].contains(&reply.status), "{}", reply.text());
        }
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn the_last_member_leaves_while_another_joins_at_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for _ in 0..rounds() {
        let (id, code) = room(&avi, json!({}));
        his.expect("session_added");
        let (left, joined) = both(
            || his.request(json!({"type": "leave", "session": id})),
            || hers.request(json!({"type": "join", "code": code})),
        );
        assert_eq!((&left["type"], &joined["type"]), (&json!("ok"), &json!("ok")), "{left} {joined}");
        assert_eq!(look(&server, &avi, &id), None);
        let now = look(&server, &lisa, &id).expect("she is in it");
        assert_eq!((&now["role"], &now["member_count"]), (&json!("owner"), &json!(1)));
        hers.send_message(&id, "mine");
        lisa.http.delete(&format!("/sessions/{id}")).done();
        hers.expect("session_removed");
    }
    nothing_is_left_over(&server);
}

#[test]
fn the_last_member_of_a_group_leaves_while_an_invite_is_accepted_at_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    for _ in 0..rounds() {
        let id = group(&avi, "Trip", &[]);
        let requested = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok();
        let accept = format!("/invites/{}/accept", text(&requested["invite"], "id"));
        let (left, accepted) = both(|| remove(&avi.http, &id, "avi"), || lisa.http.post(&accept, json!({})));
        left.ok();
        match look(&server, &lisa, &id) {
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
fn a_send_is_stored_before_a_block_or_refused() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = super::pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for round in 1..=rounds() {
        let sends = || {
            let ids: Vec<String> = (0..8)
                .map(|_| his.submit(json!({"type": "send", "session": id, "text": format!("in round {round}")})))
                .collect();
            ids.iter().map(|id| his.answer(id)).collect::<Vec<_>>()
        };
        let (answers, blocked) = both(sends, || lisa.http.put("/blocks/avi", json!({})));
        blocked.done();
        let stored = answers.iter().take_while(|answer| answer["type"] == "ok").count();
        assert!(answers[stored..].iter().all(|answer| answer["code"] == "forbidden"), "{answers:?}");
        for node in 0..2 {
            avi.at(&server, node)
                .connect()
                .refused(json!({"type": "send", "session": id, "text": "too late"}), "forbidden");
            let own = messages(&lisa.at(&server, node), &id);
            assert_eq!(own.iter().filter(|one| one["text"] == *format!("in round {round}")).count(), stored);
        }
        lisa.at(&server, round as usize % 2).http.delete("/blocks/avi").done();
        his.send_message(&id, "again");
        hers.wait_for("it", |frame| frame["type"] == "message" && frame["text"] == "again");
    }
}
