//! Pings, pongs and timeouts.

use super::*;

fn frame(engine: &mut EngineSession, socket: SocketNo, text: &'static str, now: u64) {
    engine.on_socket_text(socket, &text.into(), at(now));
}

#[test]
fn the_server_pings_in_responses_to_polls() {
    let mut engine = polling(Four);
    for round in 0..3 {
        let begin = round * 310;
        engine.on_poll(at(begin + 5)).unwrap();
        assert_eq!(engine_actions(&mut engine), [""; 0]);
        assert_eq!(engine.next_deadline(), Some(at(begin + 300)));
        engine.tick(at(begin + 300));
        assert_eq!(engine_actions(&mut engine), ["poll 2"]);
        assert_eq!(post(&mut engine, "3", at(begin + 310)), Ok(()));
    }
}

#[test]
fn the_server_pings_over_the_socket() {
    let (mut engine, socket) = socket(Four);
    for round in 0..3 {
        engine.tick(at(round * 350 + 300));
        assert_eq!(engine_actions(&mut engine), ["2"]);
        frame(&mut engine, socket, "3", round * 350 + 350);
    }
    engine.tick(at(1_350));
    assert_eq!(engine_actions(&mut engine), ["2"]);
    engine.tick(at(1_549));
    assert!(engine.is_open());
    engine.tick(at(1_550));
    assert_eq!(engine_actions(&mut engine), ["close 1 HeartbeatMissed", "ended ByServer(HeartbeatMissed)"]);
}

#[test]
fn the_client_pings_in_revision_3() {
    let mut engine = polling(Three);
    for round in 1..4 {
        assert_eq!(post(&mut engine, "1:2", at(round * 300)), Ok(()));
        engine.on_poll(at(round * 300)).unwrap();
        assert_eq!(engine_actions(&mut engine), ["poll 1:3"]);
    }
    let (mut engine, socket) = socket(Three);
    for round in 1..4 {
        frame(&mut engine, socket, "2", round * 300);
        assert_eq!(engine_actions(&mut engine), ["3"]);
    }
    frame(&mut engine, socket, "2abc", 1_000);
    assert_eq!(engine_actions(&mut engine), ["3abc"]);
    assert_eq!(engine.next_deadline(), Some(at(1_500)));
    engine.tick(at(1_500));
    assert_eq!(engine_actions(&mut engine), ["close 1 HeartbeatMissed", "ended ByServer(HeartbeatMissed)"]);
}

#[test]
fn an_unpolled_session_ends_at_the_next_input() {
    for revision in [Three, Four] {
        let mut engine = polling(revision);
        assert_eq!(engine.on_poll(at(500)).unwrap_err().status(), 400);
        let mut engine = polling(revision);
        assert_eq!(post(&mut engine, if revision == Three { "1:2" } else { "3" }, at(500)), Err(400));
    }
}

#[test]
fn a_client_that_posts_and_never_polls_times_out() {
    let mut engine = polling(Three);
    assert_eq!(post(&mut engine, "1:2", at(200)), Ok(()));
    assert_eq!(post(&mut engine, "1:2", at(400)), Ok(()));
    assert_eq!(engine.next_deadline(), Some(at(500)));
    assert_eq!(post(&mut engine, "1:2", at(600)), Err(400));
}

#[test]
fn a_pending_poll_keeps_the_session() {
    let mut engine = polling(Three);
    engine.on_poll(at(100)).unwrap();
    for now in [400, 800, 1_200] {
        assert_eq!(post(&mut engine, "1:6", at(now)), Ok(()));
    }
    assert_eq!(engine_actions(&mut engine), [""; 0]);
}

#[test]
fn a_client_that_is_not_read_does_not_time_out() {
    let (mut engine, _) = socket(Four);
    engine.pause_reading(true);
    engine.tick(at(300));
    engine.tick(at(500));
    assert_eq!(engine_actions(&mut engine), ["2"]);
    engine.pause_reading(false);
    engine.tick(at(700));
    assert_eq!(engine_actions(&mut engine).last().unwrap(), "ended ByServer(HeartbeatMissed)");
}

#[test]
fn a_heartbeat_in_the_wrong_direction_ends_the_session() {
    let (mut engine, number) = socket(Four);
    frame(&mut engine, number, "2", 1);
    assert_eq!(engine_actions(&mut engine), ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
    let (mut engine, number) = socket(Three);
    frame(&mut engine, number, "3", 1);
    assert_eq!(engine_actions(&mut engine), ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
}
