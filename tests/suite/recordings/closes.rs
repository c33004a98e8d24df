//! How connections begin and end: handshakes, `hello`, and close codes.

use crate::kit::wire::{BINARY, CLOSE, TEXT};
use crate::kit::*;

#[test]
fn handshakes_are_answered_as_recorded() {
    let record = Transcript::new("handshakes");
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = register(&server, "avi");
    let caller = record.stranger(&server);
    record.part("requests that are no handshake");
    for path in ["/ws", "//ws"] {
        for method in ["GET", "HEAD", "OPTIONS", "POST"] {
            caller.send(caller.call(method, path));
        }
        caller.send(caller.call("OPTIONS", path).header("Origin", "https://evil.example"));
    }
    record.part("handshakes");
    let (bearer, cookie) = (format!("Bearer {}", avi.token), format!("parlor_token={}", avi.token));
    for headers in [
        vec![],
        vec![("Authorization", bearer.as_str())],
        vec![("Cookie", cookie.as_str())],
        vec![("Authorization", "Bearer prl_x")],
        vec![("Origin", "https://friend.example"), ("Cookie", cookie.as_str())],
        vec![("Origin", "https://evil.example")],
        vec![("Sec-WebSocket-Protocol", "parlor.v9, parlor.v1")],
        vec![("Sec-WebSocket-Protocol", "other")],
    ] {
        let shown: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        record.sent("-", &format!("upgrade {}", shown.join(" ")));
        match Socket::open(server.endpoint(), &headers) {
            Ok(socket) => {
                record.received("-", &format!("101 {:?}", socket.subprotocol));
                let mut frames = record.frames("-", socket);
                frames.send(json!({"type": "hello"}));
                if frames.receive_or_end().is_some_and(|frame| frame["type"] == "ready") {
                    super::is_seen(&server, "avi");
                }
            }
            Err(reply) => record.reply("-", &reply, transcript::shown),
        }
    }
    record.sent("-", "upgrade ?token=x");
    let refused = Socket::open_at(server.endpoint(), "/api/v1/ws?token=x", &[]).unwrap_err();
    record.reply("-", &refused, transcript::shown);
    record.compare();
}

#[test]
fn connections_without_a_good_hello_end_as_recorded() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let record = Transcript::new("hello");
    let server = Server::with(&[("PARLOR_HELLO_SECONDS", "1"), ("PARLOR_USER_CONNECTIONS", "1")]);
    let avi = register(&server, "avi");
    for (title, hello) in [
        ("a bad token", json!({"type": "hello", "token": "prl_x"})),
        ("no token", json!({"type": "hello"})),
        ("another command", json!({"type": "ping"})),
    ] {
        record.part(title);
        let mut frames = record.frames("-", server.socket());
        frames.send(hello);
        frames.end();
    }
    record.part("no frame at all");
    record.frames("-", server.socket()).end();
    record.part("no JSON");
    let mut frames = record.frames("-", server.socket());
    frames.send_text("nonsense");
    frames.end();
    record.part("one connection too many");
    let _first = record.connect(&avi);
    let mut second = record.frames("avi", server.socket());
    second.send(json!({"type": "hello", "token": avi.token}));
    second.end();
    record.compare();
}

#[test]
fn connections_are_closed_with_codes_as_recorded() {
    let record = Transcript::new("closes");
    let server = Server::start();
    let avi = register(&server, "avi");
    let ends = |title: &str, what: &str, bytes: &[u8]| {
        record.part(title);
        let mut frames = record.frames("avi", avi.connect());
        frames.send_bytes(what, bytes);
        frames.end();
    };
    ends("a close frame", "(close 1000)", &wire::masked(true, CLOSE, &1000_u16.to_be_bytes()));
    ends("a close frame without a code", "(close)", &wire::masked(true, CLOSE, b""));
    ends("not masked", "(a frame without a mask)", &[0x81, 0x02, b'{', b'}']);
    ends("not UTF-8", "(a text that is not UTF-8)", &wire::masked(true, TEXT, b"\xff\xfe"));
    ends("too large", "(the head of a large frame)", &wire::head(true, BINARY, 1 << 20, true));
    ends("ten faults in a row", "(ten times nonsense)", &wire::masked(true, TEXT, b"nonsense").repeat(10));
    record.part("the token ends");
    let frames = record.frames("avi", avi.connect());
    record.http(&avi).post("/logout", json!({}));
    frames.end();
    record.compare();
}

#[test]
fn the_server_ends_connections_as_recorded() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let record = Transcript::new("server_closes");
    record.part("a heartbeat is missed");
    let server = Server::with(&[("PARLOR_HEARTBEAT_SECONDS", "1"), ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "1")]);
    let avi = register(&server, "avi");
    let mut frames = record.frames("avi", avi.connect());
    frames.socket.answers_pings = false;
    frames.end();
    record.part("flooding");
    let server = Server::with(&[
        ("PARLOR_SENDS_PER_SECOND", "1"),
        ("PARLOR_SENDS_BURST", "1"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
    ]);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    for _ in 0..260 {
        let command = json!({"type": "send", "session": session, "text": "x"}).to_string();
        let _ = socket.try_send_bytes(&wire::masked(true, TEXT, command.as_bytes()));
    }
    record.received("avi", &format!("… close {:?}", socket.close_within(PATIENCE)));
    record.part("the server stops");
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let frames = record.frames("avi", avi.connect());
    let stops = std::thread::spawn(move || server.terminate());
    frames.end();
    assert!(stops.join().unwrap().0.success());
    record.compare();
}
