//! Clients that close their sending side after a request: accepted requests are answered, and a waiting poll ends.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use crate::kit::*;

/// Sends these pieces, closes its side, and reads what is answered.
fn half_closed(server: &Server, pieces: &[&[u8]]) -> Option<Reply> {
    let mut stream = Dial::default().connect(server.endpoint()).unwrap();
    for piece in pieces {
        stream.write_all(piece).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    dial::read_reply(&mut stream, PATIENCE)
}

fn post(person: &Person, session: &str, body: &str) -> Vec<u8> {
    let mut bytes = head(person, session, body.len());
    bytes.extend(body.as_bytes());
    bytes
}

fn head(person: &Person, session: &str, length: usize) -> Vec<u8> {
    let head = format!(
        "POST /api/v1/sessions/{session}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: \
         application/json\r\nContent-Length: {length}\r\n\r\n",
        person.token
    );
    head.into_bytes()
}

#[test]
fn a_complete_request_is_answered_after_the_client_closed_its_side() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for number in 1..=20 {
        let reply = half_closed(&server, &[&post(&avi, &session, &format!(r#"{{"text":"number {number}"}}"#))]);
        assert_eq!(number_of(reply), number);
    }
    let get = format!("GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", avi.token);
    assert_eq!(half_closed(&server, &[get.as_bytes()]).expect("an answer").ok()["user"]["username"], "avi");
    let login = json!({"username": "avi", "password": PASSWORD}).to_string();
    let login = format!(
        "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{login}",
        login.len()
    );
    half_closed(&server, &[login.as_bytes()]).expect("an answer, hashing or not").ok();
}

fn number_of(reply: Option<Reply>) -> u64 {
    number(&reply.expect("an answer").ok(), "seq")
}

/// More than the dispatcher hands over at once, in pieces that come while the server is looking at the first.
#[test]
fn a_large_body_is_read_to_its_end() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for number in 1..=10 {
        let padding = "x".repeat(60_000);
        let bytes = post(&avi, &session, &format!(r#"{{"text":"large","padding":"{padding}"}}"#));
        let pieces: Vec<&[u8]> = bytes.chunks(20_000).collect();
        assert_eq!(number_of(half_closed(&server, &pieces)), number);
    }
}

#[test]
fn several_requests_on_one_connection_are_all_answered() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let all: Vec<u8> = (0..3).flat_map(|_| post(&avi, &session, r#"{"text":"hi"}"#)).collect();
    half_closed(&server, &[&all]).expect("an answer").ok();
    until("all three are kept", PATIENCE, || {
        let view = avi.http.get(&format!("/sessions/{session}")).ok();
        number(&view["session"], "seq") == 3
    });
}

#[test]
fn an_incomplete_request_is_not_handled() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut half = head(&avi, &session, 100);
    half.extend(br#"{"text":"half"}"#);
    if let Some(reply) = half_closed(&server, &[&half]) {
        reply.refused(400, "invalid_request");
    }
    let view = avi.http.get(&format!("/sessions/{session}")).ok();
    assert_eq!(number(&view["session"], "seq"), 0);
}

fn poll(client: &SocketIoClient) -> TcpStream {
    let mut stream = Dial::default().connect(client.endpoint()).unwrap();
    let head = format!("GET /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: x\r\n\r\n", client.sid);
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn is_over(server: &Server, client: &SocketIoClient) -> bool {
    let path = format!("//socket.io/?EIO=4&transport=polling&sid={}", client.sid);
    let reply = server.http().call("POST", &path).body(b"6").send();
    reply.status == 400 && reply.json()["code"] == 1
}

#[test]
fn a_poll_whose_client_has_disconnected_ends_the_session() {
    // Nothing but the end of the poll may end it.
    let server = Server::with(&[("PARLOR_HEARTBEAT_SECONDS", "300"), ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "300")]);
    let avi = register(&server, "avi");
    for closes in [true, false] {
        let client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
        let stream = poll(&client);
        if closes {
            drop(stream);
        } else {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        until("the session is over", PATIENCE, || is_over(&server, &client));
    }
}

#[test]
fn a_post_is_handled_after_the_client_closed_its_side() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    let client = SocketIoClient::connect(&server.node(0), Transport::Polling, &avi.token);
    let packet = format!(r#"42["send",{{"session":"{session}","text":"hi"}}]"#);
    let post = format!(
        "POST /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: x\r\nContent-Type: \
         text/plain\r\nContent-Length: {}\r\n\r\n{packet}",
        client.sid,
        packet.len()
    );
    let reply = half_closed(&server, &[post.as_bytes()]).expect("an answer");
    assert_eq!((reply.status, reply.text().as_str()), (200, "ok"));
    assert_eq!(hers.expect("message")["text"], "hi");
    assert!(!is_over(&server, &client));
}
