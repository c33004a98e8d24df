//! The handshake, polls and posts.

use super::*;

const OPEN: &str =
    r#"0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#;

#[test]
fn the_first_poll_is_answered_with_the_handshake() {
    let mut engine = EngineSession::by_polling(Rc::new(CONFIG), Four, false, "abc", at(0));
    assert_eq!(engine_actions(&mut engine), [format!("poll {OPEN}")]);
    let mut engine = EngineSession::by_polling(Rc::new(CONFIG), Three, false, "abc", at(0));
    assert_eq!(engine_actions(&mut engine), [format!("poll {}:{OPEN}", OPEN.len())]);
}

#[test]
fn a_socket_receives_a_handshake_without_upgrades() {
    for revision in [Three, Four] {
        let (mut engine, _) = EngineSession::by_socket(Rc::new(CONFIG), revision, false, "abc", at(0));
        assert_eq!(engine_actions(&mut engine), [OPEN.replace("\"websocket\"", "")]);
        assert!(engine.is_on_socket());
    }
}

#[test]
fn posted_packets_are_received_in_order() {
    let mut engine = polling(Four);
    assert_eq!(post(&mut engine, "4hello\x1e4world\x1ebAQIDBA==", at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), ["message hello", "message world", "message [1, 2, 3, 4]"]);
    let mut engine = polling(Three);
    assert_eq!(post(&mut engine, "6:4hello2:4€10:b4AQIDBA==", at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), ["message hello", "message €", "message [1, 2, 3, 4]"]);
    engine.on_post_begin(at(1)).unwrap();
    assert_eq!(
        engine.on_post(true, &Bytes::from_static(&[0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 2, 255, 4, 9]), at(1)),
        Ok(())
    );
    assert_eq!(engine_actions(&mut engine), ["message hello", "message [9]"]);
}

#[test]
fn a_poll_collects_all_queued_packets() {
    let mut engine = polling(Four);
    for text in ["test1", "test2", "test3"] {
        engine.send(message(text));
    }
    engine.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!((engine_actions(&mut engine).len(), engine.packets_queued(), engine.packets_written()), (0, 5, 1));
    assert_eq!(engine.on_poll(at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), ["poll 4test1\x1e4test2\x1e4test3\x1ebAQIDBA=="]);
    assert_eq!((engine.packets_written(), engine.queued_bytes()), (5, 0));
    let mut engine = polling(Three);
    engine.send(message("hello"));
    engine.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(engine.on_poll(at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), ["poll 6:4hello10:b4AQIDBA=="]);
}

#[test]
fn old_clients_receive_binary_bodies_unless_they_request_base64() {
    let mut engine = EngineSession::by_polling(Rc::new(CONFIG), Three, false, "abc", at(0));
    engine_actions(&mut engine);
    engine.send(message("hello"));
    engine.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(engine.on_poll(at(1)), Ok(()));
    assert_eq!(
        engine_actions(&mut engine),
        ["octets [0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4]"]
    );
}

#[test]
fn a_poll_is_pending_until_a_packet_is_sent() {
    let mut engine = polling(Four);
    assert_eq!(engine.on_poll(at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), [""; 0]);
    engine.send(message("a"));
    engine.send(message("b"));
    assert_eq!(engine_actions(&mut engine), ["poll 4a\x1e4b"]);
    engine.send(message("c"));
    assert_eq!(engine_actions(&mut engine), [""; 0]);
}

#[test]
fn responses_are_bounded() {
    let mut engine = polling(Four);
    let long = "x".repeat(600);
    for _ in 0..3 {
        engine.send(message(&long));
    }
    engine.send(message(&"y".repeat(1_200)));
    let sizes: Vec<usize> = (0..4)
        .map(|_| {
            engine.on_poll(at(1)).unwrap();
            engine_actions(&mut engine)[0].len() - "poll 4".len()
        })
        .collect();
    assert_eq!(sizes, [600, 600, 600, 1_200]);
    // Python's clients reject more than 16 packets.
    let counts = |engine: &mut EngineSession| {
        engine.on_poll(at(1)).unwrap();
        engine_actions(engine)[0].split('\x1e').count()
    };
    for _ in 0..33 {
        engine.send(message("x"));
    }
    assert_eq!([counts(&mut engine), counts(&mut engine), counts(&mut engine)], [16, 16, 1]);
}

