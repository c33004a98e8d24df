//! After a rejection the same user's next invite is delayed, and its sender cannot notice it.

use std::time::{Duration, Instant};

use crate::kit::*;

fn request(from: &Person, to: &Person) -> Value {
    from.http.post("/invites", json!({"username": to.username})).ok()["invite"].clone()
}

fn reject(person: &Person, invite: &Value) {
    let answer = person.http.post(&format!("/invites/{}/reject", text(invite, "id")), json!({})).ok();
    assert_eq!(answer["invite"]["state"], "rejected");
}

fn incoming(person: &Person) -> usize {
    list(&person.http.get("/invites").ok(), "invites").len()
}

/// An invite without what differs from one to the next.
fn shape(invite: &Value) -> Value {
    let mut shape = invite.clone();
    for field in ["id", "at", "expires_at"] {
        shape[field] = json!(invite[field].as_str().unwrap().len());
    }
    shape
}

#[test]
fn an_invite_after_a_rejection_looks_pending_and_is_not_delivered() {
    let server = Server::with(&[("PARLOR_INVITES_PER_MINUTE", "0")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut hers = lisa.connect();
    let first = request(&avi, &lisa);
    assert_eq!(hers.expect("invite")["invite"]["id"], first["id"]);
    reject(&lisa, &first);
    hers.expect("invite_answered");
    for _ in 0..20 {
        let again = request(&avi, &lisa);
        assert_eq!((again["state"].clone(), shape(&again)), (json!("pending"), shape(&first)));
        assert_eq!(request(&avi, &lisa)["id"], again["id"], "the same invite while it is pending");
        let sent = avi.http.get("/invites?direction=out").ok();
        assert_eq!(sent["invites"][0]["state"], "pending");
        // She cannot be made to answer what she has not been shown, and taking it back is nothing new to her.
        let path = format!("/invites/{}", text(&again, "id"));
        lisa.http.post(&format!("{path}/accept"), json!({})).refused(404, "not_found");
        hers.refused(json!({"type": "answer", "username": "avi", "accept": true}), "not_found");
        avi.http.delete(&path).ok();
    }
    // Nor does a group go around it.
    lisa.accepts_only_invited();
    let band = json!({"kind": "group", "title": "Band", "usernames": ["lisa"]});
    assert_eq!(avi.http.post("/sessions", band).ok()["session"]["member_count"], 1);
    hers.expect_no("invite");
    hers.expect_no("invite_answered");
    assert_eq!((incoming(&lisa), list(&lisa.connect().ready, "invites").len()), (0, 0));
}

#[test]
fn invites_of_others_are_delivered_at_once_and_the_rejecter_may_invite_back() {
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    reject(&lisa, &request(&avi, &lisa));
    request(&avi, &lisa);
    request(&noa, &lisa);
    assert_eq!(incoming(&lisa), 1, "noa's");
    // Her own question meets his hidden one.
    let crossed = request(&lisa, &avi);
    assert_eq!(crossed["state"], "accepted", "{crossed}");
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 1);
}

#[test]
fn a_deferred_invite_is_delivered_when_the_pause_is_over() {
    let pause = Duration::from_secs(2);
    let mut server = Server::with(&[("PARLOR_INVITE_PAUSE_SECONDS", "2")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let begun = Instant::now();
    reject(&lisa, &request(&avi, &lisa));
    let again = request(&avi, &lisa);
    let mut hers = lisa.connect();
    assert_eq!(hers.expect("invite")["invite"]["id"], again["id"]);
    assert!(begun.elapsed() >= pause - Duration::from_millis(100), "{:?}", begun.elapsed());
    assert_eq!(incoming(&lisa), 1);
    // Also after a restart; and one that is over before it, at once.
    reject(&lisa, &again);
    let third = request(&avi, &lisa);
    server.restart();
    until("it is delivered", PATIENCE, || incoming(&lisa) == 1);
    reject(&lisa, &third);
    let fourth = request(&avi, &lisa);
    server.terminate();
    server.sql("UPDATE invites SET deliver_at = at WHERE deliver_at IS NOT NULL");
    server.open().unwrap();
    until("it is delivered", PATIENCE, || incoming(&lisa) == 1);
    let path = format!("/invites/{}/accept", text(&fourth, "id"));
    assert_eq!(lisa.http.post(&path, json!({})).ok()["session"]["kind"], "direct");
}

#[test]
fn a_block_set_during_the_pause_keeps_it_hidden() {
    let server = Server::with(&[("PARLOR_INVITE_PAUSE_SECONDS", "1")]);
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    reject(&lisa, &request(&avi, &lisa));
    request(&avi, &lisa);
    lisa.http.put("/blocks/avi", json!({})).done();
    reject(&lisa, &request(&noa, &lisa));
    let mut hers = lisa.connect();
    request(&noa, &lisa);
    // Noa's was deferred later and comes; his was due before.
    assert_eq!(hers.expect("invite")["invite"]["from"]["username"], "noa");
    assert_eq!(incoming(&lisa), 1);
    assert_eq!(avi.http.get("/invites?direction=out").ok()["invites"][0]["state"], "pending");
}
