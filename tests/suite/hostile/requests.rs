//! Requests that never end, are too large, or are no HTTP.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

/// By then a request that does not go on is answered or closed.
const ENOUGH: Duration = Duration::from_secs(15);

/// Sends this, then nothing more; returns the answer, and after how long it came.
fn exchange(server: &Server, content: &str) -> (Option<Reply>, Duration) {
    let mut stream = Dial::default().connect(server.endpoint()).unwrap();
    stream.write_all(content.as_bytes()).unwrap();
    let begun = Instant::now();
    (dial::read_reply(&mut stream, ENOUGH + Duration::from_secs(5)), begun.elapsed())
}

#[test]
fn stalled_requests_are_ended() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::start();
    let json = "Content-Type: application/json";
    let cases = [
        ("not a byte", String::new()),
        ("half a line", "GET /healthz HT".to_owned()),
        ("half a head", "POST /api/v1/login HTTP/1.1\r\nHost: a\r\n".to_owned()),
        ("no body", format!("POST /api/v1/login HTTP/1.1\r\nHost: a\r\n{json}\r\nContent-Length: 100\r\n\r\n")),
        ("half a body", format!("POST /api/v1/login HTTP/1.1\r\nHost: a\r\n{json}\r\nContent-Length: 100\r\n\r\n{{")),
        (
            "no chunk",
            format!("POST /api/v1/register HTTP/1.1\r\nHost: a\r\n{json}\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ),
        (
            "no body where none is read",
            "POST /api/v1/logout HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n".to_owned(),
        ),
        ("no body behind a GET", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n".to_owned()),
    ];
    thread::scope(|scope| {
        for (what, content) in &cases {
            let server = &server;
            scope.spawn(move || {
                let (reply, after) = exchange(server, content);
                assert!(after < ENOUGH, "{what}: after {after:?}");
                let status = reply.map(|reply| reply.status);
                assert!(status.is_none_or(|status| (200..500).contains(&status)), "{what}: {status:?}");
            });
        }
        // A byte now and then is no progress either.
        let server = &server;
        scope.spawn(move || {
            let mut stream = Dial::default().connect(server.endpoint()).unwrap();
            let head = format!("POST /api/v1/login HTTP/1.1\r\nHost: a\r\n{json}\r\nContent-Length: 1000\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let begun = Instant::now();
            while stream.write_all(b" ").is_ok() && line_is_open(&stream) {
                assert!(begun.elapsed() < ENOUGH, "a body of a byte now and then is still read");
                thread::sleep(Duration::from_millis(300));
            }
        });
    });
    server.http().get("//healthz").ok();
}

/// True while nothing came back.
fn line_is_open(stream: &std::net::TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let came = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    came.is_err()
}

#[test]
fn oversized_bodies_cost_nothing() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::start();
    let avi = register(&server, "avi");
    let before = server.rss_kib();
    let announced = |length: &str| {
        let call = avi.http.call("PATCH", "/me").header("Content-Type", "application/json");
        call.header("Content-Length", length).body(b"{").send()
    };
    announced("1073741824").refused(413, "too_large");
    announced("18446744073709551616");
    for _ in 0..3 {
        let body = vec![b' '; 20_000_000];
        let call = avi.http.call("PATCH", "/me").header("Content-Type", "application/json");
        call.body(&body).send().refused(413, "too_large");
        let chunks = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat().repeat(100);
        let call = avi.http.call("PATCH", "/me").header("Content-Type", "application/json");
        call.header("Transfer-Encoding", "chunked").body(&chunks).send().refused(413, "too_large");
    }
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "grew by {grown} KiB");
}

#[test]
fn malformed_http_is_refused_and_costs_nothing() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let server = Server::start();
    let before = server.rss_kib();
    let endless = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(4_000_000));
    let lines = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}", "X: y\r\n".repeat(400_000));
    for content in [
        endless.as_str(),
        &lines,
        &format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(1_000_000)),
        "\0\0\0\0\0\0\0\0\r\n\r\n",
        "\u{16}\u{3}\u{1}\0 a TLS hello, say\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET http://[::bad HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    ] {
        let mut stream = Dial::default().connect(server.endpoint()).unwrap();
        // It may close before everything is sent.
        let _ = stream.write_all(content.as_bytes());
        let status = dial::read_reply(&mut stream, ENOUGH).map(|reply| reply.status);
        let beginning: String = content.chars().take(40).collect();
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{beginning:?}: {status:?}");
    }
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "grew by {grown} KiB");
    server.http().get("//healthz").ok();
}
