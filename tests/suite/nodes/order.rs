//! Many write at two nodes into one session: every reader at every node receives the same messages once and in the same order,
//! whatever holds up the database meanwhile.
//!
//! `PARLOR_TEST_NODE_SENDS` sets how many messages.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::writer::Writer;
use super::{Ends, nodes};
use crate::kit::*;

/// Writers at each node.
const WRITERS: u64 = 4;
/// No send to another session may take longer while one is locked.
const UNDISTURBED: Duration = Duration::from_millis(500);
/// A send may be held up by several locks in a row.
const HELD_UP: Duration = Duration::from_secs(60);

fn sends() -> u64 {
    knob("PARLOR_TEST_NODE_SENDS", 2_000) / (2 * WRITERS)
}

/// Locks the session's row for a while, now and then.
fn lock_now_and_then(url: &str, text: &str, enough: &AtomicBool) {
    let mut db = PgConnection::establish(url).unwrap();
    let row = format!("(SELECT session_id FROM messages WHERE text = '{text}')");
    for seconds in [1, 2, 5].into_iter().cycle() {
        db.batch_execute(&format!("BEGIN; SELECT 1 FROM sessions WHERE id = {row} FOR UPDATE")).unwrap();
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end && !enough.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
        db.batch_execute("COMMIT").unwrap();
        if enough.load(Ordering::Relaxed) {
            return;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Reads live until all have come; returns the texts by `seq`.
fn read_live(mut line: TrySocket, session: &str, all: u64) -> BTreeMap<u64, String> {
    let mut known = BTreeMap::new();
    while (known.len() as u64) < all {
        let frame = line.receive(HELD_UP).unwrap().unwrap_or_else(|| panic!("{} of {all} received", known.len()));
        if frame["type"] == "message" && frame["session"] == *session {
            // After the first message, which was there before.
            let seq = known.len() as u64 + 2;
            assert_eq!((&frame["seq"], &frame["rev"]), (&json!(seq), &json!(seq)), "{frame}");
            known.insert(seq, text(&frame, "text").to_owned());
        }
    }
    known
}

/// Reads by cursor until all have come, from each node in turn.
fn read_pages(people: [&Person; 2], session: &str, all: u64) -> BTreeMap<u64, String> {
    let (mut known, mut after) = (BTreeMap::new(), 1);
    for person in people.into_iter().cycle() {
        let page = person.http.get(&format!("/sessions/{session}/messages?after={after}&limit=50")).ok();
        for message in list(&page, "messages") {
            assert_eq!(number(message, "seq"), after + 1, "a page has a gap");
            after += 1;
            known.insert(after, text(message, "text").to_owned());
        }
        if known.len() as u64 >= all {
            break;
        }
        if list(&page, "messages").is_empty() {
            thread::sleep(Duration::from_millis(20));
        }
    }
    known
}

/// Sends to a session that nobody locks until it is stopped; returns how long the slowest took.
fn probe(person: &Person, session: &str, enough: &AtomicBool) -> Duration {
    let mut line = TrySocket::connect(person.http.endpoint(), &person.token).unwrap();
    let mut slowest = Duration::ZERO;
    while !enough.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let ok = line.request(json!({"type": "send", "session": session, "text": "free"}), |_| ()).unwrap();
        assert_eq!(ok["type"], "ok", "{ok}");
        slowest = slowest.max(begun.elapsed());
        thread::sleep(Duration::from_millis(10));
    }
    slowest
}

#[test]
fn writers_at_two_nodes_make_one_order_while_their_session_is_locked_now_and_then() {
    let _alone = alone();
    let Some(server) = nodes(2) else { return };
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (session, free) = (befriend(&avi, &lisa), befriend(&avi, &nina));
    avi.send_message(&session, "before");
    let all = sends() * 2 * WRITERS;
    let places: Vec<(Person, String)> = (0..2 * WRITERS)
        .map(|number| {
            let person = [&avi, &lisa][number as usize % 2].at(&server, number as usize / 2 % 2);
            (person, format!("writer {number}, "))
        })
        .collect();
    let url = server.database().url();
    let (enough, session) = (AtomicBool::new(false), session.as_str());
    let (reads, slowest) = thread::scope(|scope| {
        let end = Ends(&enough);
        let readers: Vec<_> = [(&avi, 0), (&lisa, 1), (&lisa, 0), (&avi, 1)]
            .map(|(person, node)| TrySocket::connect(&server.node(node), &person.token).unwrap())
            .map(|line| scope.spawn(move || read_live(line, session, all)))
            .into_iter()
            .collect();
        let pages = [lisa.at(&server, 0), lisa.at(&server, 1)];
        let pages = scope.spawn(move || read_pages([&pages[0], &pages[1]], session, all));
        let probes = [(avi.at(&server, 0)), (nina.at(&server, 1))];
        let probes = probes.map(|person| {
            scope.spawn({
                let (free, enough) = (&free, &enough);
                move || probe(&person, free, enough)
            })
        });
        let locker = scope.spawn(|| lock_now_and_then(&url, "before", &enough));
        let writers: Vec<_> = places
            .iter()
            .map(|(person, name)| {
                scope.spawn(move || {
                    let mut writer = Writer::new(person);
                    (1..=sends()).for_each(|count| {
                        writer.insist(session, &format!("{name}{count}"), HELD_UP);
                    });
                })
            })
            .collect();
        let failed = writers.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        drop(end);
        locker.join().expect("the locks");
        assert_eq!(failed, 0, "a writer has failed");
        let mut reads: Vec<_> = readers.into_iter().map(|reader| reader.join().expect("a reader")).collect();
        reads.push(pages.join().expect("the reader of pages"));
        (reads, probes.map(|probe| probe.join().expect("a probe")))
    });
    let mut texts = SessionReplica::load(&avi, session).texts();
    texts.remove(0);
    for known in reads {
        assert!(known.into_values().eq(texts.iter().cloned()), "a reader knows something else than a fresh load");
    }
    for (_, name) in &places {
        let counts: Vec<u64> = texts.iter().filter_map(|text| text.strip_prefix(name)?.parse().ok()).collect();
        assert_eq!(counts, (1..=sends()).collect::<Vec<_>>(), "{name}");
    }
    println!("sends to another session took at most {slowest:?}");
    assert!(slowest.iter().all(|slowest| *slowest < UNDISTURBED), "another session was held up for {slowest:?}");
}
