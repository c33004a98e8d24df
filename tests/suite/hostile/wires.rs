//! Violations of RFC 6455, and valid WebSocket frames in hostile amounts.

use crate::kit::wire::{BINARY, CLOSE, CONTINUE, PING, PONG, TEXT, head, masked};
use crate::kit::*;

/// What the server may grow by while something big is thrown at it.
const GROWTH: u64 = 8 * 1024;

/// A frame that no mask hides, whole.
fn bare(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = masked(true, first & 0x0f, payload);
    bytes[0] = first;
    bytes
}

#[test]
fn websocket_protocol_errors_are_closed_with_1002() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&UNHURRIED);
    let avi = register(&server, "avi");
    let unmasked = [&head(true, TEXT, 2, false)[..], b"{}"].concat();
    let long_ping = masked(true, PING, &[b'x'; 126]);
    for (what, bytes) in [
        ("a frame without a mask", unmasked),
        ("a reserved bit", bare(0x80 | 0x40 | TEXT, b"{}")),
        ("another reserved bit", bare(0x80 | 0x10 | TEXT, b"{}")),
        ("an opcode that is not given", bare(0x80 | 0x3, b"{}")),
        ("a control opcode that is not given", bare(0x80 | 0xB, b"")),
        ("a ping in fragments", masked(false, PING, b"x")),
        ("a ping above 125 bytes", long_ping),
        ("a continuation of nothing", masked(true, CONTINUE, b"{}")),
        ("a new message inside another", [masked(false, TEXT, b"{"), masked(true, TEXT, b"{}")].concat()),
        ("a close of one byte", masked(true, CLOSE, b"x")),
        ("a close in fragments", masked(false, CLOSE, b"")),
        ("a close with a code that may not be said", masked(true, CLOSE, &1005_u16.to_be_bytes())),
        ("a close with a code that is none", masked(true, CLOSE, &999_u16.to_be_bytes())),
    ] {
        let mut his = avi.connect();
        his.send_bytes(&bytes);
        assert_eq!(his.close_code(), 1002, "{what}");
    }
}

#[test]
fn text_that_is_not_utf8_is_closed_with_1007() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&UNHURRIED);
    let avi = register(&server, "avi");
    for bytes in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\"\xe2\x82"] {
        let mut whole = avi.connect();
        whole.send_frame(true, TEXT, bytes);
        assert_eq!(whole.close_code(), 1007, "{bytes:x?}");
        let mut halves = avi.connect();
        halves.send_frame(false, TEXT, &bytes[..1]);
        let _ = halves.try_send_bytes(&masked(true, CONTINUE, &bytes[1..]));
        assert_eq!(halves.close_code(), 1007, "{bytes:x?} in halves");
        let mut closing = avi.connect();
        closing.send_frame(true, CLOSE, &[&1000_u16.to_be_bytes()[..], bytes].concat());
        let code = closing.close_code();
        assert!([1002, 1007].contains(&code), "{bytes:x?} as a reason: {code}");
    }
}

#[test]
fn a_close_frame_is_answered() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::start();
    let avi = register(&server, "avi");
    for code in [1000_u16, 1001, 1011, 3000, 4999] {
        let mut his = avi.connect();
        his.send_frame(true, CLOSE, &[&code.to_be_bytes()[..], b"why not"].concat());
        assert_eq!(his.close_code(), code);
    }
    let mut his = avi.connect();
    his.send_frame(true, CLOSE, b"");
    assert!([1000, 1005].contains(&his.close_code()));
}

#[test]
fn a_frame_that_is_announced_too_large_costs_nothing() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::start();
    let avi = register(&server, "avi");
    avi.connect().goodbye();
    let before = server.rss_kib();
    let some = vec![b'x'; 64 * 1024];
    for opcode in [TEXT, BINARY] {
        let mut his = avi.connect();
        his.send_bytes(&head(true, opcode, 1 << 30, true));
        // Some of it comes before the close is seen; a peer may also not look at all.
        for _ in 0..320 {
            if his.try_send_bytes(&some).is_err() {
                break;
            }
        }
        assert_eq!(his.close_code(), 1009);
    }
    // Twice the sockets, and none of them had to be remembered.
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < GROWTH, "grew by {grown} KiB");
}

#[test]
fn endless_fragments_are_refused_by_their_sum() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&UNHURRIED);
    let avi = register(&server, "avi");
    for opcode in [TEXT, BINARY] {
        let mut his = avi.connect();
        let before = server.rss_kib();
        his.send_frame(false, opcode, b"");
        for _ in 0..2_000 {
            if his.try_send_bytes(&masked(false, CONTINUE, &[b' '; 1024])).is_err() {
                break;
            }
        }
        assert_eq!(his.close_code(), 1009);
        let grown = server.rss_kib().saturating_sub(before);
        assert!(grown < GROWTH, "grew by {grown} KiB");
    }
}

#[test]
fn pongs_queued_for_a_client_that_does_not_read_are_bounded() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "0"), ("PARLOR_USER_CONNECTIONS", "0")]);
    let avi = register(&server, "avi");
    avi.connect().goodbye();
    let before = server.rss_kib();
    let dial = Dial { receive_buffer: Some(4 * 1024), ..Dial::default() };
    let mut deaf = TrySocket::connect_by(dial, avi.http.endpoint(), &avi.token).unwrap();
    let pings = masked(true, PING, &[b'x'; 125]).repeat(1_000);
    // 26 MB of pongs are owed; the bound of a connection is 1 MiB.
    for _ in 0..200 {
        if deaf.send_bytes(&pings).is_err() {
            break;
        }
    }
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < GROWTH, "grew by {grown} KiB for pongs that nobody takes");
}

#[test]
fn errors_queued_for_a_client_that_does_not_read_are_bounded() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "0"), ("PARLOR_USER_CONNECTIONS", "0")]);
    let avi = register(&server, "avi");
    avi.connect().goodbye();
    let before = server.rss_kib();
    let dial = Dial { receive_buffer: Some(4 * 1024), ..Dial::default() };
    let mut deaf = TrySocket::connect_by(dial, avi.http.endpoint(), &avi.token).unwrap();
    let good = json!({"type": "ping", "id": "x".repeat(64)}).to_string();
    let some = [masked(true, TEXT, b"nonsense"), masked(true, TEXT, good.as_bytes())].concat().repeat(1_000);
    for _ in 0..200 {
        if deaf.send_bytes(&some).is_err() {
            break;
        }
    }
    let lost = deaf.end(PATIENCE);
    assert!(matches!(lost, Some(Lost::Closed(4008, _) | Lost::Cut(_))), "{lost:?}");
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < GROWTH, "grew by {grown} KiB for answers that nobody takes");
}

#[test]
fn unsolicited_pongs_are_ignored() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::with(&UNHURRIED);
    let mut his = register(&server, "avi").connect();
    for _ in 0..100 {
        his.send_frame(true, PONG, b"unasked");
    }
    his.fence();
}
