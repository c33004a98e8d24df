//! The same request twice at once: it is done once, and the second is answered as if it had come later.

use crate::kit::*;
use crate::races::{SETTINGS, both, nothing_is_left_over, races};

#[test]
fn a_key_used_twice_at_once_makes_one_session() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    mark.accepts_only_invited();
    let mut hers = lisa.connect();
    for turn in 0..races() {
        let key = format!("k{turn}");
        let make = || {
            let body = match turn % 2 {
                0 => json!({"kind": "group", "title": "Trip", "usernames": ["lisa", "mark"], "key": key}),
                _ => json!({"kind": "room", "key": key}),
            };
            avi.http.post("/sessions", body).ok()["session"].clone()
        };
        let (one, other) = both(make, make);
        assert_eq!((&one["id"], &one["code"]), (&other["id"], &other["code"]));
        if turn % 2 == 0 {
            assert_eq!(hers.expect("session_added")["session"]["id"], one["id"]);
        }
        hers.expect_no("session_added");
    }
    let listed = avi.http.get("/sessions?limit=200").ok();
    assert_eq!(list(&listed, "sessions").len() as u64, races().min(200));
    let requested = mark.http.get("/invites?limit=200").ok();
    assert_eq!(list(&requested, "invites").len() as u64, races().div_ceil(2).min(200));
    nothing_is_left_over(&server);
}

#[test]
fn one_joins_twice_at_once() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for _ in 0..races() {
        let (id, code) = room(&avi, json!({}));
        let (socket, rest) = both(|| hers.ok(json!({"type": "join", "code": code})), || join(&lisa, &code));
        assert_eq!((&socket["session"]["id"], &rest["id"]), (&json!(id), &json!(id)));
        let now = seen(&lisa, &id);
        assert_eq!((&now["rev"], &now["member_count"]), (&json!(2), &json!(2)), "once");
        let state = |frame: &Value| frame["type"] == "member" && frame["session"] == *id;
        assert_eq!(his.wait_for("her coming", state)["rev"], 1);
        // She receives what follows once, whichever of the two has made her a member.
        avi.send_message(&id, "hello");
        assert_eq!(hers.receive(&id), "hello");
        hers.fence();
        assert!(!hers.take_kept().iter().any(|frame| frame["session"] == *id));
        avi.http.delete(&format!("/sessions/{id}")).done();
        hers.expect("session_removed");
    }
    nothing_is_left_over(&server);
}

#[test]
fn two_join_for_the_last_place() {
    let mut settings = SETTINGS.to_vec();
    settings.push(("PARLOR_GROUP_MEMBERS", "2"));
    let server = Server::with(&settings);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    for _ in 0..races() {
        let (id, code) = room(&avi, json!({}));
        let come = |person: &Person| person.http.post(&format!("/rooms/{code}/join"), json!({}));
        let (one, other) = both(|| come(&lisa), || come(&mark));
        let late = if one.status == 200 { &other } else { &one };
        assert_eq!(one.status.min(other.status), 200);
        late.refused(409, "limit_reached");
        assert_eq!(roles(&avi, &id).len(), 2);
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn two_devices_accept_one_invite_and_two_users_invite_each_other() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let phone = Person::login(&server, "lisa");
    for _ in 0..races() {
        let id = group(&avi, "Trip", &[]);
        let requested = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok();
        let path = format!("/invites/{}/accept", text(&requested["invite"], "id"));
        let accept = |person: &Person| person.http.post(&path, json!({}));
        let (one, other) = both(|| accept(&lisa), || accept(&phone));
        for reply in [&one, &other].into_iter().filter(|reply| reply.status != 200) {
            reply.refused(410, "invite_closed");
        }
        assert!(one.status == 200 || other.status == 200);
        let now = seen(&lisa, &id);
        assert_eq!((&now["rev"], &now["member_count"]), (&json!(2), &json!(2)), "once");
        avi.http.delete(&format!("/sessions/{id}")).done();
    }
    nothing_is_left_over(&server);
}

#[test]
fn an_account_is_deleted_while_it_becomes_the_owner() {
    let server = Server::with(&SETTINGS);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    // Each account costs a password hash: a few of these are enough.
    for turn in 0..races().min(40) {
        let heir = register(&server, &format!("heir{turn}"));
        let id = group(&avi, "Trip", &[&lisa, &heir]);
        heir.send_message(&id, "mine");
        let (_, handed) = both(|| heir.delete_account(), || set_role(&avi.http, &id, &heir.username, "owner"));
        assert!([200, 404].contains(&handed.status), "{}", handed.text());
        let now = roles(&lisa, &id);
        assert_eq!(now.keys().map(String::as_str).collect::<Vec<_>>(), ["avi", "lisa"]);
        assert_eq!(now.values().filter(|role| *role == "owner").count(), 1, "{now:?}");
        assert_eq!(now["avi"], if handed.status == 200 { now["avi"].as_str() } else { "owner" });
        assert_eq!(messages(&lisa, &id)[0]["username"], "deleted-user");
    }
    nothing_is_left_over(&server);
}
