//! Room expiry: a room ends one grace period after its last connection, with all its messages, and never before.

use std::time::{Duration, Instant};

use crate::kit::*;

/// The shortest grace period that can be distinguished from none.
const GRACE: [(&str, &str); 5] = [
    ("PARLOR_ROOM_GRACE_SECONDS", "1"),
    ("PARLOR_ROOM_INVITE_SECONDS", "1"),
    ("PARLOR_ROOM_MISSES", "0"),
    ("PARLOR_TOTAL_ROOM_MISSES", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
];

/// Sooner than that would be a broken promise.
const SOONEST: Duration = Duration::from_millis(900);

fn is_there(person: &Person, code: &str) -> bool {
    let reply = person.http.get(&format!("/rooms/{code}"));
    if reply.status != 200 {
        reply.refused(404, "unknown_room");
    }
    reply.status == 200
}

/// Waits for the end of the room, which may not come before the grace since `begun` is over.
#[track_caller]
fn goes(person: &Person, code: &str, begun: Instant) {
    until("the room is gone", PATIENCE, || !is_there(person, code));
    assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
}

/// Remains connected for a while, and shows with a fence that it still is.
fn remains(socket: &mut Socket, time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        socket.ping();
        std::thread::yield_now();
    }
}

#[test]
fn a_room_ends_one_grace_period_after_its_last_connection_with_all_messages() {
    let server = Server::with(&GRACE);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (id, code) = room(&avi, json!({"key": "k1"}));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    hers.ok(json!({"type": "join", "code": code}));
    his.send_message(&id, "a secret between us");
    his.ok(json!({"type": "react", "session": id, "seq": 2, "emoji": "👍", "on": true}));
    his.goodbye();
    remains(&mut hers, Duration::from_millis(1_500));
    assert!(is_there(&nina, &code), "a member is connected");
    let begun = Instant::now();
    hers.cut();
    goes(&nina, &code, begun);
    for person in [&avi, &lisa] {
        person.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
        let mut socket = person.connect();
        assert!(!socket.ready.to_string().contains(&id));
        socket.ok(json!({"type": "sync", "sessions": {&id: 3}}));
        assert_eq!(socket.expect("session_removed")["reason"], "not_found");
    }
    for table in ["messages", "members", "reactions"] {
        let rows = format!("SELECT count(*) FROM {table}");
        until(&format!("no {table} are kept"), PATIENCE, || server.count(&rows) == 0);
    }
    // The key went with it: what it names now is new.
    assert_ne!(room(&avi, json!({"key": "k1"})).0, id);
}

#[test]
fn twenty_reloads_of_its_only_member_do_no_harm() {
    let server = Server::with(&GRACE);
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (id, code) = room(&avi, json!({}));
    avi.connect().send_message(&id, "hello");
    for _ in 0..20 {
        let mut his = avi.connect();
        remains(&mut his, Duration::from_millis(100));
        his.cut();
    }
    let begun = Instant::now();
    assert!(is_there(&nina, &code));
    assert_eq!(texts(&messages(&avi, &id), "text"), ["hello"]);
    goes(&nina, &code, begun);
}

#[test]
fn a_room_that_nobody_connected_to_expires() {
    let server = Server::with(&GRACE);
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let begun = Instant::now();
    let (id, code) = room(&avi, json!({}));
    // A REST request is not a connection.
    until("the room is gone", PATIENCE, || {
        avi.http.get(&format!("/sessions/{id}/messages"));
        !is_there(&nina, &code)
    });
    assert!(begun.elapsed() >= SOONEST);
}

#[test]
fn a_room_that_only_its_creator_has_been_in_outlives_the_grace_period_of_a_shared_one() {
    let mut settings = GRACE.to_vec();
    settings.push(("PARLOR_ROOM_INVITE_SECONDS", "4"));
    let mut server = Server::with(&settings);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let shared = || {
        let (_, code) = room(&avi, json!({}));
        lisa.http.post(&format!("/rooms/{code}/join"), json!({})).ok();
        code
    };
    let (id, code) = room(&avi, json!({}));
    avi.connect().send_message(&id, "Here is the link.");
    // The end of a room that was shared later shows that the short grace period is over.
    goes(&nina, &shared(), Instant::now());
    assert!(is_there(&nina, &code));
    assert_eq!(texts(&messages(&avi, &id), "text"), ["Here is the link."]);
    // A creator who leaves and comes back is still the only one; a restart changes nothing about it.
    avi.http.delete(&format!("/sessions/{id}/members/avi")).ok();
    avi.http.post(&format!("/rooms/{code}/join"), json!({})).ok();
    server.kill();
    server.open().unwrap();
    let begun = Instant::now();
    goes(&nina, &shared(), Instant::now());
    assert!(is_there(&nina, &code));
    goes(&nina, &code, begun);
    assert!(begun.elapsed() >= Duration::from_millis(3_900), "gone after {:?}", begun.elapsed());
}

#[test]
fn the_first_guest_of_a_room_ends_its_long_wait_for_an_invitation() {
    let mut settings = GRACE.to_vec();
    settings.push(("PARLOR_ROOM_INVITE_SECONDS", "3600"));
    let server = Server::with(&settings);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (id, code) = room(&avi, json!({}));
    let mut hers = lisa.connect();
    hers.ok(json!({"type": "join", "code": code}));
    // Also when that guest has left again, and the creator comes and goes.
    hers.ok(json!({"type": "leave", "session": id}));
    let his = avi.connect();
    let begun = Instant::now();
    his.cut();
    goes(&nina, &code, begun);
}

