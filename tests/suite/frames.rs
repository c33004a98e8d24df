//! Frames: their limits, answers to malformed ones, and when those end the connection.

use crate::kit::wire::{BINARY, CONTINUE, PING, TEXT};
use crate::kit::*;

/// A frame's size at which the default limit ends.
const MOST: usize = 64 * 1024;

#[test]
fn an_answer_carries_the_commands_id() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    let longest = "🔑".repeat(64);
    for id in ["7", "a b", longest.as_str()] {
        his.send(&json!({"type": "ping", "id": id}));
        assert_eq!(his.answer(id)["type"], "pong");
        his.send(&json!({"type": "send", "id": id, "session": session, "text": "x"}));
        assert_eq!(his.answer(id)["type"], "ok");
        his.send(&json!({"type": "send", "id": id, "session": "aaaaaaaaaaaaa", "text": "x"}));
        assert_eq!(his.answer(id)["code"], "not_found");
    }
}

#[test]
fn an_id_has_its_limits() {
    let server = Server::start();
    let mut his = register(&server, "avi").connect();
    for id in [json!("k".repeat(65)), json!(7), json!(["x"]), json!({})] {
        his.send(&json!({"type": "ping", "id": id}));
        let error = his.expect("error");
        assert_eq!(error["code"], "invalid_request", "{id}");
    }
    his.fence();
}

#[test]
fn a_command_without_an_id_is_answered_without_one() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    his.send(&json!({"type": "send", "session": session, "text": "x"}));
    let ok = his.expect("ok");
    assert_eq!(ok["seq"], 1);
    assert_eq!(ok["id"], Value::Null);
    his.send(&json!({"type": "ping"}));
    assert_eq!(his.expect("pong")["id"], Value::Null);
}

#[test]
fn what_is_not_a_command_is_answered_with_an_error() {
    let server = Server::start();
    let mut his = register(&server, "avi").connect();
    for content in [
        "",
        "nonsense",
        "{",
        "[]",
        "null",
        "\"ping\"",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"no-such-thing"}"#,
        r#"{"type":"send"}"#,
        r#"{"type":"send","session":7,"text":"x"}"#,
        r#"{"type":"history","session":"a","limit":"x"}"#,
        r#"{"type":"answer","invite":"a"}"#,
    ] {
        his.send_text(content);
        let error = his.expect("error");
        assert_eq!(error["code"], "invalid_request", "{content:?}");
        assert!(error["message"].is_string());
        his.fence();
    }
    his.send_frame(true, BINARY, br#"{"type":"ping"}"#);
    assert_eq!(his.expect("error")["code"], "invalid_request");
    his.expect_no("pong");
}

#[test]
fn a_wrong_field_is_answered_under_the_commands_id_and_named() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    for (command, field) in [
        (json!({"type": "send", "session": session, "text": 7}), "text"),
        (json!({"type": "send", "session": session}), "text"),
        (json!({"type": "send", "session": session, "text": "x", "reply_to": "1"}), "reply_to"),
        (json!({"type": "read", "session": session}), "seq"),
        (json!({"type": "read", "session": session, "seq": -1}), "seq"),
        (json!({"type": "history", "session": session, "before": "x"}), "before"),
        (json!({"type": "invite", "username": 7}), "username"),
    ] {
        let error = his.refused(command, "invalid_request");
        assert!(text(&error, "message").contains(field), "does not name {field}: {error}");
    }
}

#[test]
fn unknown_fields_are_ignored_in_frames_too() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    his.ok(json!({"type": "send", "session": session, "text": "x", "colour": {"red": 1}}));
}

#[test]
fn ten_wrong_frames_in_a_row_end_the_connection() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut his = avi.connect();
    for _ in 0..2 {
        for _ in 0..9 {
            his.send_text("nonsense");
            his.expect("error");
        }
        // One that is understood begins the count anew.
        his.fence();
    }
    let mut other = avi.connect();
    for _ in 0..10 {
        other.send_text("nonsense");
    }
    assert_eq!(other.close_code(), 4500);
    let errors = other.take_kept().iter().filter(|frame| frame["type"] == "error").count();
    assert!(errors >= 9, "{errors} errors before the close");
    his.fence();
}

