//! `/metrics`, and who may read it.

use crate::kit::*;

const TOKEN: &str = "a-token-for-monitoring";

fn read(server: &Server, token: &str) -> Reply {
    server.http().with_token(token).get("//metrics")
}

/// The value in the line that begins so.
#[track_caller]
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

#[test]
fn without_a_setting_there_are_no_metrics() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let server = Server::start();
    server.http().get("//metrics").refused(404, "not_found");
    read(&server, TOKEN).refused(404, "not_found");
}

#[test]
fn metrics_require_the_token() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let server = Server::with(&[("PARLOR_METRICS_TOKEN", TOKEN)]);
    server.http().get("//metrics").refused(401, "unauthenticated");
    read(&server, "another").refused(401, "unauthenticated");
    let avi = register(&server, "avi");
    read(&server, &avi.token).refused(401, "unauthenticated");
    let reply = read(&server, TOKEN);
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").unwrap().starts_with("text/plain"));
    assert!(!server.log().contains(TOKEN));
}

#[test]
fn metrics_count_what_happens() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let server = Server::with(&[("PARLOR_METRICS_TOKEN", TOKEN)]);
    let (avi, _lisa, session) = pair(&server);
    let before = read(&server, TOKEN).text();
    let mut socket = avi.connect();
    for _ in 0..3 {
        socket.send_message(&session, "hello");
    }
    socket.refused(json!({"type": "send", "session": "nowhere", "text": "x"}), "not_found");
    let during = read(&server, TOKEN).text();
    for (name, more) in [
        ("parlor_messages_total", 3.0),
        ("parlor_connections", 1.0),
        ("parlor_users_online", 1.0),
        ("parlor_rooms_open", 1.0),
        ("parlor_refusals_total{code=\"not_found\"}", 1.0),
    ] {
        assert_eq!(value(&during, name) - value(&before, name), more, "{name}");
    }
    for name in ["parlor_commit_pieces_count", "parlor_commit_seconds_count", "parlor_read_seconds_count"] {
        assert!(value(&during, name) > value(&before, name), "{name}");
    }
    assert!(value(&during, "process_resident_memory_bytes") > 0.0);
    socket.goodbye();
    until("the end is counted", PATIENCE, || {
        let after = read(&server, TOKEN).text();
        value(&after, "parlor_connections") == 0.0 && value(&after, "parlor_closes_total{code=\"1000\"}") == 1.0
    });
}

/// What an address of its own answers.
fn there(server: &Server, token: Option<&str>) -> Reply {
    use std::io::Write;
    let log = server.log();
    let address = log.split("metrics at http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let line = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\n{line}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    Reply::read(&mut stream).unwrap()
}

#[test]
fn metrics_have_an_address_of_their_own_where_it_is_set() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let server = Server::with(&[("PARLOR_METRICS_LISTEN", "127.0.0.1:0")]);
    let reply = there(&server, None);
    assert!(reply.status == 200 && reply.text().contains("parlor_connections 0"), "{reply:?}");
    server.http().get("//metrics").refused(404, "not_found");
}

#[test]
fn the_separate_metrics_address_requires_the_token_too() {
    if skipped_on_cluster("metrics are those of one node") {
        return;
    }
    let mut server = Server::with(&[("PARLOR_METRICS_LISTEN", "127.0.0.1:0"), ("PARLOR_METRICS_TOKEN", TOKEN)]);
    there(&server, None).refused(401, "unauthenticated");
    assert_eq!(there(&server, Some(TOKEN)).status, 200);
    assert_eq!(read(&server, TOKEN).status, 200);
    let (status, took) = server.terminate();
    assert!(status.success() && took.as_secs() < 5, "{status} {took:?}");
}
