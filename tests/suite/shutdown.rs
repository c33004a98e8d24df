//! A polite stop, under load: everyone is told to come back, nothing acknowledged is lost, and nobody can hold it up.
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

/// What one connection was told until it was told to go.
struct Told {
    /// By text: the `seq` it was acknowledged with.
    acknowledged: BTreeMap<String, u64>,
    /// By `seq`: what was heard live.
    heard: BTreeMap<u64, String>,
    end: Lost,
}

/// Talks (or, as `None`, only listens) until the server ends the connection.
fn until_the_end(mut line: Line, session: &str, name: Option<&str>, answers: &AtomicU64) -> Told {
    let (mut acknowledged, mut heard) = (BTreeMap::new(), BTreeMap::new());
    let mut sent = 0;
    let mut go = || -> Heard<()> {
        loop {
            while let Some(name) = name
                && sent < acknowledged.len() as u64 + WINDOW
            {
                sent += 1;
                let words = format!("{name} {sent}");
                line.say(&json!({"type": "send", "id": words, "session": session, "text": words, "key": words}))?;
            }
            let Some(frame) = line.hear(PATIENCE)? else { continue };
            match text(&frame, "type") {
                "ok" => {
                    acknowledged.insert(text(&frame, "id").to_owned(), number(&frame, "seq"));
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                "message" => drop(heard.insert(number(&frame, "seq"), text(&frame, "text").to_owned())),
                // A refusal says that nothing was kept; it is checked below that it was not.
                "error" => assert!(["busy", "unavailable"].contains(&text(&frame, "code")), "{frame}"),
                _ => {}
            }
        }
    };
    let end = go().expect_err("it ends");
    Told { acknowledged, heard, end }
}

#[test]
fn a_stop_under_load_is_told_to_everyone_and_loses_nothing() {
    let _alone = alone();
    let mut server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let (session, answers) = (session.as_str(), AtomicU64::new(0));
    let connect = |person: &Person| Line::connect(person.http.door(), &person.token).unwrap();
    // One is still in the middle of its hello, and one asks by REST all the time.
    let mut stranger = Line::open(Way::default(), server.door()).unwrap();
    let told: Vec<Told> = thread::scope(|scope| {
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
    everyone_is_told_when_to_come_back(told.iter().map(|one| &one.end));
    let end = stranger.end(PATIENCE).expect("an end");
    assert!(matches!(end, Lost::Closed(1012, _)), "{end:?}");
    server.open().unwrap();
    let kept = Held::load(&avi, session);
    kept.is_whole();
    let texts = kept.texts();
    let once: BTreeSet<&String> = texts.iter().collect();
    assert_eq!(once.len(), texts.len(), "something is kept twice");
    for Told { acknowledged, heard, .. } in &told {
        for (words, seq) in acknowledged {
            assert_eq!(texts.get(*seq as usize - 1), Some(words), "acknowledged as {seq}");
        }
        for (seq, words) in heard {
            assert_eq!(texts.get(*seq as usize - 1), Some(words), "shown as {seq}");
        }
    }
}

/// Every close says 1012 and after how long, and not the same to all.
fn everyone_is_told_when_to_come_back<'a>(ends: impl Iterator<Item = &'a Lost>) {
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
fn nobody_can_hold_up_a_stop() {
    let mut server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    // One that reads nothing and has its buffers full, one that never answers a close, and requests in every state.
    let way = Way { receive_buffer: Some(4 * 1024), ..Way::default() };
    let _full = Line::connect_by(way, lisa.http.door(), &lisa.token).unwrap();
    for _ in 0..40 {
        his.say(&session, &"x".repeat(16 * 1024));
    }
    let _deaf = Line::connect(lisa.http.door(), &lisa.token).unwrap();
    let half = |words: &str| {
        let mut stream = Way::default().dial(server.door()).unwrap();
        stream.write_all(words.as_bytes()).unwrap();
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
fn a_stop_by_the_keyboard_is_as_polite() {
    let mut server = Server::start();
    let mut his = register(&server, "avi").connect();
    server.signal("INT");
    assert_eq!(his.close_within(PATIENCE).0, 1012);
    drop(his);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn what_was_accepted_before_the_stop_is_answered() {
    let _alone = alone();
    let mut server = Server::with(&SETTINGS);
    let (avi, _, session) = pair(&server);
    let path = format!("/sessions/{session}/messages");
    // The stop falls between requests; whichever is answered with a `seq` is there, whichever is not may be asked again.
    let kept = thread::scope(|scope| {
        let (avi, path) = (&avi, path.as_str());
        let says: Vec<_> = (0..4).map(|number| scope.spawn(move || say_until_refused(avi, path, number))).collect();
        thread::sleep(Duration::from_millis(300));
        let (status, _) = server.terminate();
        assert_eq!(status.code(), Some(0), "{status}");
        says.into_iter().flat_map(|says| says.join().expect("a talk")).collect::<Vec<_>>()
    });
    assert!(!kept.is_empty());
    server.open().unwrap();
    let texts = Held::load(&avi, &session).texts();
    for (words, seq) in kept {
        assert_eq!(texts.get(seq as usize - 1), Some(&words), "acknowledged as {seq}");
    }
}

/// Sends by REST until the server is not there any more.
fn say_until_refused(person: &Person, path: &str, number: u64) -> Vec<(String, u64)> {
    let mut kept = Vec::new();
    for count in 0.. {
        let words = format!("{number}, {count}");
        let body = json!({"text": words}).to_string();
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            person.token,
            body.len()
        );
        let Ok(mut stream) = Way::default().dial(person.http.door()) else { break };
        let _ = stream.write_all(head.as_bytes());
        match way::answer(&mut stream, PATIENCE) {
            Some(reply) if reply.status == 200 => kept.push((words, number_of(&reply))),
            Some(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            None => break,
        }
    }
    kept
}

fn number_of(reply: &Reply) -> u64 {
    number(&reply.json(), "seq")
}

/// A server that has begun to stop and has not ended: somebody does not take the goodbye.
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
fn nobody_can_connect_once_the_stop_has_begun() {
    let (mut server, _busy) = stopping();
    let refused = std::net::TcpStream::connect(server.door().address()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(server.wait().success());
}

#[test]
fn a_second_signal_ends_the_stop_at_once() {
    let (mut server, _busy) = stopping();
    let begun = std::time::Instant::now();
    server.signal("INT");
    assert_eq!(server.wait().code(), Some(1));
    // The first signal alone takes two seconds here: that long the goodbye waits for a socket that does not answer.
    assert!(begun.elapsed() < Duration::from_millis(1_500), "ended after {:?}", begun.elapsed());
    server.open().unwrap();
    server.verify();
}