#[test]
fn a_refusal_is_no_wrong_frame() {
    let server = Server::start();
    let mut his = register(&server, "avi").connect();
    for _ in 0..15 {
        his.refused(json!({"type": "history", "session": "aaaaaaaaaaaaa"}), "not_found");
    }
}

#[test]
fn a_frame_has_a_maximum_size() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let padded = |size: usize| {
        let bare = r#"{"type":"ping","id":"1","padding":""}"#.len();
        format!(r#"{{"type":"ping","id":"1","padding":"{}"}}"#, "x".repeat(size - bare))
    };
    let mut his = avi.connect();
    his.send_text(&padded(MOST));
    assert_eq!(his.answer("1")["type"], "pong");
    // Above, the head of the frame is enough: nothing of the body need come.
    his.send_bytes(&wire::head(true, TEXT, MOST + 1, true));
    assert_eq!(his.close_code(), 1009);
    let mut other = avi.connect();
    other.send_bytes(&wire::head(true, BINARY, 1 << 40, true));
    assert_eq!(other.close_code(), 1009);
}

#[test]
fn fragments_are_joined() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let command = json!({"type": "send", "id": "1", "session": session, "text": "схоластика"}).to_string();
    let bytes = command.as_bytes();
    // One byte a fragment also cuts every character in two; a ping may come between.
    his.send_frame(false, TEXT, &bytes[..1]);
    for byte in &bytes[1..bytes.len() - 1] {
        his.send_frame(false, CONTINUE, &[*byte]);
    }
    his.send_frame(true, PING, b"between");
    his.send_frame(true, CONTINUE, &bytes[bytes.len() - 1..]);
    assert_eq!(his.answer("1")["seq"], 1);
    assert_eq!(hers.receive(&session), "схоластика");
}

#[test]
fn joined_fragments_have_the_maximum_size_of_a_frame() {
    let server = Server::start();
    let mut his = register(&server, "avi").connect();
    let part = vec![b' '; MOST / 4];
    his.send_frame(false, TEXT, &part);
    for _ in 0..3 {
        his.send_frame(false, CONTINUE, &part);
    }
    let _ = his.try_send_bytes(&wire::masked(true, CONTINUE, b"{}"));
    assert_eq!(his.close_code(), 1009);
}

#[test]
fn pings_of_websockets_own_are_answered_in_order_on_every_endpoint() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let bearer = format!("Bearer {}", avi.token);
    let headers = [("Authorization", bearer.as_str())];
    let older = Socket::open_at(server.endpoint(), "/ws", &headers).unwrap();
    let packets = SocketIoClient::connect(server.endpoint(), Transport::Socket, &avi.token).into_socket();
    for mut his in [avi.connect(), older, packets] {
        let wanted: Vec<Vec<u8>> = (0..20).map(|at| format!("ping {at}").into_bytes()).collect();
        // Some together, some alone: all of them wait for the same write, or none does.
        let together: Vec<u8> = wanted[..10].iter().flat_map(|ping| wire::masked(true, PING, ping)).collect();
        his.send_bytes(&together);
        wanted[10..].iter().for_each(|ping| his.send_frame(true, PING, ping));
        let (mut pongs, deadline) = (Vec::new(), std::time::Instant::now() + PATIENCE);
        while pongs.len() < wanted.len() {
            match his.incoming_until(deadline) {
                Some(Incoming::Pong(payload)) => pongs.push(payload),
                Some(Incoming::Text(_) | Incoming::Ping(_)) => {}
                other => panic!("{other:?} behind {pongs:?}"),
            }
        }
        assert_eq!(pongs, wanted);
    }
}

#[test]
fn text_that_is_not_utf_8_is_closed_before_its_message_is_whole() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let bad = b"\xce\xba\xe1\xbd\xb9\xf4\x90\x80\x80";
    let whole = wire::masked(true, TEXT, &[&bad[..], &[b'x'; 1_000]].concat());
    for bytes in [
        [wire::masked(false, TEXT, bad), wire::masked(false, CONTINUE, b"more")].concat(),
        [wire::masked(false, TEXT, &bad[..6]), wire::masked(false, CONTINUE, &bad[6..])].concat(),
        // A frame whose end never comes.
        whole[..100].to_vec(),
    ] {
        let mut his = avi.connect();
        his.send_bytes(&bytes);
        assert_eq!(his.close_code(), 1007);
    }
}
