//! How sessions end.

use super::*;
use crate::domain::Disconnect;

#[test]
fn a_close_packet_ends_the_session() {
    for (revision, close, noop) in [(Four, "1", "poll 6"), (Three, "1:1", "poll 1:6")] {
        let mut engine = polling(revision);
        engine.on_poll(at(1)).unwrap();
        assert_eq!(post(&mut engine, close, at(2)), Ok(()));
        assert_eq!(engine_actions(&mut engine), [noop, "ended ByClient"]);
        assert_eq!(engine.on_poll(at(3)).unwrap_err().status(), 400);
        assert_eq!(engine.next_deadline(), None);
    }
    for revision in [Three, Four] {
        let (mut engine, number) = socket(revision);
        engine.on_socket_text(number, &"1".into(), at(1));
        engine.on_socket_text(number, &"4late".into(), at(1));
        assert_eq!(engine_actions(&mut engine), ["close 1 Goodbye", "ended ByClient"]);
    }
}

#[test]
fn packets_before_the_end_are_executed() {
    let mut engine = polling(Four);
    assert_eq!(post(&mut engine, "4last\x1e1\x1e4late", at(1)), Ok(()));
    assert_eq!(engine_actions(&mut engine), ["message last", "ended ByClient"]);
    let (mut peer, socket) = in_main();
    client_sends(&mut peer, socket, r#"42["last"]"#);
    peer.on_socket_close(socket, at(1));
    assert_eq!(peer_actions(&mut peer), [r#"event / ["last"]"#, "ended Lost"]);
}

#[test]
fn a_lost_socket_ends_the_session() {
    let (mut engine, number) = socket(Four);
    engine.on_socket_close(number, at(1));
    assert_eq!(engine_actions(&mut engine), ["ended Lost"]);
    engine.send(message("nobody"));
    engine.close(Disconnect::Restart, at(2));
    engine.tick(at(10_000));
    assert_eq!(engine_actions(&mut engine), [""; 0]);
}

#[test]
fn an_invalid_frame_ends_the_session() {
    for packet in ["abc", "", "7", "0{}", "5", "b!"] {
        let (mut engine, number) = socket(Four);
        engine.on_socket_text(number, &packet.into(), at(1));
        assert_eq!(
            engine_actions(&mut engine),
            ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"],
            "{packet}"
        );
    }
    let (mut engine, number) = socket(Three);
    engine.on_socket_binary(number, Bytes::from_static(&[1]), at(1));
    assert_eq!(engine_actions(&mut engine), ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
}

#[test]
fn a_polling_client_receives_queued_packets_before_the_end() {
    let mut engine = polling(Four);
    engine.send(message("last"));
    engine.close(Disconnect::TokenEnded, at(1));
    engine.send(message("late"));
    assert_eq!(engine_actions(&mut engine), [""; 0]);
    assert_eq!(engine.next_deadline(), Some(at(101)));
    assert_eq!(post(&mut engine, "4ignored", at(2)), Ok(()));
    assert_eq!(engine.on_socket_open(at(2)).unwrap_err().status(), 400);
    engine.on_poll(at(3)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 4last\x1e1", "ended ByServer(TokenEnded)"]);
    assert_eq!(engine.on_poll(at(4)).unwrap_err().status(), 400);
}

#[test]
fn a_pending_poll_is_answered_at_the_end() {
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    engine.close(Disconnect::TokenEnded, at(2));
    assert_eq!(engine_actions(&mut engine), ["poll 1", "ended ByServer(TokenEnded)"]);
}

#[test]
fn a_client_that_is_to_reconnect_receives_no_close_packet() {
    // Python's clients do not reconnect after a close packet.
    let mut engine = polling(Four);
    engine.on_poll(at(1)).unwrap();
    engine.close(Disconnect::Restart, at(2));
    assert_eq!(engine_actions(&mut engine), ["poll 6", "ended ByServer(Restart)"]);
    let mut engine = polling(Four);
    engine.send(message("last"));
    engine.close(Disconnect::Restart, at(1));
    engine.on_poll(at(2)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 4last", "ended ByServer(Restart)"]);
    let mut engine = polling(Four);
    engine.close(Disconnect::Restart, at(1));
    assert_eq!(engine_actions(&mut engine), ["ended ByServer(Restart)"]);
    let mut engine = polling(Four);
    engine.on_poll(at(290)).unwrap();
    engine.tick(at(300));
    assert_eq!(engine_actions(&mut engine), ["poll 2"]);
    engine.on_poll(at(301)).unwrap();
    engine.tick(at(500));
    assert_eq!(engine_actions(&mut engine), ["poll 6", "ended ByServer(HeartbeatMissed)"]);
}

#[test]
fn a_closing_session_ends_without_a_poll() {
    let mut engine = polling(Four);
    engine.send(message("last"));
    engine.close(Disconnect::Restart, at(1));
    engine.tick(at(100));
    assert_eq!(engine_actions(&mut engine), [""; 0]);
    engine.tick(at(101));
    assert_eq!(engine_actions(&mut engine), ["ended ByServer(Restart)"]);
}

#[test]
fn a_close_during_an_upgrade_is_sent_to_the_poll() {
    let mut engine = polling(Four);
    let socket = engine.on_socket_open(at(1)).unwrap();
    engine.on_socket_text(socket, &"2probe".into(), at(1));
    engine.close(Disconnect::TokenEnded, at(2));
    assert_eq!(engine_actions(&mut engine), ["3probe", "close 1 TokenEnded"]);
    engine.on_socket_text(socket, &"5".into(), at(3));
    engine.on_poll(at(3)).unwrap();
    assert_eq!(engine_actions(&mut engine), ["poll 1", "ended ByServer(TokenEnded)"]);
}

#[test]
fn a_socket_is_closed_after_the_packets_before() {
    let (mut engine, _) = socket(Four);
    engine.send(message("last"));
    engine.close(Disconnect::Restart, at(1));
    assert_eq!(engine_actions(&mut engine), ["4last", "close 1 Restart", "ended ByServer(Restart)"]);
}

#[test]
fn a_client_that_is_not_to_reconnect_is_disconnected_first() {
    let (mut peer, _) = in_main();
    peer.close(Disconnect::TokenEnded, at(1));
    assert_eq!(peer_actions(&mut peer), ["41", "1", "close 1 TokenEnded", "ended ByServer(TokenEnded)"]);
    let (mut peer, _) = in_main();
    peer.close(Disconnect::Restart, at(1));
    assert_eq!(peer_actions(&mut peer), ["close 1 Restart", "ended ByServer(Restart)"]);
}
