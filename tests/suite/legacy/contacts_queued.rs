//! The contacts system over Socket.IO: messages queued for a user, and when they count as received.

use std::time::{Duration, Instant};

use crate::kit::*;

/// What Avi has received of all, as the database has it.
const RECEIVED: &str =
    "SELECT coalesce(sum(received), 0) FROM members JOIN users ON id = user_id WHERE username = 'Avi'";

#[track_caller]
fn received(server: &Server, count: i64) {
    until("what was taken is received", PATIENCE, || server.count(RECEIVED) == count);
}

#[test]
fn queued_messages_are_sent_at_the_next_join_in_order_and_once() {
    let server = Server::with(&SETTLED);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let of = [("Lisa", befriend(&lisa, &avi), &lisa), ("Noa", befriend(&noa, &avi), &noa)];
    let mut kept = 0;
    for transport in TRANSPORTS {
        for number in 0..3 {
            for (name, session, sender) in &of {
                sender.send_message(session, &format!("{name} {number}"));
            }
        }
        kept += 6;
        let mut his = Contact::joined(&server, transport, &avi, "Lisa");
        his.joins("Noa");
        let mut delivered: Vec<_> = (0..6).map(|_| his.receive()).collect();
        for (name, ..) in &of {
            let from: Vec<_> =
                delivered.extract_if(.., |(sender, _)| sender == name).map(|(_, content)| content).collect();
            assert_eq!(from, [0, 1, 2].map(|number| format!("{name} {number}")));
        }
        his.send_message("Avi&Lisa", "and on");
        assert_eq!(his.receive().1, "and on", "each came once");
        kept += 1;
        received(&server, kept);
        drop(his);
        let mut again = Contact::joined(&server, transport, &avi, "Noa");
        again.send_message("Avi&Noa", "back");
        assert_eq!(again.receive().1, "back");
        kept += 1;
        received(&server, kept);
    }
}

#[test]
fn a_long_queue_is_sent_completely() {
    let mut server = Server::with(&[&SETTLED[..], &UNHURRIED, &[("PARLOR_REQUESTS_PER_SECOND", "0")]].concat());
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let (hers, others) = (befriend(&lisa, &avi), befriend(&noa, &avi));
    let mut lisas = lisa.connect();
    for number in 0..450 {
        lisas.submit(json!({"type": "send", "session": hers, "text": format!("{number}")}));
    }
    lisas.fence();
    until("all are kept", PATIENCE, || server.count("SELECT count(*) FROM messages") == 450);
    noa.send_message(&others, "and one");
    for transport in [Transport::Polling, Transport::Socket] {
        let mut his = Contact::joined(&server, transport, &avi, "Lisa");
        let mut next = 0;
        for _ in 0..451 {
            let (sender, content) = his.receive();
            if sender == "Lisa" {
                assert_eq!(content, next.to_string());
                next += 1;
            }
        }
        assert_eq!(next, 450);
        received(&server, 451);
        // As if nothing had been received, for the next one.
        drop(his);
        server.terminate();
        server.sql("UPDATE members SET received = 0");
        server.open().unwrap();
    }
}

#[test]
fn a_client_that_does_not_poll_has_received_nothing() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let session = befriend(&lisa, &avi);
    for number in 0..5 {
        lisa.send_message(&session, &format!("{number}"));
    }
    // Joins, and comes for no answer.
    let mut his = Contact::open(&server, Transport::Polling, &avi);
    let join = his.join("Avi&Lisa");
    his.packets.emit("join", join);
    let mut hers = lisa.connect();
    until("he is there", PATIENCE, || lisa.http.get("/users/Avi").ok()["user"]["status"] == "online");
    hers.send_message(&session, "5");
    hers.fence();
    assert_eq!(server.count(RECEIVED), 0);
    for transport in [Transport::Socket, Transport::Polling] {
        let mut again = Contact::joined(&server, transport, &avi, "Lisa");
        if transport == Transport::Socket {
            let delivered: Vec<_> = (0..6).map(|_| again.receive().1).collect();
            assert_eq!(delivered, ["0", "1", "2", "3", "4", "5"]);
            received(&server, 6);
        }
        again.send_message("Avi&Lisa", "end");
        assert_eq!(again.receive().1, "end");
        received(&server, if transport == Transport::Socket { 7 } else { 8 });
    }
    // It received its own message, once.
    let delivered: Vec<_> = (0..8).map(|_| his.receive().1).collect();
    assert_eq!(delivered, ["0", "1", "2", "3", "4", "5", "end", "end"]);
}

#[test]
fn messages_and_presence_are_sent_after_the_settling_time() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "1"), ("PARLOR_PRESENCE_GRACE_SECONDS", "0")]);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    for transport in TRANSPORTS {
        let session = befriend(&lisa, &avi);
        lisa.send_message(&session, "before");
        let mut his = Contact::open(&server, transport, &avi);
        his.joins("Lisa");
        let joined = Instant::now();
        let hers = lisa.connect();
        let other = noa.connect();
        other.goodbye();
        lisa.send_message(&session, "meanwhile");
        assert_eq!(his.request("Avi&Lisa", "own"), success());
        assert_eq!(his.expect_presence(), online_event("Avi"));
        assert!(joined.elapsed() > Duration::from_millis(900), "{:?}", joined.elapsed());
        let received: Vec<_> = (0..3).map(|_| his.receive().1).collect();
        assert_eq!(received, ["before", "meanwhile", "own"]);
        assert_eq!(his.expect_presence(), online_event("Lisa"), "a user who came and left is not announced");
        lisa.send_message(&session, "at once");
        assert_eq!(his.receive().1, "at once");
        hers.goodbye();
        assert_eq!(his.expect_presence(), offline_event("Lisa"));
    }
}
