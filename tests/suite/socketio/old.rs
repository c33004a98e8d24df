//! Clients of Engine.IO 3: packets with their lengths, `/` without a CONNECT, pings from the client.

use crate::kit::*;

const PATH: &str = "//socket.io/?EIO=3&transport=polling";

/// Reads `<length>:<packet>` as often as it stands there; lengths are in characters.
fn counted(body: &str) -> Vec<String> {
    let (mut rest, mut packets): (Vec<char>, _) = (body.chars().collect(), Vec::new());
    while let Some(colon) = rest.iter().position(|c| *c == ':') {
        let length: usize = rest[..colon].iter().collect::<String>().parse().unwrap();
        packets.push(rest[colon + 1..=colon + length].iter().collect());
        rest.drain(..=colon + length);
    }
    packets
}

#[test]
fn an_old_client_polls() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let get = |path: &str| counted(&server.http().call("GET", path).send().text());
    let first = get(&format!("{PATH}&b64=1"));
    let handshake: Value = serde_json::from_str(&first[0][1..]).unwrap();
    let path = format!("{PATH}&sid={}", text(&handshake, "sid"));
    let post = |packet: &str| {
        let body = format!("{}:{packet}", packet.chars().count());
        assert_eq!(server.http().call("POST", &path).body(body.as_bytes()).send().text(), "ok");
    };
    let mut received: Vec<String> = first[1..].to_vec();
    let mut expect = |start: &str| loop {
        if let Some(at) = received.iter().position(|packet| packet.starts_with(start)) {
            return received.remove(at);
        }
        received.extend(get(&path));
    };
    expect("40");
    post(&format!("421{}", json!(["hello", {"token": avi.token}])));
    assert!(expect("431").contains(r#"[{"ok":true,"user""#));
    lisa.send_message(&session, "ciao €");
    assert!(expect("42").contains("ciao €"));
    post(&format!("422{}", json!(["send", {"session": session, "text": "salve €"}])));
    assert!(expect("432").starts_with(r#"432[{"ok":true"#));
    post("2");
    assert_eq!(expect("3"), "3");
    let last = messages(&lisa, &session);
    assert_eq!(texts(&last, "text"), ["ciao €", "salve €"]);
}

#[test]
fn an_old_client_learns_from_its_poll_that_its_session_is_over() {
    let server = Server::start();
    let first = counted(&server.http().call("GET", &format!("{PATH}&b64=1")).send().text());
    let handshake: Value = serde_json::from_str(&first[0][1..]).unwrap();
    let sid = text(&handshake, "sid");
    assert_eq!(server.http().call("POST", &format!("{PATH}&sid={sid}")).body(b"1:1").send().text(), "ok");
    for sid in [sid, "nobody"] {
        let poll = server.http().call("GET", &format!("{PATH}&sid={sid}")).send();
        assert_eq!((poll.status, &poll.json()["code"]), (400, &json!(1)));
    }
}

#[test]
fn an_old_client_has_a_socket() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let header = format!("Bearer {}", avi.token);
    let path = "/socket.io/?EIO=3&transport=websocket";
    let mut socket = Socket::open_at(server.endpoint(), path, &[("Authorization", &header)]).unwrap();
    let deadline = std::time::Instant::now() + PATIENCE;
    let mut next = || match socket.incoming_until(deadline) {
        Some(Incoming::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(next().starts_with("0{"));
    assert_eq!(next(), "40");
    assert!(next().starts_with(r#"42["ready",{"user""#));
    // It understands no object in a refusal, so it receives a string.
    let wrong = [("Authorization", "Bearer nonsense")];
    let mut socket = Socket::open_at(server.endpoint(), path, &wrong).unwrap();
    let mut received = Vec::new();
    while let Some(Incoming::Text(text)) = socket.incoming_until(deadline) {
        received.push(text);
    }
    assert!(received[1].starts_with("44\"Log in first"), "{received:?}");
    assert_eq!(received[2], "1");
}

#[test]
fn a_late_post_is_refused_except_for_the_client_that_would_not_reconnect() {
    let server = Server::start();
    for (kind, status) in [("text/plain; charset=UTF-8", 400), ("application/octet-stream", 200)] {
        let call = server.http().call("POST", &format!("{PATH}&sid=nobody")).header("Content-Type", kind);
        assert_eq!(call.body(b"1:2").send().status, status, "{kind}");
    }
    assert_eq!(server.http().call("GET", &format!("{PATH}&sid=nobody")).send().status, 400);
}
