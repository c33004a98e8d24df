//! The handshake: upgrade, `hello`, `ready`, and the close codes of refused connections.

use std::time::Instant;

use crate::kit::*;

#[test]
fn each_connection_has_its_own_id() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (one, two) = (avi.connect(), avi.connect());
    assert_ne!(one.ready["connection"], two.ready["connection"]);
}

#[test]
fn commands_may_follow_hello_without_waiting_for_ready() {
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
fn a_first_frame_other_than_hello_is_refused() {
    let server = Server::start();
    let (_, _, session) = pair(&server);
    let mut socket = server.socket();
    socket.send(&json!({"type": "send", "session": session, "text": "hello"}));
    let code = socket.close_code();
    assert!([4500, 4501].contains(&code), "closed with {code}");
}

#[test]
fn a_connection_without_hello_is_closed_with_4503() {
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
fn one_connection_too_many_is_refused_with_the_limit_and_may_retry_later() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
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
fn too_many_without_hello_make_room_for_the_next() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HELLO_PER_ADDRESS", "3")]);
    let avi = register(&server, "avi");
    let mut waiting: Vec<Socket> = (0..3).map(|_| server.socket()).collect();
    let mut next = server.socket();
    // The oldest is closed; the others may still send hello.
    assert_eq!(waiting[0].close_code(), 1013);
    waiting[1].hello(&avi.token);
    next.hello(&avi.token);
}

#[test]
fn a_silent_peer_is_closed_with_4009_and_an_answering_one_is_not() {
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
fn in_a_reconnect_storm_the_first_are_done_before_the_last_begin() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let _alone = alone();
    let server = Server::with(&[("PARLOR_READERS", "1"), ("PARLOR_USER_CONNECTIONS", "0")]);
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "while they were away");
    let mut lines: Vec<TrySocket> =
        (0..150).map(|_| TrySocket::open(Dial::default(), server.endpoint()).unwrap()).collect();
    let sync = json!({"type": "sync", "id": "sync", "sessions": {session.as_str(): 0}});
    for line in &mut lines {
        line.send(&json!({"type": "hello", "token": avi.token})).unwrap();
        line.send(&sync).unwrap();
    }
    let times = |mut line: TrySocket| {
        let mut ready = None;
        loop {
            let frame = line.receive(PATIENCE).unwrap().expect("an answer");
            match frame["type"].as_str() {
                Some("ready") => ready = Some(Instant::now()),
                Some("ok") => return (ready.expect("ready comes first"), Instant::now()),
                _ => {}
            }
        }
    };
    let (ready, done): (Vec<Instant>, Vec<Instant>) = std::thread::scope(|scope| {
        let reading: Vec<_> = lines.into_iter().map(|line| scope.spawn(move || times(line))).collect();
        reading.into_iter().map(|line| line.join().unwrap()).unzip()
    });
    assert!(done.iter().min() < ready.iter().max(), "nobody was done before everybody was ready");
}
