//! The upgrade from polling to a WebSocket.

use super::*;

fn frame(engine: &mut EngineSession, socket: SocketNo, text: &'static str) {
    engine.on_socket_text(socket, &text.into(), at(10));
}

#[test]
fn a_session_upgrades_to_the_socket() {
    for (revision, noop) in [(Four, "poll 6"), (Three, "poll 1:6")] {
        let mut engine = polling(revision);
        let socket = engine.on_socket_open(at(5)).unwrap();
        frame(&mut engine, socket, "2probe");
        assert_eq!(engine_actions(&mut engine), ["3probe"]);
        engine.on_poll(at(10)).unwrap();
        assert_eq!(engine_actions(&mut engine), [noop]);
        frame(&mut engine, socket, "5");
        assert!(engine.is_on_socket());
        frame(&mut engine, socket, "4hello");
        engine.send(message("hello"));
        assert_eq!(engine_actions(&mut engine), ["message hello", "4hello"]);
    }
}

#[test]
fn the_probe_answers_a_pending_poll() {
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    let socket = engine.on_socket_open(at(5)).unwrap();
    assert_eq!(engine_actions(&mut engine), [""; 0]);
    frame(&mut engine, socket, "2probe");
    assert_eq!(engine_actions(&mut engine), ["3probe", "poll 6"]);
}

#[test]
fn packets_during_an_upgrade_arrive_once_and_in_order() {
    let mut engine = polling(Four);
    let socket = engine.on_socket_open(at(5)).unwrap();
    engine.send(message("1"));
    frame(&mut engine, socket, "2probe");
    engine.send(message("2"));
    engine.on_poll(at(10)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["3probe", "poll 41\x1e42"]);
    engine.send(message("3"));
    engine.send(message("4"));
    assert_eq!(post(&mut engine, "4a", at(10)), Ok(()));
    frame(&mut engine, socket, "5");
    frame(&mut engine, socket, "4b");
    engine.send(message("5"));
    assert_eq!(engine_actions(&mut engine), ["message a", "43", "44", "message b", "45"]);
    assert_eq!((engine.packets_queued(), engine.packets_written()), (6, 6));
}

#[test]
fn probe_and_upgrade_may_arrive_together() {
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    let socket = engine.on_socket_open(at(5)).unwrap();
    frame(&mut engine, socket, "2probe");
    frame(&mut engine, socket, "5");
    engine.send(message("x"));
    assert_eq!(engine_actions(&mut engine), ["3probe", "poll 6", "4x"]);
}

#[test]
fn requests_and_sockets_after_the_upgrade_are_refused() {
    let mut engine = polling(Four);
    let socket = engine.on_socket_open(at(5)).unwrap();
    assert_eq!(engine.on_socket_open(at(5)).unwrap_err().status(), 400);
    frame(&mut engine, socket, "2probe");
    assert_eq!(engine.on_socket_open(at(5)).unwrap_err().status(), 400);
    frame(&mut engine, socket, "5");
    assert_eq!(engine.on_poll(at(20)).unwrap_err().status(), 400);
    assert_eq!(post(&mut engine, "4x", at(20)), Err(400));
    assert_eq!(engine.on_socket_open(at(20)).unwrap_err().status(), 400);
    engine.on_poll_lost(at(20));
    frame(&mut engine, socket, "4hello");
    assert_eq!(engine_actions(&mut engine), ["3probe", "message hello"]);
}

#[test]
fn a_session_that_began_with_a_socket_refuses_another() {
    let (mut engine, socket) = socket(Four);
    assert!(engine.on_socket_open(at(1)).is_err());
    engine.on_socket_text(socket, &"4hello".into(), at(1));
    assert_eq!(engine_actions(&mut engine), ["message hello"]);
}

#[test]
fn an_incomplete_upgrade_leaves_the_session_polling() {
    let mut engine = polling_with(SessionConfig { upgrade: Duration::from_millis(150), ..CALM }, Four);
    let socket = engine.on_socket_open(at(5)).unwrap();
    frame(&mut engine, socket, "2probe");
    engine.send(message("kept"));
    assert_eq!(engine.next_deadline(), Some(at(155)));
    engine.tick(at(155));
    assert_eq!(engine_actions(&mut engine), ["3probe", "close 1 NoHello"]);
    frame(&mut engine, socket, "5");
    engine.on_socket_close(socket, at(160));
    engine.on_poll(at(170)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 4kept"]);
    // It may try again.
    let socket = engine.on_socket_open(at(180)).unwrap();
    frame(&mut engine, socket, "2probe");
    frame(&mut engine, socket, "5");
    assert_eq!(engine_actions(&mut engine), ["3probe"]);
    assert!(engine.is_on_socket());
}

#[test]
fn an_invalid_probe_closes_its_socket_only() {
    for packet in ["4hello", "5", "2", "3probe", "1", "abc", ""] {
        let mut engine = polling(Four);
        let socket = engine.on_socket_open(at(5)).unwrap();
        frame(&mut engine, socket, packet);
        assert_eq!(engine_actions(&mut engine), ["close 1 NotTheProtocol"], "{packet}");
        engine.on_socket_text(socket, &"4late".into(), at(10));
        engine.on_poll(at(20)).unwrap();
        engine.send(message("x"));
        assert_eq!(engine_actions(&mut engine), ["poll 4x"]);
    }
    let mut engine = polling(Four);
    let socket = engine.on_socket_open(at(5)).unwrap();
    engine.on_socket_binary(socket, Bytes::from_static(&[1]), at(10));
    assert_eq!(engine_actions(&mut engine), ["close 1 NotTheProtocol"]);
}

#[test]
fn a_lost_probe_leaves_the_session_polling() {
    let mut engine = polling(Four);
    let socket = engine.on_socket_open(at(5)).unwrap();
    frame(&mut engine, socket, "2probe");
    engine.on_socket_close(socket, at(10));
    engine.on_poll(at(10)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["3probe"]);
    engine.send(message("x"));
    assert_eq!(engine_actions(&mut engine), ["poll 4x"]);
}

#[test]
fn binary_frames_differ_between_revisions() {
    let (mut engine, number) = socket(Four);
    engine.on_socket_binary(number, Bytes::from_static(&[1, 2, 3, 4]), at(1));
    engine.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(engine_actions(&mut engine), ["message [1, 2, 3, 4]", "bytes [1, 2, 3, 4]"]);
    let (mut engine, number) = socket(Three);
    engine.on_socket_binary(number, Bytes::from_static(&[4, 1, 2, 3, 4]), at(1));
    engine.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(engine_actions(&mut engine), ["message [1, 2, 3, 4]", "bytes [4, 1, 2, 3, 4]"]);
}

#[test]
fn shared_packets_bypass_the_queue_of_a_socket() {
    let shared = message("all");
    let (mut engine, _) = socket(Four);
    assert_eq!(engine.send_shared(&shared).unwrap()[..], *b"\x81\x044all");
    engine.send(message("before"));
    assert!(engine.send_shared(&shared).is_none());
    assert_eq!(engine_actions(&mut engine), ["4before", "4all"]);
    let mut engine = polling(Four);
    assert!(engine.send_shared(&shared).is_none());
    engine.on_poll(at(1)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 4all"]);
}
