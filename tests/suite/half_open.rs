//! A peer that disappears without a FIN: its connection ends after heartbeat plus timeout, whatever is queued for it.

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
fn silent_peer(person: &Person) -> TrySocket {
    let dial = Dial { receive_buffer: Some(4 * 1024), ..Dial::default() };
    TrySocket::connect_by(dial, person.http.endpoint(), &person.token).unwrap()
}

/// Waits until Avi receives that Lisa is offline, and the server has closed her socket.
fn wait_for_offline(server: &Server, his: &mut Socket, sockets: usize) {
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
fn a_silent_peer_that_reads_receives_4009() {
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, _) = pair(&server);
    let mut silent = lisa.connect();
    silent.answers_pings = false;
    let begun = Instant::now();
    assert_eq!(silent.close_within(GONE).0, 4009);
    // Sooner than the heartbeat and the timeout would cut off who is only slow.
    assert!(begun.elapsed() >= Duration::from_millis(1900), "closed after {:?}", begun.elapsed());
    let mut awake = avi.connect();
    // A peer that answers remains connected.
    let deadline = Instant::now() + Duration::from_secs(4);
    while let Some(incoming) = awake.incoming_until(deadline) {
        assert!(matches!(incoming, Incoming::Ping(_) | Incoming::Text(_)), "{incoming:?}");
    }
    awake.fence();
}

#[test]
fn a_peer_that_disappeared_is_offline_after_heartbeat_and_timeout() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    his.fence();
    let sockets = server.open_sockets();
    let _silent = silent_peer(&lisa);
    wait_for_offline(&server, &mut his, sockets);
}

#[test]
fn a_full_send_buffer_does_not_keep_a_dead_connection() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    his.fence();
    let sockets = server.open_sockets();
    let _silent = silent_peer(&lisa);
    // More than both kernels take, so that the ping itself waits behind it.
    for _ in 0..100 {
        his.send_message(&session, &"x".repeat(16 * 1024));
    }
    wait_for_offline(&server, &mut his, sockets);
}

#[test]
fn a_peer_that_disappeared_with_much_requested_is_offline_too() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&HEARTBEAT);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    for _ in 0..20 {
        his.send_message(&session, &"x".repeat(16 * 1024));
    }
    let sockets = server.open_sockets();
    let mut silent_peer = silent_peer(&lisa);
    // Answers it never takes, with more questions behind them than the server lets wait: their pongs, if they came, could
    // not be seen. They never come, and it must go.
    for _ in 0..200 {
        silent_peer.submit(json!({"type": "history", "session": session, "limit": 20})).unwrap();
    }
    wait_for_offline(&server, &mut his, sockets);
}

#[test]
fn commands_held_back_by_a_rate_do_not_make_a_peer_time_out() {
    // The pong of a hasty client stands behind commands that the server itself holds back.
    let mut settings = HEARTBEAT.to_vec();
    settings.retain(|(name, _)| *name != "PARLOR_FRAMES_PER_SECOND");
    settings.extend([("PARLOR_FRAMES_PER_SECOND", "10"), ("PARLOR_FRAMES_BURST", "10")]);
    let server = Server::with(&settings);
    let mut hasty = register(&server, "avi").connect();
    let ids: Vec<String> = (0..60).map(|_| hasty.submit(json!({"type": "ping"}))).collect();
    for id in ids {
        hasty.answer(&id);
    }
}
