//! From polling to a socket.

use super::*;

fn frame(line: &mut Line, socket: SocketNo, text: &'static str) {
    line.on_socket_text(socket, &text.into(), at(10));
}

#[test]
fn a_session_changes_to_the_socket() {
    for (revision, noop) in [(Four, "poll 6"), (Three, "poll 1:6")] {
        let mut line = polling(revision);
        let socket = line.on_socket_open(at(5)).unwrap();
        frame(&mut line, socket, "2probe");
        assert_eq!(told(&mut line), ["3probe"]);
        line.on_poll(at(10)).unwrap();
        assert_eq!(told(&mut line), [noop]);
        frame(&mut line, socket, "5");
        assert!(line.is_on_socket());
        frame(&mut line, socket, "4hello");
        line.send(message("hello"));
        assert_eq!(told(&mut line), ["said hello", "4hello"]);
    }
}

#[test]
fn the_probe_lets_a_waiting_poll_go() {
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    let socket = line.on_socket_open(at(5)).unwrap();
    assert_eq!(told(&mut line), [""; 0]);
    frame(&mut line, socket, "2probe");
    assert_eq!(told(&mut line), ["3probe", "poll 6"]);
}

#[test]
fn what_is_under_way_arrives_once_and_in_order() {
    let mut line = polling(Four);
    let socket = line.on_socket_open(at(5)).unwrap();
    line.send(message("1"));
    frame(&mut line, socket, "2probe");
    line.send(message("2"));
    line.on_poll(at(10)).unwrap();
    assert_eq!(told(&mut line), ["3probe", "poll 41\x1e42"]);
    line.send(message("3"));
    line.send(message("4"));
    assert_eq!(post(&mut line, "4a", at(10)), Ok(()));
    frame(&mut line, socket, "5");
    frame(&mut line, socket, "4b");
    line.send(message("5"));
    assert_eq!(told(&mut line), ["said a", "43", "44", "said b", "45"]);
    assert_eq!((line.pushed(), line.left()), (6, 6));
}

#[test]
fn probe_and_upgrade_may_come_together() {
    let mut line = polling(Four);
    line.on_poll(at(1)).unwrap();
    let socket = line.on_socket_open(at(5)).unwrap();
    frame(&mut line, socket, "2probe");
    frame(&mut line, socket, "5");
    line.send(message("x"));
    assert_eq!(told(&mut line), ["3probe", "poll 6", "4x"]);
}

#[test]
fn requests_and_sockets_after_the_change_are_refused_and_harm_nothing() {
    let mut line = polling(Four);
    let socket = line.on_socket_open(at(5)).unwrap();
    assert_eq!(line.on_socket_open(at(5)).unwrap_err().status(), 400);
    frame(&mut line, socket, "2probe");
    assert_eq!(line.on_socket_open(at(5)).unwrap_err().status(), 400);
    frame(&mut line, socket, "5");
    assert_eq!(line.on_poll(at(20)).unwrap_err().status(), 400);
    assert_eq!(post(&mut line, "4x", at(20)), Err(400));
    assert_eq!(line.on_socket_open(at(20)).unwrap_err().status(), 400);
    line.on_poll_lost(at(20));
    frame(&mut line, socket, "4hello");
    assert_eq!(told(&mut line), ["3probe", "said hello"]);
}

#[test]
fn a_session_that_began_with_a_socket_takes_no_other() {
    let (mut line, socket) = socket(Four);
    assert!(line.on_socket_open(at(1)).is_err());
    line.on_socket_text(socket, &"4hello".into(), at(1));
    assert_eq!(told(&mut line), ["said hello"]);
}

#[test]
fn a_change_that_is_never_finished_leaves_the_session_polling() {
    let mut line = polling_under(Terms { upgrade: Duration::from_millis(150), ..CALM }, Four);
    let socket = line.on_socket_open(at(5)).unwrap();
    frame(&mut line, socket, "2probe");
    line.send(message("kept"));
    assert_eq!(line.due(), Some(at(155)));
    line.tick(at(155));
    assert_eq!(told(&mut line), ["3probe", "close 1 NoHello"]);
    frame(&mut line, socket, "5");
    line.on_socket_close(socket, at(160));
    line.on_poll(at(170)).unwrap();
    assert_eq!(told(&mut line), ["poll 4kept"]);
    // And it may try again.
    let socket = line.on_socket_open(at(180)).unwrap();
    frame(&mut line, socket, "2probe");
    frame(&mut line, socket, "5");
    assert_eq!(told(&mut line), ["3probe"]);
    assert!(line.is_on_socket());
}

#[test]
fn a_probe_that_says_something_else_is_closed_and_the_session_goes_on() {
    for said in ["4hello", "5", "2", "3probe", "1", "abc", ""] {
        let mut line = polling(Four);
        let socket = line.on_socket_open(at(5)).unwrap();
        frame(&mut line, socket, said);
        assert_eq!(told(&mut line), ["close 1 NotTheProtocol"], "{said}");
        line.on_socket_text(socket, &"4late".into(), at(10));
        line.on_poll(at(20)).unwrap();
        line.send(message("x"));
        assert_eq!(told(&mut line), ["poll 4x"]);
    }
    let mut line = polling(Four);
    let socket = line.on_socket_open(at(5)).unwrap();
    line.on_socket_binary(socket, Bytes::from_static(&[1]), at(10));
    assert_eq!(told(&mut line), ["close 1 NotTheProtocol"]);
}

#[test]
fn a_probe_whose_socket_ends_leaves_the_session_polling() {
    let mut line = polling(Four);
    let socket = line.on_socket_open(at(5)).unwrap();
    frame(&mut line, socket, "2probe");
    line.on_socket_close(socket, at(10));
    line.on_poll(at(10)).unwrap();
    assert_eq!(told(&mut line), ["3probe"]);
    line.send(message("x"));
    assert_eq!(told(&mut line), ["poll 4x"]);
}

#[test]
fn bytes_go_over_the_socket_as_each_revision_has_them() {
    let (mut line, number) = socket(Four);
    line.on_socket_binary(number, Bytes::from_static(&[1, 2, 3, 4]), at(1));
    line.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(told(&mut line), ["said [1, 2, 3, 4]", "bytes [1, 2, 3, 4]"]);
    let (mut line, number) = socket(Three);
    line.on_socket_binary(number, Bytes::from_static(&[4, 1, 2, 3, 4]), at(1));
    line.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    assert_eq!(told(&mut line), ["said [1, 2, 3, 4]", "bytes [4, 1, 2, 3, 4]"]);
}

#[test]
fn what_many_are_to_have_is_passed_straight_to_a_socket() {
    let shared = message("all");
    let (mut line, _) = socket(Four);
    assert_eq!(line.pass(&shared).unwrap()[..], *b"\x81\x044all");
    line.send(message("before"));
    assert!(line.pass(&shared).is_none());
    assert_eq!(told(&mut line), ["4before", "4all"]);
    let mut line = polling(Four);
    assert!(line.pass(&shared).is_none());
    line.on_poll(at(1)).unwrap();
    assert_eq!(told(&mut line), ["poll 4all"]);
}
