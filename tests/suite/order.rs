//! Order: many send at once in one session, and all receive the same messages once and in the same order.
//!
//! That `rev` goes up by one on every connection, with its own `ok`s standing where the events would, is what every
//! connection of the kit checks on its own (`Stream`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::kit::*;

const SETTINGS: [(&str, &str); 4] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_USER_CONNECTIONS", "0"),
    // Order must not come from everyone sitting on one thread.
    ("PARLOR_WORKERS", "3"),
];
/// Connections of each of the two.
const CONNECTIONS: u64 = 6;
/// Messages of each of them.
const SENDS: u64 = 100;
/// Sends of one connection that are under way at once.
const WINDOW: usize = 8;
/// All messages.
const ALL: usize = (2 * CONNECTIONS * SENDS) as usize;

/// Sends its messages and reads until it has received all; returns them by `seq`.
fn talk(mut line: TrySocket, session: &str, name: &str) -> BTreeMap<u64, String> {
    let mut content = (1..=SENDS).map(|count| format!("{name}, {count}"));
    let (mut known, mut waiting) = (BTreeMap::new(), VecDeque::new());
    while known.len() < ALL {
        while waiting.len() < WINDOW
            && let Some(text) = content.next()
        {
            let id = line.submit(json!({"type": "send", "session": session, "text": text})).unwrap();
            waiting.push_back((id, text));
        }
        let frame = line.receive(PATIENCE).unwrap().unwrap_or_else(|| panic!("{} of {ALL} received", known.len()));
        let received = match text(&frame, "type") {
            "message" => text(&frame, "text").to_owned(),
            "ok" => {
                let (id, text) = waiting.pop_front().expect("something asked");
                assert_eq!(frame["id"], id.as_str(), "answered in the order sent");
                text
            }
            "presence" | "receipt" => continue,
            other => panic!("unexpected {other}: {frame}"),
        };
        let seq = number(&frame, "seq");
        let before = known.insert(seq, received);
        assert_eq!(before, None, "seq {seq} came twice");
        // Others' and own in one stream, without a hole; nothing but messages happens here.
        assert_eq!((known.len() as u64, number(&frame, "rev")), (seq, seq), "{frame}");
    }
    known
}

#[test]
fn all_connections_receive_the_same_messages_once_and_in_the_same_order() {
    let _alone = alone();
    let server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    // All connect before the first message, since their record begins with it.
    let devices = (1..=CONNECTIONS).flat_map(|number| [(&avi, number), (&lisa, number)]);
    let devices: Vec<(TrySocket, String)> = devices
        .map(|(person, number)| (connect(person).unwrap(), format!("{}, device {number}", person.username)))
        .collect();
    let names: Vec<String> = devices.iter().map(|(_, name)| name.clone()).collect();
    let session = session.as_str();
    let received: Vec<BTreeMap<u64, String>> = thread::scope(|scope| {
        let talk = |(line, name): (TrySocket, String)| scope.spawn(move || talk(line, session, &name));
        let talks: Vec<_> = devices.into_iter().map(talk).collect();
        talks.into_iter().map(|talk| talk.join().expect("a talk")).collect()
    });
    let texts = SessionReplica::load(&avi, session).texts();
    for known in received {
        assert!(known.into_values().eq(texts.iter().cloned()), "a connection knows something else than a fresh load");
    }
    // The messages of one connection are in the order in which it sent them.
    for name in names {
        let own = format!("{name}, ");
        let counts: Vec<u64> = texts.iter().filter_map(|text| text.strip_prefix(&own)?.parse().ok()).collect();
        assert_eq!(counts, (1..=SENDS).collect::<Vec<_>>(), "{name}");
    }
}

fn connect(person: &Person) -> OrLost<TrySocket> {
    TrySocket::connect(person.http.endpoint(), &person.token)
}

/// Sends without a pause until it is stopped.
fn talk_on(person: &Person, session: &str, enough: &AtomicBool) {
    let mut line = connect(person).unwrap();
    while !enough.load(Ordering::Relaxed) {
        let ok =
            line.request(json!({"type": "send", "session": session, "text": "and another thing"}), |_| ()).unwrap();
        assert_eq!(ok["type"], "ok", "{ok}");
    }
}

/// Comes in the middle of it: the events go on exactly where the snapshot of `ready` ends.
fn drop_in(person: &Person, session: &str) {
    let mut line = connect(person).unwrap();
    let received = line.ready["sessions"].as_array().unwrap().iter().find(|one| one["id"] == session).unwrap().clone();
    let (rev, last) = (number(&received, "rev"), received["last_message"].clone());
    assert_eq!(received["seq"], rev, "{received}");
    if rev > 0 {
        assert_eq!((&last["seq"], &last["rev"]), (&received["seq"], &received["rev"]), "one snapshot: {received}");
    }
    let mut next = rev + 1;
    while next <= rev + 5 {
        let frame = line.receive(PATIENCE).unwrap().expect("a message");
        if frame["type"] == "message" {
            assert_eq!((&frame["seq"], &frame["rev"]), (&json!(next), &json!(next)), "after ready at {rev}");
            next += 1;
        }
    }
    // And the `sync` of the time before joins it without a gap.
    let mut held = SessionReplica::default();
    held.catch_up(&mut line, session, |_| ()).unwrap();
    held.is_whole();
    assert!(held.rev >= next - 1);
}

#[test]
fn a_connection_made_during_sends_continues_where_ready_ended() {
    let _alone = alone();
    let server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let (session, enough) = (session.as_str(), AtomicBool::new(false));
    thread::scope(|scope| {
        for person in [&avi, &lisa, &avi, &lisa] {
            scope.spawn(|| talk_on(person, session, &enough));
        }
        let visits: Vec<_> = [&avi, &lisa, &avi]
            .map(|person| scope.spawn(|| (0..40).for_each(|_| drop_in(person, session))))
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        // Before any of them fails the test, or the talk would go on for ever.
        enough.store(true, Ordering::Relaxed);
        visits.into_iter().for_each(|visit| visit.expect("a visit"));
    });
}
