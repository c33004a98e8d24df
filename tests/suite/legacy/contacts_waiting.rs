//! The contacts system over Socket.IO: what waits for somebody, and when they have received it.

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
fn what_waits_is_told_at_the_next_join_in_order_and_once() {
    let server = Server::with(&SETTLED);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let of = [("Lisa", befriend(&lisa, &avi), &lisa), ("Noa", befriend(&noa, &avi), &noa)];
    let mut kept = 0;
    for carrier in CARRIERS {
        for number in 0..3 {
            for (name, session, sender) in &of {
                sender.say(session, &format!("{name} {number}"));
            }
        }
        kept += 6;
        let mut his = Contact::joined(&server, carrier, &avi, "Lisa");
        his.joins("Noa");
        let mut heard: Vec<_> = (0..6).map(|_| his.hear()).collect();
        for (name, ..) in &of {
            let from: Vec<_> = heard.extract_if(.., |(sender, _)| sender == name).map(|(_, words)| words).collect();
            assert_eq!(from, [0, 1, 2].map(|number| format!("{name} {number}")));
        }
        his.say("Avi&Lisa", "and on");
        assert_eq!(his.hear().1, "and on", "each came once");
        kept += 1;
        received(&server, kept);
        drop(his);
        let mut again = Contact::joined(&server, carrier, &avi, "Noa");
        again.say("Avi&Noa", "back");
        assert_eq!(again.hear().1, "back");
        kept += 1;
        received(&server, kept);
    }
}

#[test]
fn long_waits_are_told_whole() {
    let mut server = Server::with(&[&SETTLED[..], &UNHURRIED, &[("PARLOR_REQUESTS_PER_SECOND", "0")]].concat());
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let (hers, others) = (befriend(&lisa, &avi), befriend(&noa, &avi));
    let mut lisas = lisa.connect();
    for number in 0..450 {
        lisas.tell(json!({"type": "send", "session": hers, "text": format!("{number}")}));
    }
    lisas.fence();
    until("all are kept", PATIENCE, || server.count("SELECT count(*) FROM messages") == 450);
    noa.say(&others, "and one");
    for carrier in [Carrier::Polling, Carrier::Socket] {
        let mut his = Contact::joined(&server, carrier, &avi, "Lisa");
        let mut next = 0;
        for _ in 0..451 {
            let (sender, words) = his.hear();
            if sender == "Lisa" {
                assert_eq!(words, next.to_string());
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
fn whoever_does_not_come_for_it_has_received_nothing() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let session = befriend(&lisa, &avi);
    for number in 0..5 {
        lisa.say(&session, &format!("{number}"));
    }
    // Joins, and comes for no answer.
    let mut his = Contact::open(&server, Carrier::Polling, &avi);
    let join = his.join("Avi&Lisa");
    his.packets.emit("join", join);
    let mut hers = lisa.connect();
    until("he is there", PATIENCE, || lisa.http.get("/users/Avi").ok()["user"]["status"] == "online");
    hers.say(&session, "5");
    hers.fence();
    assert_eq!(server.count(RECEIVED), 0);
    for carrier in [Carrier::Socket, Carrier::Polling] {
        let mut again = Contact::joined(&server, carrier, &avi, "Lisa");
        if carrier == Carrier::Socket {
            let heard: Vec<_> = (0..6).map(|_| again.hear().1).collect();
            assert_eq!(heard, ["0", "1", "2", "3", "4", "5"]);
            received(&server, 6);
        }
        again.say("Avi&Lisa", "end");
        assert_eq!(again.hear().1, "end");
        received(&server, if carrier == Carrier::Socket { 7 } else { 8 });
    }
    // What it was told was its own, once.
    let heard: Vec<_> = (0..8).map(|_| his.hear().1).collect();
    assert_eq!(heard, ["0", "1", "2", "3", "4", "5", "end", "end"]);
}

#[test]
fn messages_and_presence_come_when_the_client_has_settled() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "1"), ("PARLOR_PRESENCE_GRACE_SECONDS", "0")]);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    for carrier in CARRIERS {
        let session = befriend(&lisa, &avi);
        lisa.say(&session, "before");
        let mut his = Contact::open(&server, carrier, &avi);
        his.joins("Lisa");
        let joined = Instant::now();
        let hers = lisa.connect();
        let other = noa.connect();
        other.goodbye();
        lisa.say(&session, "meanwhile");
        assert_eq!(his.ask("Avi&Lisa", "own"), success());
        assert_eq!(his.sees(), came("Avi"));
        assert!(joined.elapsed() > Duration::from_millis(900), "{:?}", joined.elapsed());
        let heard: Vec<_> = (0..3).map(|_| his.hear().1).collect();
        assert_eq!(heard, ["before", "meanwhile", "own"]);
        assert_eq!(his.sees(), came("Lisa"), "who came and went meanwhile is not told of");
        lisa.say(&session, "at once");
        assert_eq!(his.hear().1, "at once");
        hers.goodbye();
        assert_eq!(his.sees(), went("Lisa"));
    }
}
