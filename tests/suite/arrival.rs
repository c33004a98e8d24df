//! Arriving: the upgrade, `hello`, `ready`, and who is turned away with which code.

use std::time::Instant;

use crate::kit::*;

#[test]
fn ready_is_one_snapshot_of_everything_mine() {
    let server = Server::start();
    let (avi, _lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    mark.http.post("/invites", json!({"username": "avi"})).ok();
    avi.say(&session, "hello");
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
fn ready_tells_every_limit() {
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
fn each_connection_has_its_own_name() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (one, two) = (avi.connect(), avi.connect());
    assert_ne!(one.ready["connection"], two.ready["connection"]);
}

#[test]
fn what_a_snapshot_has_is_not_told_again_and_what_it_lacks_is() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut socket = avi.connect();
            for number in 1..=300 {
                socket.say(&session, &number.to_string());
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
fn one_need_not_wait_for_ready_to_say_more() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut socket = avi.upgrade();
    socket.send(&json!({"type": "hello", "token": avi.token}));
    socket.send(&json!({"type": "send", "id": "1", "session": session, "text": "hello"}));
    socket.send(&json!({"type": "ping", "id": "2"}));
    assert_eq!(socket.next()["type"], "ready");
    assert_eq!(socket.answer("1")["seq"], 1);
    assert_eq!(socket.answer("2")["type"], "pong");
}

#[test]
fn the_token_may_be_told_by_header_or_cookie() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let own = format!("http://{}", server.door().address());
    let bearer = format!("Bearer {}", avi.token);
    let cookie = format!("parlor_token={}", avi.token);
    for headers in [
        vec![("Authorization", bearer.as_str())],
        vec![("Cookie", cookie.as_str())],
        vec![("Cookie", cookie.as_str()), ("Origin", own.as_str())],
    ] {
        let mut socket = Socket::open(server.door(), &headers).unwrap();
        socket.send(&json!({"type": "hello"}));
        assert_eq!(socket.expect("ready")["user"]["username"], "avi", "{headers:?}");
    }
}

#[test]
fn a_foreign_page_is_refused_before_the_upgrade() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let own = format!("http://{}", server.door().address());
    let port = server.door().address().port();
    let neighbour = format!("http://127.0.0.1:{}", port ^ 1);
    for origin in [own.as_str(), "https://friend.example"] {
        assert!(Socket::open(server.door(), &[("Origin", origin)]).is_ok(), "{origin}");
    }
    for origin in ["https://evil.example", "http://friend.example", "null", &neighbour, "nonsense"] {
        match Socket::open(server.door(), &[("Origin", origin)]) {
            Ok(_) => panic!("{origin} was let in"),
            Err(reply) => drop(reply.refused(403, "forbidden")),
        }
    }
}

#[test]
fn a_cookie_is_not_honoured_for_a_friends_page() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = register(&server, "avi");
    let cookie = format!("parlor_token={}", avi.token);
    let headers = [("Origin", "https://friend.example"), ("Cookie", cookie.as_str())];
    let mut socket = Socket::open(server.door(), &headers).unwrap();
    socket.send(&json!({"type": "hello"}));
    assert_eq!(socket.close_code(), 4501, "it may connect, but with a token of its own");
}

#[test]
fn the_subprotocol_is_accepted_and_compression_is_not() {
    let server = Server::start();
    let avi = register(&server, "avi");
    // The kit fails on any extension in the answer, and on a subprotocol that was not asked for.
    let headers = [
        ("Sec-WebSocket-Protocol", "parlor.v9, parlor.v1"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ];
    let mut socket = Socket::open(server.door(), &headers).unwrap();
    assert_eq!(socket.subprotocol.as_deref(), Some("parlor.v1"));
    socket.hello(&avi.token);
    let other = Socket::open(server.door(), &[("Sec-WebSocket-Protocol", "chat")]).unwrap();
    assert_eq!(other.subprotocol, None);
}

#[test]
fn a_plain_request_is_told_to_upgrade() {
    let server = Server::start();
    let reply = server.http().get("/ws");
    assert!([400, 426].contains(&reply.status), "{}", reply.text());
}

#[test]
fn a_bad_token_is_closed_with_4501() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let forged = format!("prl_{}", "A".repeat(43));
    for hello in [
        json!({"type": "hello"}),
        json!({"type": "hello", "token": ""}),
        json!({"type": "hello", "token": "nonsense"}),
        json!({"type": "hello", "token": forged}),
        json!({"type": "hello", "token": avi.id}),
    ] {
        let mut socket = server.socket();
        socket.send(&hello);
        assert_eq!(socket.close_code(), 4501, "{hello}");
    }
}

