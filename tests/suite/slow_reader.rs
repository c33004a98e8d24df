//! A slow reader hurts only itself: 20 connections stop reading while a flood goes to their session.
//!
//! `PARLOR_TEST_FLOOD_MB` sets how much, in megabytes.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

const SETTINGS: [(&str, &str); 5] = [
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
    ("PARLOR_USER_CONNECTIONS", "0"),
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
    // What the tests hold still must not be ended by the heartbeat instead.
    ("PARLOR_HEARTBEAT_SECONDS", "3600"),
];
/// Connections that stop reading.
const STALLED: usize = 20;
/// The longest text there is.
const TEXT: usize = 16 * 1024;
/// Messages under way between the sender and the healthy reader.
const WINDOW: usize = 8;
/// By default a connection may leave so much waiting.
const BOUND: usize = 1024 * 1024;
/// What both kernels hold besides, at most.
const KERNELS: usize = 1024 * 1024;
/// How long a connection may remain open after exceeding the bound.
const GONE: Duration = Duration::from_secs(10);

/// One who sends and one who reads it, so closely that neither is ever slow.
struct Flood<'a> {
    session: &'a str,
    sender: TrySocket,
    healthy: TrySocket,
    under_way: VecDeque<Instant>,
    sent: u64,
    received: u64,
    latencies: Vec<Duration>,
}

impl Flood<'_> {
    fn send(&mut self) {
        while self.under_way.len() >= WINDOW {
            self.receive();
        }
        self.sent += 1;
        let content = format!("{:06}{}", self.sent, "x".repeat(TEXT - 6));
        self.sender.submit(json!({"type": "send", "session": self.session, "text": content})).unwrap();
        self.under_way.push_back(Instant::now());
    }

    /// The next message at the healthy reader, and its answer at the sender.
    fn receive(&mut self) {
        self.received += 1;
        let message = next(&mut self.healthy, "message");
        assert_eq!(number(&message, "seq"), self.received);
        self.latencies.push(self.under_way.pop_front().unwrap().elapsed());
        let ok = next(&mut self.sender, "ok");
        assert_eq!(number(&ok, "seq"), self.received);
    }

    fn p99(&mut self) -> Duration {
        self.latencies.sort();
        let place = self.latencies.len() * 99 / 100;
        self.latencies.drain(..).nth(place).unwrap_or_default()
    }
}

fn next(line: &mut TrySocket, kind: &str) -> Value {
    loop {
        let frame = line.receive(PATIENCE).unwrap().unwrap_or_else(|| panic!("no {kind}"));
        match text(&frame, "type") {
            found if found == kind => return frame,
            "presence" => {}
            other => panic!("unexpected {other}: {frame}"),
        }
    }
}

fn stalled(person: &Person) -> TrySocket {
    let dial = Dial { receive_buffer: Some(32 * 1024), ..Dial::default() };
    TrySocket::connect_by(dial, person.http.endpoint(), &person.token).unwrap()
}

#[test]
fn twenty_clients_that_stop_reading_are_closed_and_no_other_is_affected() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let _alone = alone();
    let server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let connect = || TrySocket::connect(avi.http.endpoint(), &avi.token).unwrap();
    let mut flood = Flood {
        session: &session,
        sender: connect(),
        healthy: connect(),
        under_way: VecDeque::new(),
        sent: 0,
        received: 0,
        latencies: Vec::new(),
    };
    let megabytes = knob("PARLOR_TEST_FLOOD_MB", 100);
    let all = megabytes * 1_000_000 / TEXT as u64;
    (0..all / 10).for_each(|_| flood.send());
    let before = flood.p99();
    let (sockets, memory) = (server.open_sockets(), server.rss_kib());
    let mut lines: Vec<TrySocket> = (0..STALLED).map(|_| stalled(&lisa)).collect();
    // From here on nothing of these is read. Beyond bound and kernels they must all go.
    (0..(BOUND + KERNELS) / TEXT).for_each(|_| flood.send());
    let passed = Instant::now();
    // Some of them read on after all, while the server still holds the close for them.
    let late = thread::spawn({
        let mut late: Vec<TrySocket> = lines.drain(..4).collect();
        move || late.iter_mut().map(read_to_end).collect::<Vec<_>>()
    });
    let (mut most, mut gone) = (0, None);
    while flood.sent < all || gone.is_none() {
        flood.send();
        if flood.sent.is_multiple_of(50) {
            most = most.max(server.rss_kib());
            if gone.is_none() && server.open_sockets() <= sockets {
                gone = Some(passed.elapsed());
            }
            assert!(gone.is_some() || passed.elapsed() < GONE, "still there after {:?}", passed.elapsed());
        }
    }
    while flood.received < flood.sent {
        flood.receive();
    }
    let grown = most.saturating_sub(memory) / 1024;
    let (gone, after) = (gone.unwrap(), flood.p99());
    println!("{megabytes} MB: gone after {gone:?}, memory +{grown} MiB, p99 {before:?} before and {after:?} while");
    assert!(grown < 64, "{STALLED} stalled readers cost {grown} MiB");
    let lasts = late.join().expect("those that read on");
    lasts.iter().for_each(|(_, lost)| assert_eq!(*lost, Lost::Closed(4008, "too slow".to_owned())));
    wait_until_offline(&avi);
    // The others receive the end now; before it they received a part, in order.
    for line in &mut lines {
        assert!(line.end(PATIENCE).is_some());
    }
    catch_up_from(&lisa, &session, lasts[0].0, flood.sent);
}

/// Reads to the end: the last `seq` received, and how it ended.
fn read_to_end(line: &mut TrySocket) -> (u64, Lost) {
    let mut seq = None;
    let lost = line.end_with(GONE, |frame| {
        if frame["type"] == "message" {
            let next = number(&frame, "seq");
            assert!(seq.is_none_or(|seq| next == seq + 1), "something was dropped from the middle before {next}");
            seq = Some(next);
        }
    });
    (seq.expect("some of it was told"), lost.expect("an end"))
}

/// All of Lisa's connections are gone, so she is offline once the grace is over.
fn wait_until_offline(avi: &Person) {
    until("lisa is offline", PATIENCE, || {
        let answer = avi.http.get("/presence?usernames=lisa").ok();
        answer["presence"][0]["status"] == "offline"
    });
}

/// Reconnects with what it received up to `from`, and then has everything. Catching up never makes a connection too slow.
fn catch_up_from(lisa: &Person, session: &str, from: u64, all: u64) {
    let mut line = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
    let mut held = SessionReplica { rev: from, ..SessionReplica::default() };
    held.catch_up(&mut line, session, |_| ()).unwrap();
    let seqs: Vec<u64> = held.messages.keys().copied().collect();
    assert!(seqs == (from + 1..=all).collect::<Vec<_>>(), "{} messages after {from} of {all}", seqs.len());
    for (seq, message) in &held.messages {
        let content = text(message, "text");
        assert!(content.len() == TEXT && content.starts_with(&format!("{seq:06}x")), "seq {seq}");
    }
}
