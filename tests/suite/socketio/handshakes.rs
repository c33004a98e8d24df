//! The Socket.IO endpoint: origins, credentials, the `sid`, and malformed requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::kit::*;

const FRIEND: &str = "https://friend.example";
const EVIL: &str = "https://evil.example";

fn refused(reply: &Reply, status: u16, code: u16) {
    assert_eq!((reply.status, &reply.json()["code"]), (status, &json!(code)), "{}", reply.text());
}

#[test]
fn the_sid_is_long_and_never_in_a_log() {
    let server = Server::with(&[("RUST_LOG", "trace")]);
    let avi = register(&server, "avi");
    let mut names = Vec::new();
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        client.ok("ping", json!({}));
        assert!(client.sid.len() >= 27, "160 bits");
        names.push(client.sid.clone());
        client.send("4nonsense");
        client.rest(PATIENCE);
        assert!(!client.poll());
    }
    let log = server.log();
    assert!(log.contains("connection"), "{log}");
    for name in names {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&name)).collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
}

#[test]
fn every_request_of_another_page_is_refused() {
    let server = Server::with(&[("PARLOR_ORIGINS", FRIEND)]);
    let own = format!("http://{}", server.endpoint().address());
    for (origin, status) in [(EVIL, 403), ("null", 403), (FRIEND, 200), (own.as_str(), 200)] {
        let client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
        let of = |reply: Reply| {
            let allowed = reply.header("access-control-allow-origin").map(str::to_owned);
            assert_eq!(allowed.as_deref(), (origin == FRIEND).then_some(FRIEND));
            assert_eq!(reply.header("access-control-allow-credentials"), None);
            reply.status
        };
        let began = SocketIoClient::open(server.endpoint(), Transport::Polling, &[("Origin", origin)]);
        assert_eq!(began.map_or_else(|no| no.status, |_| 200), status, "{origin}");
        let began = SocketIoClient::open(server.endpoint(), Transport::Socket, &[("Origin", origin)]);
        assert_eq!(began.map_or_else(|no| no.status, |_| 200), status, "{origin}");
        assert_eq!(of(client.call("POST").header("Origin", origin).body(b"40").send()), status, "{origin}");
        if status == 403 {
            // The session goes on as it was.
            assert_eq!(client.call("POST").body(b"40").send().status, 200);
        }
        assert_eq!(of(client.call("GET").header("Origin", origin).send()), status, "{origin}");
        let socket = client.open_websocket(&[("Origin", origin)]);
        assert_eq!(socket.map_or_else(|no| no.status, |_| 200), status, "{origin}");
    }
}

#[test]
fn a_listed_origin_receives_cors_headers() {
    let server = Server::with(&[("PARLOR_ORIGINS", FRIEND)]);
    let request = |origin: &str| {
        let call = server.http().call("OPTIONS", "//socket.io/?EIO=4&transport=polling").header("Origin", origin);
        call.header("Access-Control-Request-Method", "POST").send()
    };
    let received = request(FRIEND);
    assert_eq!((received.status, received.header("access-control-allow-origin")), (204, Some(FRIEND)));
    assert!(received.header("access-control-allow-methods").unwrap().contains("POST"));
    assert!(received.header("access-control-allow-headers").unwrap().contains("Authorization"));
    assert_eq!(request(EVIL).header("access-control-allow-origin"), None);
}

