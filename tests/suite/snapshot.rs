//! `ready` is one snapshot, and every later event follows once.

use crate::kit::*;

#[test]
fn ready_is_one_snapshot_of_everything_of_the_user() {
    let server = Server::start();
    let (avi, _lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    mark.http.post("/invites", json!({"username": "avi"})).ok();
    avi.send_message(&session, "hello");
    let ready = avi.connect().ready.clone();
    assert_eq!(ready["user"]["id"], avi.id.as_str());
    assert_eq!(ready["user"]["username"], "avi");
    assert!(!text(&ready, "connection").is_empty());
    let about = &ready["server"];
    assert_eq!((&about["name"], &about["protocol"]), (&json!("parlor"), &json!(1)));
    assert!(!text(about, "version").is_empty() && !text(about, "epoch").is_empty());
    assert_eq!(ready["heartbeat_seconds"], 25);
    assert_eq!(ready["sessions"][0]["id"], session.as_str());
    assert_eq!(ready["sessions"][0]["rev"], 1);
    assert_eq!(ready["invites"][0]["from"]["username"], "mark");
    assert!(ready["online"].is_array());
    for absent in ["sessions_next", "invites_next"] {
        assert_eq!(ready[absent], Value::Null, "there is no next page");
    }
}

#[test]
fn ready_has_every_limit() {
    let server = Server::with(&[("PARLOR_SENDS_BURST", "17")]);
    let ready = register(&server, "avi").connect().ready.clone();
    for (name, value) in [
        ("text_bytes", 16384),
        ("frame_bytes", 65536),
        ("queue_bytes", 1_048_576),
        ("sends_per_second", 20),
        ("sends_burst", 17),
        ("frames_per_second", 60),
        ("frames_burst", 200),
        ("user_connections", 20),
        ("pending_invites", 500),
    ] {
        assert_eq!(ready["limits"][name], value, "{name}");
    }
}

#[test]
fn events_in_a_snapshot_are_not_sent_again_and_later_ones_are() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut socket = avi.connect();
            for number in 1..=300 {
                socket.send_message(&session, &number.to_string());
            }
        });
        // The kit fails on any event that does not continue where the snapshot ends.
        for _ in 0..20 {
            let mut socket = lisa.connect();
            let mut seq = number(&socket.ready["sessions"][0], "seq");
            let until = (seq + 5).min(300);
            while seq < until {
                seq = number(&socket.expect("message"), "seq");
            }
        }
    });
}

#[test]
fn ready_has_the_first_pages_and_their_cursors() {
    let server = Server::with(&[("PARLOR_SESSIONS_PER_MINUTE", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")]);
    let avi = register(&server, "avi");
    for number in 0..101 {
        let name = format!("user{number:03}");
        server.http().post("/register", json!({"username": name, "password": PASSWORD})).ok();
        if number < 51 {
            Person::login(&server, &name).http.post("/invites", json!({"username": "avi"})).ok();
        }
    }
    let lisa = register(&server, "lisa");
    for number in 0..101 {
        let name = format!("user{number:03}");
        lisa.http.post("/sessions", json!({"kind": "direct", "username": name})).ok();
    }
    let pages = |person: &Person, of: &str, first: usize, all: usize| {
        let mut socket = person.connect();
        let mut ids = texts(list(&socket.ready, of), "id");
        assert_eq!(ids.len(), first, "{of} in ready");
        let mut next = socket.ready[format!("{of}_next")].clone();
        while next.is_string() {
            let page = socket.ok(json!({"type": of, "cursor": next}));
            ids.extend(texts(list(&page, of), "id"));
            next = page["next"].clone();
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "{of} in all");
    };
    pages(&lisa, "sessions", 100, 101);
    pages(&avi, "invites", 50, 51);
}

#[test]
fn a_session_opened_during_a_handshake_is_neither_lost_nor_sent_twice() {
    let server = Server::with(&[("PARLOR_SESSIONS_PER_MINUTE", "0")]);
    let lisa = register(&server, "lisa");
    for number in 0..8 {
        let person = register(&server, &format!("user{number}"));
        std::thread::scope(|scope| {
            let opening = scope.spawn(|| befriend(&person, &lisa));
            let mut hers = lisa.connect();
            let id = opening.join().unwrap();
            person.send_message(&id, "hello");
            // Whichever announced the session to her, she receives its messages.
            let inside = list(&hers.ready, "sessions").iter().any(|one| one["id"] == id.as_str());
            assert_eq!(hers.receive(&id), "hello");
            let kept = hers.take_kept();
            let added = kept.iter().filter(|one| one["type"] == "session_added" && one["session"]["id"] == id.as_str());
            assert_eq!(added.count(), usize::from(!inside));
            hers.goodbye();
        });
    }
}
