//! Graceful shutdown under load: every client is asked to reconnect, nothing acknowledged is lost, and no client can delay it.
//!
//! What a start refuses (a second server, a foreign database, a wrong setting) stands in `running.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::kit::*;

const SETTINGS: [(&str, &str); 6] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_USER_CONNECTIONS", "0"),
    ("PARLOR_WORKERS", "2"),
    // Only the stop may end the stranger, however long the others take to connect on a busy machine.
    ("PARLOR_HELLO_SECONDS", "60"),
];
/// Gone by then.
const STOP: Duration = Duration::from_secs(5);
/// Sends of one connection that are under way at once.
const WINDOW: u64 = 8;

/// What one connection received until its close.
struct ConnectionLog {
    /// By text: the `seq` it was acknowledged with.
    acknowledged: BTreeMap<String, u64>,
    /// By `seq`: what was received live.
    received: BTreeMap<u64, String>,
    end: Lost,
}

/// Talks (or, as `None`, only listens) until the server ends the connection.
fn until_the_end(mut line: TrySocket, session: &str, name: Option<&str>, answers: &AtomicU64) -> ConnectionLog {
    let (mut acknowledged, mut received) = (BTreeMap::new(), BTreeMap::new());
    let mut sent = 0;
    let mut go = || -> OrLost<()> {
        loop {
            while let Some(name) = name
                && sent < acknowledged.len() as u64 + WINDOW
            {
                sent += 1;
                let content = format!("{name} {sent}");
                line.send(
                    &json!({"type": "send", "id": content, "session": session, "text": content, "key": content}),
                )?;
            }
            let Some(frame) = line.receive(PATIENCE)? else { continue };
            match text(&frame, "type") {
                "ok" => {
                    acknowledged.insert(text(&frame, "id").to_owned(), number(&frame, "seq"));
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                "message" => drop(received.insert(number(&frame, "seq"), text(&frame, "text").to_owned())),
                // A refusal means that nothing was stored; that is checked below.
                "error" => assert!(["busy", "unavailable"].contains(&text(&frame, "code")), "{frame}"),
                _ => {}
            }
        }
    };
    let end = go().expect_err("it ends");
    ConnectionLog { acknowledged, received, end }
}

#[test]
fn a_shutdown_under_load_reaches_every_client_and_loses_nothing() {
    let _alone = alone();
    let mut server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let (session, answers) = (session.as_str(), AtomicU64::new(0));
    let connect = |person: &Person| TrySocket::connect(person.http.endpoint(), &person.token).unwrap();
    // One is still in the middle of its handshake, and one sends REST requests all the time.
    let mut stranger = TrySocket::open(Dial::default(), server.endpoint()).unwrap();
    let event: Vec<ConnectionLog> = thread::scope(|scope| {
        let mut all = Vec::new();
        for number in 0..10 {
            for person in [&avi, &lisa] {
                let (line, answers) = (connect(person), &answers);
                let name = (number < 5).then(|| format!("{} {number}:", person.username));
                all.push(scope.spawn(move || until_the_end(line, session, name.as_deref(), answers)));
            }
        }
        while answers.load(Ordering::Relaxed) < 1_000 {
            avi.http.get("/sessions").ok();
        }
        let (status, took) = server.terminate();
        println!("{} answers, stopped after {took:?}", answers.load(Ordering::Relaxed));
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(took < STOP, "it took {took:?}");
        all.into_iter().map(|one| one.join().expect("a connection")).collect()
    });
    every_close_has_a_time_to_reconnect_after(event.iter().map(|one| &one.end));
    let end = stranger.end(PATIENCE).expect("an end");
    assert!(matches!(end, Lost::Closed(1012, _)), "{end:?}");
    server.open().unwrap();
    let kept = SessionReplica::load(&avi, session);
    kept.is_whole();
    let texts = kept.texts();
    let once: BTreeSet<&String> = texts.iter().collect();
    assert_eq!(once.len(), texts.len(), "something is kept twice");
    for ConnectionLog { acknowledged, received, .. } in &event {
        for (content, seq) in acknowledged {
            assert_eq!(texts.get(*seq as usize - 1), Some(content), "acknowledged as {seq}");
        }
        for (seq, content) in received {
            assert_eq!(texts.get(*seq as usize - 1), Some(content), "shown as {seq}");
        }
    }
}

/// Every close has 1012 and a time to reconnect after, which is not the same for all.
fn every_close_has_a_time_to_reconnect_after<'a>(ends: impl Iterator<Item = &'a Lost>) {
    let pauses: BTreeSet<u64> = ends
        .map(|end| match end {
            Lost::Closed(1012, reason) => {
                let pause = reason.strip_prefix("retry_after_ms=").and_then(|pause| pause.parse().ok());
                pause.unwrap_or_else(|| panic!("when to come back: {reason:?}"))
            }
            other => panic!("not told to come back: {other:?}"),
        })
        .collect();
    assert!(pauses.len() > 1, "all would come back at once, after {pauses:?} ms");
}

