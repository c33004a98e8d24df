//! `kill -9` at random moments, under 10 senders and 20 readers that catch up by `sync`: promises 1 to 4 at their worst.
//!
//! `PARLOR_TEST_KILLS=50` is the long form.

mod gate;
mod reader;
mod sender;

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use gate::Gate;
use reader::Reader;
use sender::Sender;

use crate::kit::*;

/// Ready again by then, each time.
const READY: Duration = Duration::from_secs(3);

const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_USER_CONNECTIONS", "0"),
    ("PARLOR_WORKERS", "2"),
];

#[test]
fn nothing_acknowledged_is_lost_to_kill_9_and_nothing_doubled() {
    let _alone = alone();
    let mut random = Random::new(seed());
    let mut server = Server::with(&SETTINGS);
    let people: Vec<Person> = (0..10).map(|number| register(&server, &format!("user{number}"))).collect();
    let sessions: Vec<String> = people.chunks(2).map(|two| befriend(&two[0], &two[1])).collect();
    let places = || people.iter().enumerate().map(|(place, person)| (person, sessions[place / 2].as_str()));
    let gate = &Gate::default();
    gate.open();
    let (sent, read, mut starts) = thread::scope(|scope| {
        let senders: Vec<_> =
            places().map(|(person, session)| scope.spawn(move || Sender::new(person, session).run(gate))).collect();
        let readers: Vec<_> = places()
            .chain(places())
            .map(|(person, session)| scope.spawn(move || Reader::new(person, session).run(gate)))
            .collect();
        let _watch = gate.watch();
        let starts = kill_and_start(&mut server, gate, &mut random);
        gate.stop_sending();
        let sent: Vec<Sender> = senders.into_iter().map(|one| one.join().expect("a sender")).collect();
        gate.end_at(totals(&sent));
        let read: Vec<Reader> = readers.into_iter().map(|one| one.join().expect("a reader")).collect();
        (sent, read, starts)
    });
    starts.sort();
    let messages: usize = sent.iter().map(|sender| sender.seqs.len()).sum();
    println!(
        "{} kills, {messages} messages, ready again in {:?} (median), {:?} (worst)",
        starts.len(),
        starts[starts.len() / 2],
        starts[starts.len() - 1]
    );
    for (person, session) in places() {
        let fresh = SessionReplica::load(person, session);
        fresh.is_whole();
        let (sent, read): (Vec<_>, Vec<_>) = (
            sent.iter().filter(|one| one.session == session).collect(),
            read.iter().filter(|one| one.session == session && one.username() == person.username).collect(),
        );
        assert_eq!((sent.len(), read.len()), (2, 2));
        check_sent(&fresh, &sent);
        read.iter().for_each(|reader| reader.check(&fresh));
    }
    sent.iter().for_each(Sender::retry_sends);
}

/// How long each new start took.
fn kill_and_start(server: &mut Server, gate: &Gate, random: &mut Random) -> Vec<Duration> {
    let kills = knob("PARLOR_TEST_KILLS", 10);
    let start = |_| {
        // Anything from the first moments, while all come back, to full speed.
        gate.wait_for_answers(random.below(500));
        thread::sleep(Duration::from_micros(random.below(150_000)));
        server.kill();
        let begun = Instant::now();
        server.open().unwrap_or_else(|log| panic!("no start after a kill:\n{log}"));
        let took = begun.elapsed();
        assert!(took < READY, "ready again only after {took:?}");
        gate.open();
        took
    };
    (0..kills).map(start).collect()
}

/// How many messages each session must have, when every send has been answered.
fn totals(sent: &[Sender]) -> BTreeMap<String, u64> {
    let mut totals = BTreeMap::new();
    for sender in sent {
        *totals.entry(sender.session.to_owned()).or_default() += sender.seqs.len() as u64;
    }
    totals
}

/// Every message that was answered is there once, at the `seq` of the answer, and nothing else is.
fn check_sent(fresh: &SessionReplica, sent: &[&Sender]) {
    let mut wanted = BTreeMap::new();
    for sender in sent {
        for (key, seq) in &sender.seqs {
            let before = wanted.insert(*seq, sender.text(*key));
            assert_eq!(before, None, "seq {seq} was given twice");
        }
    }
    let found: BTreeMap<u64, String> =
        fresh.messages.iter().map(|(seq, message)| (*seq, text(message, "text").to_owned())).collect();
    assert!(found == wanted, "found {} messages, {} were answered", found.len(), wanted.len());
}
