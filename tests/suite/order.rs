//! Order: many talk at once in one session, and everyone hears the same, each thing once and at its place.
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
/// What each of them says.
const SENDS: u64 = 100;
/// Sends of one connection that are under way at once.
const WINDOW: usize = 8;
/// All that will have been said.
const ALL: usize = (2 * CONNECTIONS * SENDS) as usize;

/// Says its words and listens until it has heard all; what it knows then, by `seq`.
fn talk(mut line: Line, session: &str, name: &str) -> BTreeMap<u64, String> {
    let mut words = (1..=SENDS).map(|count| format!("{name}, {count}"));
    let (mut known, mut waiting) = (BTreeMap::new(), VecDeque::new());
    while known.len() < ALL {
        while waiting.len() < WINDOW
            && let Some(text) = words.next()
        {
            let id = line.tell(json!({"type": "send", "session": session, "text": text})).unwrap();
            waiting.push_back((id, text));
        }
        let frame = line.hear(PATIENCE).unwrap().unwrap_or_else(|| panic!("{} of {ALL} heard", known.len()));
        let heard = match text(&frame, "type") {
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
        let before = known.insert(seq, heard);
        assert_eq!(before, None, "seq {seq} came twice");
        // Others' and own in one stream, without a hole; nothing but messages happens here.
        assert_eq!((known.len() as u64, number(&frame, "rev")), (seq, seq), "{frame}");
    }
    known
}

#[test]
fn everyone_hears_the_same_in_the_same_order_and_each_thing_once() {
    let _alone = alone();
    let server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    // Everyone is there before the first word, for what they know begins with it.
    let devices = (1..=CONNECTIONS).flat_map(|number| [(&avi, number), (&lisa, number)]);
    let devices: Vec<(Line, String)> = devices
        .map(|(person, number)| (connect(person).unwrap(), format!("{}, device {number}", person.username)))
        .collect();
    let names: Vec<String> = devices.iter().map(|(_, name)| name.clone()).collect();
    let session = session.as_str();
    let heard: Vec<BTreeMap<u64, String>> = thread::scope(|scope| {
        let talk = |(line, name): (Line, String)| scope.spawn(move || talk(line, session, &name));
        let talks: Vec<_> = devices.into_iter().map(talk).collect();
        talks.into_iter().map(|talk| talk.join().expect("a talk")).collect()
    });
    let texts = Held::load(&avi, session).texts();
    for known in heard {
        assert!(known.into_values().eq(texts.iter().cloned()), "a connection knows something else than a fresh load");
    }
    // What one connection said stands in the order it was said.
    for name in names {
        let own = format!("{name}, ");
        let counts: Vec<u64> = texts.iter().filter_map(|text| text.strip_prefix(&own)?.parse().ok()).collect();
        assert_eq!(counts, (1..=SENDS).collect::<Vec<_>>(), "{name}");
    }
}

fn connect(person: &Person) -> Heard<Line> {
    Line::connect(person.http.door(), &person.token)
}

/// Talks until told that it is enough, without ever pausing.
fn talk_on(person: &Person, session: &str, enough: &AtomicBool) {
    let mut line = connect(person).unwrap();
    while !enough.load(Ordering::Relaxed) {
        let ok = line.ask(json!({"type": "send", "session": session, "text": "and another thing"}), |_| ()).unwrap();
        assert_eq!(ok["type"], "ok", "{ok}");
    }
}

/// Comes in the middle of it: the events go on exactly where the snapshot of `ready` ends.
fn drop_in(person: &Person, session: &str) {
    let mut line = connect(person).unwrap();
    let told = line.ready["sessions"].as_array().unwrap().iter().find(|one| one["id"] == session).unwrap().clone();
    let (rev, last) = (number(&told, "rev"), told["last_message"].clone());
    assert_eq!(told["seq"], rev, "{told}");
    if rev > 0 {
        assert_eq!((&last["seq"], &last["rev"]), (&told["seq"], &told["rev"]), "one snapshot: {told}");
    }
    let mut next = rev + 1;
    while next <= rev + 5 {
        let frame = line.hear(PATIENCE).unwrap().expect("a message");
        if frame["type"] == "message" {
            assert_eq!((&frame["seq"], &frame["rev"]), (&json!(next), &json!(next)), "after ready at {rev}");
            next += 1;
        }
    }
    // And what `sync` says of the time before fits on to it.
    let mut held = Held::default();
    held.catch_up(&mut line, session, |_| ()).unwrap();
    held.is_whole();
    assert!(held.rev >= next - 1);
}

#[test]
fn who_comes_in_the_middle_goes_on_where_ready_ended() {
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