#[test]
fn no_client_can_delay_a_shutdown() {
    let mut server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    // One that reads nothing and has its buffers full, one that never answers a close, and requests in every state.
    let dial = Dial { receive_buffer: Some(4 * 1024), ..Dial::default() };
    let _full = TrySocket::connect_by(dial, lisa.http.endpoint(), &lisa.token).unwrap();
    for _ in 0..40 {
        his.send_message(&session, &"x".repeat(16 * 1024));
    }
    let _deaf = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
    let half = |content: &str| {
        let mut stream = Dial::default().connect(server.endpoint()).unwrap();
        stream.write_all(content.as_bytes()).unwrap();
        stream
    };
    let json = "Host: a\r\nContent-Type: application/json\r\n";
    let _requests = [
        half(""),
        half("GET /healthz HTTP/1.1\r\n"),
        half("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
        half(&format!("POST /api/v1/login HTTP/1.1\r\n{json}Content-Length: 100\r\n\r\n")),
    ];
    server.http().get("//healthz").ok();
    let (status, took) = server.terminate();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(took < STOP, "it took {took:?}");
}

#[test]
fn an_interrupt_is_a_graceful_shutdown_too() {
    let mut server = Server::start();
    let mut his = register(&server, "avi").connect();
    server.signal("INT");
    assert_eq!(his.close_within(PATIENCE).0, 1012);
    drop(his);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn commands_accepted_before_the_shutdown_are_answered() {
    let _alone = alone();
    let mut server = Server::with(&SETTINGS);
    let (avi, _, session) = pair(&server);
    let path = format!("/sessions/{session}/messages");
    // The stop falls between requests; one answered with a `seq` is stored, any other may be retried.
    let kept = thread::scope(|scope| {
        let (avi, path) = (&avi, path.as_str());
        let senders: Vec<_> = (0..4).map(|number| scope.spawn(move || send_until_refused(avi, path, number))).collect();
        thread::sleep(Duration::from_millis(300));
        let (status, _) = server.terminate();
        assert_eq!(status.code(), Some(0), "{status}");
        senders.into_iter().flat_map(|senders| senders.join().expect("a talk")).collect::<Vec<_>>()
    });
    assert!(!kept.is_empty());
    server.open().unwrap();
    let texts = SessionReplica::load(&avi, &session).texts();
    for (content, seq) in kept {
        assert_eq!(texts.get(seq as usize - 1), Some(&content), "acknowledged as {seq}");
    }
}

/// Sends by REST until the server is not there any more.
fn send_until_refused(person: &Person, path: &str, number: u64) -> Vec<(String, u64)> {
    let mut kept = Vec::new();
    for count in 0.. {
        let content = format!("{number}, {count}");
        let body = json!({"text": content}).to_string();
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            person.token,
            body.len()
        );
        let Ok(mut stream) = Dial::default().connect(person.http.endpoint()) else { break };
        let _ = stream.write_all(head.as_bytes());
        match dial::read_reply(&mut stream, PATIENCE) {
            Some(reply) if reply.status == 200 => kept.push((content, number_of(&reply))),
            Some(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            None => break,
        }
    }
    kept
}

fn number_of(reply: &Reply) -> u64 {
    number(&reply.json(), "seq")
}

/// A server whose shutdown has begun and not ended: a client does not read its close frame.
fn stopping() -> (Server, Socket) {
    let server = Server::with(&SETTINGS);
    let (avi, _, _) = pair(&server);
    let mut silent = avi.connect();
    let busy = avi.connect();
    server.signal("TERM");
    // The close frame shows that it has begun. Not answering it keeps the server waiting for this socket.
    silent.close_code();
    drop(silent);
    (server, busy)
}

#[test]
fn no_connection_is_accepted_once_the_shutdown_has_begun() {
    let (mut server, _busy) = stopping();
    let refused = std::net::TcpStream::connect(server.endpoint().address()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(server.wait().success());
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let (mut server, _busy) = stopping();
    let begun = std::time::Instant::now();
    server.signal("INT");
    assert_eq!(server.wait().code(), Some(1));
    // The first signal alone takes two seconds here: that long the goodbye waits for a socket that does not answer.
    assert!(begun.elapsed() < Duration::from_millis(1_500), "ended after {:?}", begun.elapsed());
    server.open().unwrap();
    server.verify();
}
