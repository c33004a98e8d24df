//! Pings and pongs, and those of whom nothing is heard.

use super::*;

fn frame(line: &mut Line, socket: SocketNo, text: &'static str, now: u64) {
    line.on_socket_text(socket, &text.into(), at(now));
}

#[test]
fn the_server_pings_by_polls() {
    let mut line = polling(Four);
    for round in 0..3 {
        let begin = round * 310;
        line.on_poll(at(begin + 5)).unwrap();
        assert_eq!(told(&mut line), [""; 0]);
        assert_eq!(line.due(), Some(at(begin + 300)));
        line.tick(at(begin + 300));
        assert_eq!(told(&mut line), ["poll 2"]);
        assert_eq!(post(&mut line, "3", at(begin + 310)), Ok(()));
    }
}

#[test]
fn the_server_pings_by_the_socket() {
    let (mut line, socket) = socket(Four);
    for round in 0..3 {
        line.tick(at(round * 350 + 300));
        assert_eq!(told(&mut line), ["2"]);
        frame(&mut line, socket, "3", round * 350 + 350);
    }
    line.tick(at(1_350));
    assert_eq!(told(&mut line), ["2"]);
    line.tick(at(1_549));
    assert!(line.is_open());
    line.tick(at(1_550));
    assert_eq!(told(&mut line), ["close 1 HeartbeatMissed", "ended By(HeartbeatMissed)"]);
}

#[test]
fn the_client_pings_in_revision_3() {
    let mut line = polling(Three);
    for round in 1..4 {
        assert_eq!(post(&mut line, "1:2", at(round * 300)), Ok(()));
        line.on_poll(at(round * 300)).unwrap();
        assert_eq!(told(&mut line), ["poll 1:3"]);
    }
    let (mut line, socket) = socket(Three);
    for round in 1..4 {
        frame(&mut line, socket, "2", round * 300);
        assert_eq!(told(&mut line), ["3"]);
    }
    frame(&mut line, socket, "2abc", 1_000);
    assert_eq!(told(&mut line), ["3abc"]);
    assert_eq!(line.due(), Some(at(1_500)));
    line.tick(at(1_500));
    assert_eq!(told(&mut line), ["close 1 HeartbeatMissed", "ended By(HeartbeatMissed)"]);
}

#[test]
fn a_session_that_nobody_comes_for_ends_without_any_timer() {
    for revision in [Three, Four] {
        let mut line = polling(revision);
        assert_eq!(line.on_poll(at(500)).unwrap_err().status(), 400);
        let mut line = polling(revision);
        assert_eq!(post(&mut line, if revision == Three { "1:2" } else { "3" }, at(500)), Err(400));
    }
}

#[test]
fn a_client_that_only_speaks_and_never_comes_is_given_up() {
    let mut line = polling(Three);
    assert_eq!(post(&mut line, "1:2", at(200)), Ok(()));
    assert_eq!(post(&mut line, "1:2", at(400)), Ok(()));
    assert_eq!(line.due(), Some(at(500)));
    assert_eq!(post(&mut line, "1:2", at(600)), Err(400));
}

#[test]
fn a_client_that_waits_with_a_poll_is_not_away() {
    let mut line = polling(Three);
    line.on_poll(at(100)).unwrap();
    for now in [400, 800, 1_200] {
        assert_eq!(post(&mut line, "1:6", at(now)), Ok(()));
    }
    assert_eq!(told(&mut line), [""; 0]);
}

#[test]
fn whoever_is_not_read_is_not_silent() {
    let (mut line, _) = socket(Four);
    line.hold(true);
    line.tick(at(300));
    line.tick(at(500));
    assert_eq!(told(&mut line), ["2"]);
    line.hold(false);
    line.tick(at(700));
    assert_eq!(told(&mut line).last().unwrap(), "ended By(HeartbeatMissed)");
}

#[test]
fn a_heartbeat_in_the_wrong_direction_ends_the_session() {
    let (mut line, number) = socket(Four);
    frame(&mut line, number, "2", 1);
    assert_eq!(told(&mut line), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
    let (mut line, number) = socket(Three);
    frame(&mut line, number, "3", 1);
    assert_eq!(told(&mut line), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
}