#[test]
fn a_session_requires_the_credentials_of_its_handshake() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let bearer = |person: &Person| format!("Bearer {}", person.token);
    let cookie = |person: &Person| format!("parlor_token={}", person.token);
    for (name, own, other) in [("Authorization", bearer(&avi), bearer(&lisa)), ("Cookie", cookie(&avi), cookie(&lisa))]
    {
        let mut client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[(name, &own)]).unwrap();
        client.enter(json!({})).unwrap();
        client.expect("ready");
        let path = format!("//socket.io/?EIO=4&transport=polling&sid={}", client.sid);
        for headers in [vec![], vec![(name, other.as_str())]] {
            let shaped = |method| {
                let call = server.http().call(method, &path);
                headers.iter().fold(call, |call, (name, value)| call.header(name, value))
            };
            refused(&shaped("GET").send(), 403, 4);
            refused(&shaped("POST").body(b"41").send(), 403, 4);
            assert_eq!(client.open_websocket(&headers).unwrap_err().status, 403);
        }
        client.ok("ping", json!({}));
        client.upgrade();
        client.ok("ping", json!({}));
    }
}

#[test]
fn a_token_in_the_address_is_refused() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for query in [format!("token={}", avi.token), "access_token=".to_owned(), format!("x={}", avi.token)] {
        let path = format!("/socket.io/?EIO=4&transport=polling&{query}");
        server.http().call("GET", &format!("/{path}")).send().refused(400, "invalid_request");
        assert_eq!(Socket::open_at(server.endpoint(), &path, &[]).unwrap_err().status, 400);
    }
}

#[test]
fn requests_without_a_valid_session_are_refused_with_the_protocols_errors() {
    let server = Server::start();
    let request = |method, query: &str| server.http().call(method, &format!("//socket.io/{query}")).send();
    for (method, query, code) in [
        ("GET", "", 0),
        ("GET", "?EIO=4&transport=pigeon", 0),
        ("GET", "?EIO=4&transport=polling&sid=nobody", 1),
        ("POST", "?EIO=4&transport=polling", 2),
        ("PUT", "?EIO=4&transport=polling", 2),
        ("GET", "?EIO=4&transport=websocket", 3),
        ("GET", "?EIO=5&transport=polling", 5),
    ] {
        refused(&request(method, query), 400, code);
    }
    let client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
    refused(&request("GET", &format!("?EIO=3&transport=polling&sid={}", client.sid)), 400, 3);
    refused(&client.call("POST").body(b"abc").send(), 400, 3);
    refused(&client.call("GET").send(), 400, 1);
}

#[test]
fn a_body_is_bounded_in_size_and_in_time() {
    let server = Server::start();
    let client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
    let large = format!("40{}", "x".repeat(70_000));
    assert_eq!(client.call("POST").body(large.as_bytes()).send().status, 413, "from a stranger");
    refused(&client.call("GET").send(), 400, 1);

    let client = SocketIoClient::open(server.endpoint(), Transport::Polling, &[]).unwrap();
    let mut slow = TcpStream::connect(client.endpoint().fixed()).unwrap();
    let head = format!(
        "POST /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4",
        client.sid
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let begun = Instant::now();
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{:?}", String::from_utf8_lossy(&answer));
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    refused(&client.call("GET").send(), 400, 1);
}

#[test]
fn anonymous_connections_count_for_every_endpoint_together() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HELLO_PER_ADDRESS", "2")]);
    let avi = register(&server, "avi");
    let open = |transport, headers: &[(&str, &str)]| {
        SocketIoClient::open(server.endpoint(), transport, headers).expect("let in")
    };
    let mut oldest = open(Transport::Socket, &[]);
    let (mut second, mut third) = (open(Transport::Polling, &[]), open(Transport::Socket, &[]));
    assert_eq!(oldest.next(), None, "it has made room");
    // A good credential in the handshake takes no place, a bad one does.
    let bearer = format!("Bearer {}", avi.token);
    let known = [Transport::Polling, Transport::Socket].map(|transport| open(transport, &[("Authorization", &bearer)]));
    second.enter(json!({"token": avi.token})).unwrap();
    second.expect("ready");
    let others =
        [Transport::Polling, Transport::Socket].map(|transport| open(transport, &[("Authorization", "Bearer x")]));
    assert_eq!(third.next(), None, "it has made room");
    for mut client in known {
        client.enter(json!({})).expect("still there");
    }
    drop(others);
}