#[test]
fn a_kept_room_remains() {
    let server = Server::with(&GRACE);
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (id, code) = room(&avi, json!({"keep": true}));
    let (_, other) = room(&avi, json!({}));
    avi.connect().send_message(&id, "hello");
    // The other's end shows that the grace is over.
    goes(&nina, &other, Instant::now() - SOONEST);
    assert!(is_there(&nina, &code));
    assert_eq!(texts(&messages(&avi, &id), "text"), ["hello"]);
}

#[test]
fn the_grace_period_begins_anew_with_a_start() {
    let mut server = Server::with(&GRACE);
    let [avi, nina] = people(&server, ["avi", "nina"]);
    let (id, code) = room(&avi, json!({}));
    let (kept, kept_code) = room(&avi, json!({"keep": true}));
    let mut his = avi.connect();
    his.send_message(&id, "hello");
    his.send_message(&kept, "hello");
    let down = |server: &mut Server| {
        server.kill();
        // As if it had been down for a day.
        server.sql("UPDATE sessions SET created_at = created_at - 86400000");
        server.open().unwrap();
    };
    down(&mut server);
    let begun = Instant::now();
    assert!(is_there(&nina, &code));
    assert_eq!(texts(&messages(&avi, &id), "text"), ["hello"]);
    goes(&nina, &code, begun);
    assert!(is_there(&nina, &kept_code));
    // And a member who reconnects within it keeps the room.
    let (id, code) = room(&avi, json!({}));
    avi.send_message(&id, "hello");
    down(&mut server);
    let mut his = avi.connect();
    remains(&mut his, Duration::from_millis(1_500));
    assert_eq!(his.send_message(&id, "still here")["seq"], 2);
    assert!(is_there(&nina, &code));
}

#[test]
fn joining_within_the_grace_period_keeps_the_room() {
    let server = Server::with(&GRACE);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (id, code) = room(&avi, json!({}));
    avi.connect().send_message(&id, "hello");
    let mut hers = lisa.connect();
    hers.ok(json!({"type": "join", "code": code}));
    remains(&mut hers, Duration::from_millis(1_500));
    assert!(is_there(&nina, &code));
    assert_eq!(texts(&messages(&lisa, &id), "text")[0], "hello");
    let begun = Instant::now();
    hers.goodbye();
    goes(&nina, &code, begun);
}

#[test]
fn a_room_whose_last_member_left_can_be_joined_within_the_grace_period() {
    let server = Server::with(&GRACE);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (id, code) = room(&avi, json!({}));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&id, "hello");
    his.ok(json!({"type": "leave", "session": id}));
    avi.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    let ok = hers.ok(json!({"type": "join", "code": code}));
    assert_eq!((&ok["session"]["id"], &ok["session"]["role"]), (&json!(id), &json!("owner")));
    remains(&mut hers, Duration::from_millis(1_500));
    assert!(is_there(&nina, &code));
    hers.send_message(&id, "mine now");
    // He is still connected, but to nothing of this room: it goes.
    let begun = Instant::now();
    hers.ok(json!({"type": "leave", "session": id}));
    goes(&nina, &code, begun);
    his.fence();
}

#[test]
fn a_removed_members_connection_does_not_keep_it() {
    let server = Server::with(&GRACE);
    let [avi, lisa, nina] = people(&server, ["avi", "lisa", "nina"]);
    let (id, code) = room(&avi, json!({}));
    let (his, mut hers) = (avi.connect(), lisa.connect());
    hers.ok(json!({"type": "join", "code": code}));
    remove(&avi.http, &id, "lisa").ok();
    hers.expect("session_removed");
    let begun = Instant::now();
    his.cut();
    goes(&nina, &code, begun);
    hers.fence();
}

#[test]
fn a_join_at_the_moment_of_expiry_either_succeeds_or_is_too_late() {
    let mut settings = GRACE.to_vec();
    settings.extend(UNHURRIED);
    settings.push(("PARLOR_SESSIONS_PER_MINUTE", "0"));
    let server = Server::with(&settings);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut hers = lisa.connect();
    let begun = Instant::now();
    let rooms: Vec<(String, String)> = (0..knob("PARLOR_TEST_RACES", 50)).map(|_| room(&avi, json!({}))).collect();
    // One after the other, around the end of the first and of the last.
    let (mut joined, mut late) = (Vec::new(), 0);
    for (number, (id, code)) in rooms.iter().enumerate() {
        let moment = Duration::from_millis(900) + Duration::from_millis(8) * number as u32;
        while begun.elapsed() < moment {
            std::thread::yield_now();
        }
        let answer = hers.request(json!({"type": "join", "code": code}));
        if answer["type"] == "ok" {
            hers.send_message(id, "in time");
            joined.push((id, code));
        } else {
            assert_eq!(answer["code"], "unknown_room", "{answer}");
            late += 1;
        }
    }
    println!("{} in time, {late} too late", joined.len());
    remains(&mut hers, Duration::from_millis(1_500));
    for (id, code) in joined {
        assert!(is_there(&avi, code), "she is there");
        assert_eq!(texts(&messages(&lisa, id), "text").last().unwrap(), "in time");
        hers.send_message(id, "still");
    }
    hers.expect_no("session_removed");
}
