//! A peer that vanishes without a FIN: it is gone after heartbeat plus timeout, whatever waits for it.

use std::time::{Duration, Instant};

use crate::kit::*;

const HEARTBEAT: [(&str, &str); 6] = [
    ("PARLOR_HEARTBEAT_SECONDS", "1"),
    ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "1"),
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    // Nothing but the heartbeat may end a connection here.
    ("PARLOR_QUEUE_BYTES", "0"),
];
/// Heartbeat plus timeout, the presence grace period, and a busy machine: less than a close would wait for its reader.
const GONE: Duration = Duration::from_secs(1 + 1 + 1 + 5);

/// A peer that is there and does nothing, not even read: its kernel acknowledges what fits.
fn vanished(person: &Person) -> Line {
    let way = Way { receive_buffer: Some(4 * 1024), ..Way::default() };
    Line::connect_by(way, person.http.door(), &person.token).unwrap()
}

/// Waits until Avi is told that Lisa is offline, and the server has closed her socket.
fn lisa_goes(server: &Server, his: &mut Socket, sockets: usize) {
    let deadline = Instant::now() + GONE;
    loop {
        match his.incoming_until(deadline) {
            Some(Incoming::Text(raw)) => {
                let frame: Value = serde_json::from_str(&raw).unwrap();
                if frame["type"] == "presence" && frame["status"] == "offline" {
                    break assert_eq!(frame["username"], "lisa");
                }
            }
            Some(Incoming::Ping(_)) => {}
            other => panic!("she is online still after {GONE:?}: {other:?}"),
        }
    }
    until("her socket is closed", GONE, || server.open_sockets() <= sockets);
}

#[test]
fn a_silent_peer_that_reads_hears_4009() {
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, _) = pair(&server);
    let mut silent = lisa.connect();
    silent.answers_pings = false;
    let begun = Instant::now();
    assert_eq!(silent.close_within(GONE).0, 4009);
    // Sooner than the heartbeat and the timeout would cut off who is only slow.
    assert!(begun.elapsed() >= Duration::from_millis(1900), "closed after {:?}", begun.elapsed());
    let mut awake = avi.connect();
    // One who answers stays, for as long as one looks.
    let deadline = Instant::now() + Duration::from_secs(4);
    while let Some(incoming) = awake.incoming_until(deadline) {
        assert!(matches!(incoming, Incoming::Ping(_) | Incoming::Text(_)), "{incoming:?}");
    }
    awake.fence();
}

#[test]
fn a_peer_that_vanished_is_gone_after_heartbeat_and_timeout() {
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    his.fence();
    let sockets = server.open_sockets();
    let _vanished = vanished(&lisa);
    lisa_goes(&server, &mut his, sockets);
}

#[test]
fn a_full_send_buffer_does_not_keep_who_vanished() {
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    his.fence();
    let sockets = server.open_sockets();
    let _vanished = vanished(&lisa);
    // More than both kernels take, so that the ping itself waits behind it.
    for _ in 0..100 {
        his.say(&session, &"x".repeat(16 * 1024));
    }
    lisa_goes(&server, &mut his, sockets);
}

#[test]
fn a_peer_that_asked_for_much_and_vanished_is_gone_too() {
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    for _ in 0..20 {
        his.say(&session, &"x".repeat(16 * 1024));
    }
    let sockets = server.open_sockets();
    let mut vanished = vanished(&lisa);
    // Answers it never takes, with more questions behind them than the server lets wait: their pongs, if they came, could
    // not be seen. They never come, and it must go.
    for _ in 0..200 {
        vanished.tell(json!({"type": "history", "session": session, "limit": 20})).unwrap();
    }
    lisa_goes(&server, &mut his, sockets);
}

#[test]
fn words_that_wait_their_turn_do_not_make_a_peer_vanish() {
    // The pong of a hasty client stands behind commands that the server itself holds back.
    let mut settings = HEARTBEAT.to_vec();
    settings.retain(|(name, _)| *name != "PARLOR_FRAMES_PER_SECOND");
    settings.extend([("PARLOR_FRAMES_PER_SECOND", "10"), ("PARLOR_FRAMES_BURST", "10")]);
    let server = Server::with(&settings);
    let mut hasty = register(&server, "avi").connect();
    let ids: Vec<String> = (0..60).map(|_| hasty.tell(json!({"type": "ping"}))).collect();
    for id in ids {
        hasty.answer(&id);
    }
}
