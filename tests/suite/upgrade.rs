//! The upgrade to a WebSocket: authentication, origins and what is negotiated.

use crate::kit::*;

#[test]
fn the_token_may_be_in_a_header_or_a_cookie() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let own = format!("http://{}", server.endpoint().address());
    let bearer = format!("Bearer {}", avi.token);
    let cookie = format!("parlor_token={}", avi.token);
    for headers in [
        vec![("Authorization", bearer.as_str())],
        vec![("Cookie", cookie.as_str())],
        vec![("Cookie", cookie.as_str()), ("Origin", own.as_str())],
    ] {
        let mut socket = Socket::open(server.endpoint(), &headers).unwrap();
        socket.send(&json!({"type": "hello"}));
        assert_eq!(socket.expect("ready")["user"]["username"], "avi", "{headers:?}");
    }
}

#[test]
fn a_foreign_page_is_refused_before_the_upgrade() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let own = format!("http://{}", server.endpoint().address());
    let port = server.endpoint().address().port();
    let neighbour = format!("http://127.0.0.1:{}", port ^ 1);
    for origin in [own.as_str(), "https://friend.example"] {
        assert!(Socket::open(server.endpoint(), &[("Origin", origin)]).is_ok(), "{origin}");
    }
    for origin in ["https://evil.example", "http://friend.example", "null", &neighbour, "nonsense"] {
        match Socket::open(server.endpoint(), &[("Origin", origin)]) {
            Ok(_) => panic!("{origin} was let in"),
            Err(reply) => drop(reply.refused(403, "forbidden")),
        }
    }
}

#[test]
fn a_cookie_does_not_count_for_a_listed_origin() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = register(&server, "avi");
    let cookie = format!("parlor_token={}", avi.token);
    let headers = [("Origin", "https://friend.example"), ("Cookie", cookie.as_str())];
    let mut socket = Socket::open(server.endpoint(), &headers).unwrap();
    socket.send(&json!({"type": "hello"}));
    assert_eq!(socket.close_code(), 4501, "it may connect, but with a token of its own");
}

#[test]
fn resets_during_an_upgrade_are_nothing_to_log() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for at in 0..100 {
        let path = ["/api/v1/ws", "/ws", "/socket.io/?EIO=4&transport=websocket", "/nowhere"][at % 4];
        let mut stream = std::net::TcpStream::connect(server.endpoint().address()).unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        socket2::SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    }
    avi.connect().fence();
    let log = server.log();
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

#[test]
fn the_subprotocol_is_accepted_and_compression_is_not() {
    let server = Server::start();
    let avi = register(&server, "avi");
    // The kit fails on any extension in the answer, and on a subprotocol that was not offered.
    let headers = [
        ("Sec-WebSocket-Protocol", "parlor.v9, parlor.v1"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ];
    let mut socket = Socket::open(server.endpoint(), &headers).unwrap();
    assert_eq!(socket.subprotocol.as_deref(), Some("parlor.v1"));
    socket.hello(&avi.token);
    let other = Socket::open(server.endpoint(), &[("Sec-WebSocket-Protocol", "chat")]).unwrap();
    assert_eq!(other.subprotocol, None);
}

#[test]
fn a_plain_request_to_the_websocket_is_refused() {
    let server = Server::start();
    let reply = server.http().get("/ws");
    assert!([400, 426].contains(&reply.status), "{}", reply.text());
}