#[test]
fn who_says_something_else_first_is_nobody() {
    let server = Server::start();
    let (_, _, session) = pair(&server);
    let mut socket = server.socket();
    socket.send(&json!({"type": "send", "session": session, "text": "hello"}));
    let code = socket.close_code();
    assert!([4500, 4501].contains(&code), "closed with {code}");
}

#[test]
fn who_says_no_hello_is_closed_with_4503() {
    let server = Server::with(&[("PARLOR_HELLO_SECONDS", "1")]);
    let avi = register(&server, "avi");
    let mut known = avi.connect();
    let mut silent = server.socket();
    let mut pinging = server.socket();
    pinging.send_frame(true, 0x9, b"not a hello");
    assert_eq!(silent.close_code(), 4503);
    assert_eq!(pinging.close_code(), 4503);
    known.fence();
}

#[test]
fn a_second_hello_changes_nothing() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let lisa = register(&server, "lisa");
    let mut socket = avi.connect();
    socket.refused(json!({"type": "hello", "token": lisa.token}), "invalid_request");
    socket.fence();
}

#[test]
fn one_connection_too_many_hears_the_limit_and_may_come_later() {
    let server = Server::with(&[("PARLOR_USER_CONNECTIONS", "2")]);
    let (avi, lisa, _) = pair(&server);
    let one = avi.connect();
    let mut two = Person::login(&server, "avi").connect();
    let mut three = avi.upgrade();
    three.send(&json!({"type": "hello", "token": avi.token}));
    assert_eq!(three.expect("error")["code"], "limit_reached");
    let (code, reason) = three.close_within(PATIENCE);
    assert_eq!(code, 1013);
    let wait = reason.strip_prefix("retry_after_ms=").expect("when to come back");
    assert!(wait.parse::<u64>().is_ok(), "{reason}");
    lisa.connect();
    two.fence();
    one.goodbye();
    avi.connect();
}

#[test]
fn too_many_without_hello_are_turned_away() {
    let server = Server::with(&[("PARLOR_HELLO_PER_ADDRESS", "3")]);
    let avi = register(&server, "avi");
    let mut waiting: Vec<Socket> = (0..3).map(|_| server.socket()).collect();
    match Socket::open(server.door(), &[]) {
        Ok(mut socket) => assert_eq!(socket.close_code(), 1013),
        Err(reply) => assert!([429, 503].contains(&reply.status), "{}", reply.text()),
    }
    // Whoever was let in before may still say hello, and makes room by it.
    waiting[0].hello(&avi.token);
    let mut next = server.socket();
    next.hello(&avi.token);
}

#[test]
fn a_silent_peer_is_closed_with_4009_and_an_answering_one_stays() {
    let server = Server::with(&[("PARLOR_HEARTBEAT_SECONDS", "1"), ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "1")]);
    let avi = register(&server, "avi");
    let (mut silent, mut alive) = (avi.connect(), avi.connect());
    assert_eq!(silent.ready["heartbeat_seconds"], 1);
    silent.answers_pings = false;
    let deadline = Instant::now() + PATIENCE;
    let mut pings = 0;
    while pings < 4 {
        match alive.incoming_until(deadline) {
            Some(Incoming::Ping(_)) => pings += 1,
            other => panic!("{other:?} after {pings} pings"),
        }
    }
    assert_eq!(silent.close_code(), 4009);
    alive.fence();
}

#[test]
fn goodbye_is_a_clean_close() {
    let server = Server::start();
    let avi = register(&server, "avi");
    avi.connect().goodbye();
    // A close frame of the client's own is answered in kind.
    let mut socket = avi.connect();
    socket.send_frame(true, 0x8, &1000u16.to_be_bytes());
    assert_eq!(socket.close_code(), 1000);
}

#[test]
fn ready_holds_the_first_pages_and_says_where_the_next_begin() {
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
