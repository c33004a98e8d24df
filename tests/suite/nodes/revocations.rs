//! A right that ends at one node ends at all of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Ends, nodes, pair_apart, passes};
use crate::kit::*;

/// The connections of a token that has ended are closed within this time.
const CLOSED: Duration = Duration::from_secs(2);

#[test]
fn a_revoked_token_closes_its_connections_at_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let avi = register_at(&server, 0, "avi");
    for path in ["/logout", "/tokens/id", "/me"] {
        let phone = Person::login(&server, "avi").at(&server, 1);
        let mut socket = phone.connect();
        let begun = Instant::now();
        match path {
            "/logout" => phone.at(&server, 0).http.post(path, json!({})).done(),
            "/me" => {
                let body = json!({"password": "another horse battery", "current_password": PASSWORD});
                avi.http.patch(path, body).ok();
            }
            _ => {
                let tokens = phone.http.get("/tokens").ok();
                let own = list(&tokens, "tokens").iter().find(|one| one["current"] == true).unwrap();
                avi.http.delete(&format!("/tokens/{}", text(own, "id"))).done();
            }
        }
        assert_eq!(socket.close_code(), 4502, "{path}");
        assert!(begun.elapsed() < CLOSED, "{path}: closed after {:?}", begun.elapsed());
        phone.http.get("/me").refused(401, "unauthenticated");
    }
}

#[test]
fn a_deleted_account_is_gone_at_the_other_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let (mut his, hers) = (avi.connect(), lisa.connect());
    let mut same = hers;
    let begun = Instant::now();
    lisa.at(&server, 0).delete_account();
    assert_eq!(same.close_code(), 4502);
    assert!(begun.elapsed() < CLOSED, "closed after {:?}", begun.elapsed());
    let member = his.expect("member");
    assert_eq!((&member["session"], &member["user"]["deleted"]), (&json!(id), &json!(true)));
}

/// Sends as fast as it is answered until it is stopped; returns how many.
fn send_on(person: &Person, session: &str, enough: &AtomicBool) -> u64 {
    let mut line = TrySocket::connect(person.http.endpoint(), &person.token).unwrap();
    let mut count = 0;
    while !enough.load(Ordering::Relaxed) {
        let ok = line.request(json!({"type": "send", "session": session, "text": "on and on"}), |_| ()).unwrap();
        assert_eq!(ok["type"], "ok", "{ok}");
        count += 1;
    }
    count
}

#[test]
fn a_removed_member_receives_nothing_more_while_the_other_node_goes_on_sending() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, direct) = pair_apart(&server);
    let mark = register_at(&server, 0, "mark");
    let id = group(&avi, "Trip", &[&lisa, &mark]);
    let enough = AtomicBool::new(false);
    for round in 0..5 {
        enough.store(false, Ordering::Relaxed);
        let mut hers = lisa.connect();
        let count: u64 = thread::scope(|scope| {
            let end = Ends(&enough);
            let senders: Vec<_> =
                [&avi, &mark, &mark].map(|person| scope.spawn(|| send_on(person, &id, &enough))).into_iter().collect();
            // She is in the middle of it.
            (0..20).for_each(|_| drop(hers.receive(&id)));
            // From her own node in every second round.
            remove(&avi.at(&server, round % 2).http, &id, "lisa").ok();
            let removed = hers.wait_for("the end", |frame| frame["type"] == "session_removed");
            assert_eq!((&removed["session"], &removed["reason"]), (&json!(id), &json!("removed")));
            hers.take_kept();
            // Frames of the session would fail the socket's own check.
            (0..5).for_each(|_| passes(&avi, &mut hers, &direct));
            drop(end);
            senders.into_iter().map(|sender| sender.join().expect("a sender")).sum()
        });
        passes(&avi, &mut hers, &direct);
        assert!(count > 20, "only {count} were sent");
        assert!(!hers.take_kept().iter().any(|frame| frame["session"] == *id));
        lisa.http.get(&format!("/sessions/{id}/messages")).refused(404, "not_found");
        let invite = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok()["invite"].clone();
        lisa.http.post(&format!("/invites/{}/accept", text(&invite, "id")), json!({})).ok();
        hers.goodbye();
    }
}