#[test]
fn a_second_poll_ends_the_session() {
    for (revision, close) in [(Four, "poll 1"), (Three, "poll 1:1")] {
        let mut engine = polling(revision);
        assert_eq!(engine.on_poll(at(1)), Ok(()));
        assert_eq!(engine.on_poll(at(5)).unwrap_err().status(), 400);
        assert_eq!(engine_actions(&mut engine), [close, "ended ByServer(NotTheProtocol)"]);
        assert_eq!(engine.on_poll(at(6)).unwrap_err().status(), 400);
    }
}

#[test]
fn a_second_post_ends_the_session() {
    let mut engine = polling(Four);
    assert_eq!(engine.on_post_begin(at(1)), Ok(()));
    assert_eq!(engine.on_post_begin(at(2)).unwrap_err().status(), 400);
    assert_eq!(engine_actions(&mut engine), ["ended ByServer(NotTheProtocol)"]);
    assert_eq!(engine.on_post(false, &Bytes::from_static(b"4a"), at(3)).unwrap_err().status(), 400);
    assert_eq!(engine_actions(&mut engine), [""; 0]);
}

#[test]
fn a_malformed_body_ends_the_session_and_is_not_executed() {
    for body in ["abc", "", "4good\x1eabc", "4good\x1e0{}", "4good\x1e5"] {
        let mut engine = polling(Four);
        let answer = post(&mut engine, body, at(1));
        let actions = engine_actions(&mut engine);
        assert_eq!(actions.last().unwrap(), "ended ByServer(NotTheProtocol)", "{body}");
        if answer.is_err() {
            assert_eq!((answer, actions.len()), (Err(400), 1), "{body}");
        }
        assert_eq!(engine.on_poll(at(2)).unwrap_err().status(), 400);
    }
    let mut engine = polling(Three);
    assert_eq!(post(&mut engine, "abc", at(1)), Err(400));
}

#[test]
fn a_body_that_is_too_large_ends_the_session() {
    let mut engine = polling(Four);
    engine.on_post_begin(at(1)).unwrap();
    let body = Bytes::from(format!("4{}", "x".repeat(1_000_000)));
    assert_eq!(engine.on_post(false, &body, at(1)).unwrap_err().status(), 413);
    assert_eq!(engine_actions(&mut engine), ["ended ByServer(TooLarge)"]);
    let mut engine = polling(Four);
    engine.on_post_begin(at(1)).unwrap();
    assert_eq!(engine.on_post_too_large(at(1)).status(), 413);
    let mut engine = polling(Four);
    assert_eq!(post(&mut engine, &*String::leak(vec!["4a"; 101].join("\x1e")), at(1)), Err(413));
}

#[test]
fn a_lost_request_ends_the_session() {
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    engine.on_poll_lost(at(5));
    assert_eq!(engine_actions(&mut engine), ["ended Lost"]);
    assert_eq!(engine.on_poll(at(6)).unwrap_err().status(), 400);
    let mut engine = polling(Four);
    engine.on_post_begin(at(1)).unwrap();
    engine.on_post_lost(at(5));
    assert_eq!(engine_actions(&mut engine), ["ended Lost"]);
}

#[test]
fn the_queue_is_bounded() {
    let mut engine = polling(Four);
    // A single packet is never too large: all recipients share its bytes.
    engine.send(message(&"x".repeat(10_000)));
    assert!(engine.is_open());
    engine.send(message("y"));
    assert_eq!(engine_actions(&mut engine), ["ended ByServer(TooSlow)"]);
    assert_eq!(engine.queued_bytes(), 0);
    // A client with a pending poll is not too slow.
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    engine.send(message(&"x".repeat(10_000)));
    engine.send(message("y"));
    assert!(engine.is_open());
    assert_eq!(engine_actions(&mut engine).len(), 1);
    engine.on_poll(at(2)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 4y"]);
}
