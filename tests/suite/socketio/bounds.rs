//! The limits of every endpoint hold here too: queued bytes, time, rates, connections.

use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

#[test]
fn a_client_that_does_not_poll_is_closed_and_no_other_is_affected() {
    let server = Server::with(&[
        ("PARLOR_QUEUE_BYTES", "100000"),
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_HEARTBEAT_SECONDS", "3600"),
    ]);
    let (avi, lisa, session) = pair(&server);
    let away = SocketIoClient::connect(server.endpoint(), Transport::Polling, &lisa.token);
    let mut stalled = SocketIoClient::connect(server.endpoint(), Transport::Socket, &lisa.token);
    let mut reader = SocketIoClient::connect(server.endpoint(), Transport::Upgrade, &lisa.token);
    let mut sender = avi.connect();
    for at in 0..600 {
        let content = format!("{at:04}{}", "x".repeat(16_000));
        sender.send_message(&session, &content);
        assert_eq!(text(&reader.expect("message"), "text"), content);
    }
    assert_eq!(away.call("GET").send().status, 400);
    stalled.rest(PATIENCE);
    // Cut, where it is not read for so long that the close frame was not taken either.
    assert!(matches!(stalled.end, Some(4008 | 1006)), "{:?}", stalled.end);
    reader.ok("ping", json!({}));
}

#[test]
fn catching_up_never_makes_a_connection_too_slow() {
    let server = Server::with(&[
        ("PARLOR_QUEUE_BYTES", "100000"),
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
    ]);
    let (avi, lisa, session) = pair(&server);
    let mut sender = avi.connect();
    for _ in 0..100 {
        sender.send_message(&session, &"x".repeat(16_000));
    }
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &lisa.token);
        let pages: Vec<u64> = (0..6).map(|_| client.submit("history", json!({"session": session}))).collect();
        for page in pages {
            assert!(!list(&client.answer(page), "messages").is_empty(), "{transport:?}");
        }
        let (mut from, mut more) = (0, true);
        while more {
            let sync = client.submit("sync", json!({"sessions": {session.as_str(): from}}));
            let changes = client.expect("changes");
            client.answer(sync);
            (from, more) = (number(&changes, "to"), changes["more"] == true);
        }
        assert_eq!(from, 100, "{transport:?}");
    }
}

#[test]
fn a_connection_that_never_authenticates_is_closed() {
    // Where the contacts dialect is on, connections without a token remain open.
    let settings = [("PARLOR_HELLO_SECONDS", "1"), ("PARLOR_HEARTBEAT_SECONDS", "3"), ("PARLOR_DIALECTS", "rooms")];
    let server = Server::with(&settings);
    let begun = Instant::now();
    let mut silent = SocketIoClient::open(server.endpoint(), Transport::Socket, &[]).unwrap();
    assert_eq!((silent.rest(PATIENCE), silent.end), (vec!["1".to_owned()], Some(4503)));
    assert!(begun.elapsed() < Duration::from_secs(4));
    let mut clients: Vec<SocketIoClient> = [Transport::Polling, Transport::Socket]
        .map(|transport| SocketIoClient::open(server.endpoint(), transport, &[]).unwrap())
        .into();
    for client in &mut clients {
        client.enter(json!({})).unwrap();
    }
    let begun = Instant::now();
    let waiting: Vec<_> =
        clients.into_iter().map(|mut client| thread::spawn(move || client.rest(Duration::from_secs(15)))).collect();
    for rest in waiting {
        let packets = rest.join().unwrap();
        let [error, left, closed] = packets.as_slice() else { panic!("{packets:?}") };
        let error: Value = serde_json::from_str(error.strip_prefix("42").unwrap()).unwrap();
        assert_eq!((&error[0], &error[1]["code"]), (&json!("error"), &json!("unauthenticated")));
        assert!(text(&error[1], "message").starts_with("Log in first"), "{error}");
        assert_eq!((left.as_str(), closed.as_str()), ("41", "1"));
    }
    assert!(begun.elapsed() > Duration::from_secs(9), "{:?}", begun.elapsed());
}

#[test]
fn too_many_connections_of_a_user_are_refused() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_USER_CONNECTIONS", "1")]);
    let avi = register(&server, "avi");
    let _first = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::open(server.endpoint(), transport, &[]).unwrap();
        let error = client.enter(json!({"token": avi.token})).unwrap_err();
        assert_eq!(error["data"]["code"], "limit_reached", "{error}");
        client.rest(PATIENCE);
        if transport != Transport::Polling {
            assert_eq!(client.end, Some(1013));
        }
    }
}

#[test]
fn events_above_the_frame_rate_are_delayed_and_none_is_lost() {
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "40"), ("PARLOR_FRAMES_BURST", "10")]);
    let (avi, _, session) = pair(&server);
    for transport in [Transport::Polling, Transport::Socket] {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        let begun = Instant::now();
        let sent: Vec<String> =
            (1..=60).map(|id| format!("42{id}{}", json!(["read", {"session": session, "seq": 0}]))).collect();
        match transport {
            Transport::Polling => client.send(&sent.join("\x1e")),
            _ => sent.iter().for_each(|packet| client.send(packet)),
        }
        for id in 1..=60 {
            client.answer(id);
        }
        assert!(begun.elapsed() > Duration::from_secs(1), "{transport:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn an_event_is_no_larger_than_a_frame() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        let packet = format!("42{}", json!(["send", {"session": session, "text": "x".repeat(70_000)}]));
        client.send(&packet);
        assert_eq!(client.rest(PATIENCE), ["41", "1"], "{transport:?}");
        if transport != Transport::Polling {
            assert_eq!(client.end, Some(1009));
        }
    }
}
