//! How sessions end, from either side.

use super::*;
use crate::domain::Disconnect;

#[test]
fn a_client_says_that_it_goes() {
    for (revision, close, noop) in [(Four, "1", "poll 6"), (Three, "1:1", "poll 1:6")] {
        let mut line = polling(revision);
        line.on_poll(at(1)).unwrap();
        assert_eq!(post(&mut line, close, at(2)), Ok(()));
        assert_eq!(told(&mut line), [noop, "ended Said"]);
        assert_eq!(line.on_poll(at(3)).unwrap_err().status(), 400);
        assert_eq!(line.due(), None);
    }
    for revision in [Three, Four] {
        let (mut line, number) = socket(revision);
        line.on_socket_text(number, &"1".into(), at(1));
        line.on_socket_text(number, &"4late".into(), at(1));
        assert_eq!(told(&mut line), ["close 1 Goodbye", "ended Said"]);
    }
}

#[test]
fn what_was_said_before_the_end_counts() {
    let mut line = polling(Four);
    assert_eq!(post(&mut line, "4last\x1e1\x1e4late", at(1)), Ok(()));
    assert_eq!(told(&mut line), ["said last", "ended Said"]);
    let (mut peer, socket) = in_main();
    say(&mut peer, socket, r#"42["last"]"#);
    peer.on_socket_close(socket, at(1));
    assert_eq!(all(&mut peer), [r#"event / ["last"]"#, "ended Lost"]);
}

#[test]
fn a_socket_that_ends_takes_the_session_with_it() {
    let (mut line, number) = socket(Four);
    line.on_socket_close(number, at(1));
    assert_eq!(told(&mut line), ["ended Lost"]);
    line.send(message("nobody"));
    line.close(Disconnect::Restart, at(2));
    line.tick(at(10_000));
    assert_eq!(told(&mut line), [""; 0]);
}

#[test]
fn an_invalid_frame_ends_the_session() {
    for said in ["abc", "", "7", "0{}", "5", "b!"] {
        let (mut line, number) = socket(Four);
        line.on_socket_text(number, &said.into(), at(1));
        assert_eq!(told(&mut line), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"], "{said}");
    }
    let (mut line, number) = socket(Three);
    line.on_socket_binary(number, Bytes::from_static(&[1]), at(1));
    assert_eq!(told(&mut line), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
}

#[test]
fn a_polling_client_gets_what_waits_before_the_end() {
    let mut line = polling(Four);
    line.send(message("last"));
    line.close(Disconnect::TokenEnded, at(1));
    line.send(message("late"));
    assert_eq!(told(&mut line), [""; 0]);
    assert_eq!(line.due(), Some(at(101)));
    assert_eq!(post(&mut line, "4ignored", at(2)), Ok(()));
    assert_eq!(line.on_socket_open(at(2)).unwrap_err().status(), 400);
    line.on_poll(at(3)).unwrap();
    assert_eq!(told(&mut line), ["poll 4last\x1e1", "ended By(TokenEnded)"]);
    assert_eq!(line.on_poll(at(4)).unwrap_err().status(), 400);
}

#[test]
fn a_waiting_poll_hears_the_end_at_once() {
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    line.close(Disconnect::TokenEnded, at(2));
    assert_eq!(told(&mut line), ["poll 1", "ended By(TokenEnded)"]);
}

#[test]
fn who_is_to_come_back_is_not_told_that_it_is_the_end() {
    // Python's clients do not come back from a close packet.
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    line.close(Disconnect::Restart, at(2));
    assert_eq!(told(&mut line), ["poll 6", "ended By(Restart)"]);
    let mut line = polling(Four);
    line.send(message("last"));
    line.close(Disconnect::Restart, at(1));
    line.on_poll(at(2)).unwrap();
    assert_eq!(told(&mut line), ["poll 4last", "ended By(Restart)"]);
    let mut line = polling(Four);
    line.close(Disconnect::Restart, at(1));
    assert_eq!(told(&mut line), ["ended By(Restart)"]);
    let mut line = polling(Four);
    line.on_poll(at(290)).unwrap();
    line.tick(at(300));
    assert_eq!(told(&mut line), ["poll 2"]);
    line.on_poll(at(301)).unwrap();
    line.tick(at(500));
    assert_eq!(told(&mut line), ["poll 6", "ended By(HeartbeatMissed)"]);
}

#[test]
fn the_end_does_not_wait_for_ever() {
    let mut line = polling(Four);
    line.send(message("last"));
    line.close(Disconnect::Restart, at(1));
    line.tick(at(100));
    assert_eq!(told(&mut line), [""; 0]);
    line.tick(at(101));
    assert_eq!(told(&mut line), ["ended By(Restart)"]);
}

#[test]
fn an_end_while_a_socket_probes_goes_by_the_polls() {
    let mut line = polling(Four);
    let socket = line.on_socket_open(at(1)).unwrap();
    line.on_socket_text(socket, &"2probe".into(), at(1));
    line.close(Disconnect::TokenEnded, at(2));
    assert_eq!(told(&mut line), ["3probe", "close 1 TokenEnded"]);
    line.on_socket_text(socket, &"5".into(), at(3));
    line.on_poll(at(3)).unwrap();
    assert_eq!(told(&mut line), ["poll 1", "ended By(TokenEnded)"]);
}

#[test]
fn a_socket_is_closed_behind_what_was_sent() {
    let (mut line, _) = socket(Four);
    line.send(message("last"));
    line.close(Disconnect::Restart, at(1));
    assert_eq!(told(&mut line), ["4last", "close 1 Restart", "ended By(Restart)"]);
}

#[test]
fn who_is_not_to_come_back_is_sent_away_first() {
    let (mut peer, _) = in_main();
    peer.close(Disconnect::TokenEnded, at(1));
    assert_eq!(all(&mut peer), ["41", "1", "close 1 TokenEnded", "ended By(TokenEnded)"]);
    let (mut peer, _) = in_main();
    peer.close(Disconnect::Restart, at(1));
    assert_eq!(all(&mut peer), ["close 1 Restart", "ended By(Restart)"]);
}
