//! The server under one hostile guest who keeps all rates and limits.
//!
//! `PARLOR_TEST_SIEGE_SECONDS` sets how long it lasts: 40 seconds by default, longer than any response remains unread and any
//! socket silent, so that whatever grows has begun to; 120 for a thorough look.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::crowd::descriptors;
use crate::kit::folder::Folder;
use crate::kit::*;

/// What the server may grow by, in KiB.
const GROWTH: u64 = 150 * 1024;
/// What it may keep a minute later, in KiB: caches, and what the allocator has not returned yet.
const KEPT: u64 = 30 * 1024;
/// Others wait at most twice as long for a message as before. Below this it does not count: the attackers run on the same
/// few cores, where a quiet moment before and a full processor since prove nothing about the server. Messages that stand in
/// line behind the guest's take seconds.
const FLOOR: Duration = Duration::from_millis(400);
/// Messages of others are so far apart.
const PACE: Duration = Duration::from_millis(100);
/// Addresses of silent sockets, and sockets of each.
const ADDRESSES: u8 = 10;
const SILENT: usize = 500;
/// Each address opens a new one so often.
const RENEWAL: Duration = Duration::from_millis(40);
/// Connections with unread answers that the guest keeps at most.
const UNREAD: usize = 500;
/// Accounts of others who log in meanwhile.
const OTHERS: usize = 12;

fn dial(address: u8) -> Dial {
    let from = Some(IpAddr::V4(Ipv4Addr::new(127, 0, 9, address)));
    Dial { from, receive_buffer: Some(4 * 1024) }
}

/// The siege: who attacks with what, and for how long.
struct Siege<'a> {
    server: &'a Server,
    guest: &'a Person,
    sessions: &'a [String],
    over: AtomicBool,
    request_count: AtomicU64,
}

impl Siege<'_> {
    fn is_running(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    fn head(&self, path: &str) -> String {
        let (address, token) = (self.server.endpoint().address(), &self.guest.token);
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n")
    }

    fn request(&self, head: &str) -> Option<TcpStream> {
        let mut stream = dial(1).connect(self.server.endpoint()).ok()?;
        stream.write_all(head.as_bytes()).ok()?;
        self.request_count.fetch_add(1, Ordering::Relaxed);
        Some(stream)
    }

    /// Answers of every kind, none of which is read; now and then many requests on one connection.
    fn leave_unread(&self) {
        let session = &self.sessions[0];
        let paths = [
            "/load".to_owned(),
            format!("/api/v1/sessions/{session}/messages?limit=200"),
            "/load".to_owned(),
            format!("/api/v1/sessions/{session}/changes?rev=0"),
            "/api/v1/search?q=x".to_owned(),
            "/openapi.json".to_owned(),
            "/api/v1/sessions?limit=200".to_owned(),
            "/docs".to_owned(),
            "/".to_owned(),
            "/room".to_owned(),
        ];
        let mut unread = VecDeque::new();
        for path in paths.iter().cycle() {
            if !self.is_running() {
                return;
            }
            let head = self.head(path);
            let many = if unread.len() % 25 == 24 { 20 } else { 1 };
            unread.extend(self.request(&head.repeat(many)));
            if unread.len() > UNREAD {
                unread.pop_front();
            }
            thread::sleep(Duration::from_millis(40));
        }
    }

    /// Sessions whose answer to a poll, a whole `ready`, is not read.
    fn poll(&self) {
        let mut unread = VecDeque::new();
        while self.is_running() {
            if let Ok(mut client) = SocketIoClient::open(self.server.endpoint(), Transport::Polling, &[]) {
                client.send(&format!("40{}", json!({"token": self.guest.token})));
                let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", client.sid);
                unread.extend(self.request(&self.head(&path)));
            }
            if unread.len() > 20 {
                unread.pop_front();
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Sockets from one address that send nothing: all at once, and then always new ones.
    fn open_silent_sockets(&self, address: u8, filled: &Barrier) {
        let open = || TrySocket::open(dial(address), self.server.endpoint()).ok();
        let mut silent: VecDeque<TrySocket> = (0..SILENT).filter_map(|_| open()).collect();
        filled.wait();
        while self.is_running() {
            silent.extend(open());
            if silent.len() > SILENT {
                silent.pop_front();
            }
            thread::sleep(RENEWAL);
        }
    }

    /// Right logins of one account, all at the same time.
    fn log_in(&self) {
        let http = self.server.http().at_address("127.0.9.1");
        while self.is_running() {
            let reply = http.post("/login", json!({"username": "mallory", "password": PASSWORD}));
            if reply.status != 200 {
                thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

/// Sends a message every so often and measures how long it takes to the other, until it `is_over`.
fn talk(his: &mut Socket, hers: &mut Socket, session: &str, is_over: impl Fn() -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    while !is_over() {
        let begun = Instant::now();
        his.send_message(session, "hello");
        hers.receive(session);
        times.push(begun.elapsed());
        thread::sleep(PACE.saturating_sub(begun.elapsed()));
    }
    times.sort_unstable();
    times
}

fn p99(times: &[Duration]) -> Duration {
    times[times.len() * 99 / 100]
}

/// Logs in as one of the others, and connects by each way in which a socket authenticates.
fn log_in(server: &Server, username: &str) {
    let http = server.http().at_address("127.0.8.1");
    let body = json!({"username": username, "password": PASSWORD});
    // A client that is asked to reconnect does so.
    let mut login = http.post("/login", body.clone());
    for _ in 0..5 {
        if login.status != 503 {
            break;
        }
        thread::sleep(Duration::from_secs(1));
        login = http.post("/login", body.clone());
    }
    let token = text(&login.ok(), "token").to_owned();
    for header in [("Authorization", format!("Bearer {token}")), ("Cookie", format!("parlor_token={token}"))] {
        let mut socket =
            Socket::open(server.endpoint(), &[(header.0, &header.1)]).expect("a good credential is let in");
        socket.hello_without_token();
        socket.goodbye();
    }
    let dial = Dial { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 8, 1))), ..Dial::default() };
    TrySocket::connect_by(dial, server.endpoint(), &token).expect("who says hello in time is let in");
}

/// The guest's groups, made in less time than the rates would take.
fn fill(folder: &Folder) -> (Person, Vec<String>) {
    let free = [
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_REQUESTS_PER_SECOND", "0"),
        ("PARLOR_SESSIONS_PER_MINUTE", "0"),
    ];
    let mut server = Server::at(folder.path(), &free);
    let guest = Person::visit(&server, "trudy");
    let sessions: Vec<String> = (0..100).map(|number| group(&guest, &format!("group {number}"), &[])).collect();
    let mut socket = guest.connect();
    for session in &sessions {
        let send = json!({"type": "send", "session": session, "text": "x".repeat(1_000)});
        let ids: Vec<String> = (0..50).map(|_| socket.submit(send.clone())).collect();
        ids.iter().for_each(|id| drop(socket.answer(id)));
    }
    socket.goodbye();
    let (status, _) = server.terminate();
    assert!(status.success());
    (guest, sessions)
}

#[test]
fn one_hostile_guest_takes_neither_memory_nor_time_nor_connections() {
    if skipped_on_cluster("memory, sockets and threads are those of one process") {
        return;
    }
    let _alone = alone();
    assert!(descriptors() > 8_000, "too few descriptors for five thousand silent sockets");
    let folder = Folder::new();
    let (guest, sessions) = fill(&folder);
    let server = Server::at(folder.path(), &[]);
    let guest = Person { http: server.http().with_token(&guest.token), ..guest };
    let (avi, lisa, session) = pair(&server);
    register(&server, "mallory");
    let others: Vec<String> = (0..OTHERS).map(|number| format!("other{number}")).collect();
    others.iter().for_each(|name| drop(register(&server, name)));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    // What every server keeps that has served once: caches, threads, memory for hashes.
    for _ in 0..4 {
        guest.http.get("//load").ok();
    }
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| log_in(&server, "lisa")))));
    let end = Instant::now() + Duration::from_secs(8);
    let calm = p99(&talk(&mut his, &mut hers, &session, || Instant::now() > end));
    let (before, sockets) = (server.rss_kib(), server.open_sockets());
    let siege =
        Siege { server: &server, guest: &guest, sessions: &sessions, over: false.into(), request_count: 0.into() };
    let seconds = Duration::from_secs(knob("PARLOR_TEST_SIEGE_SECONDS", 40));
    let filled = Barrier::new(usize::from(ADDRESSES) + 1);
    let (times, peak) = thread::scope(|scope| {
        let (siege, filled) = (&siege, &filled);
        scope.spawn(|| siege.leave_unread());
        scope.spawn(|| siege.poll());
        (0..ADDRESSES).for_each(|address| drop(scope.spawn(move || siege.open_silent_sockets(10 + address, filled))));
        // While all places of strangers are taken.
        filled.wait();
        log_in(&server, "lisa");
        (0..20).for_each(|_| drop(scope.spawn(|| siege.log_in())));
        let talking = scope.spawn(|| talk(&mut his, &mut hers, &session, || !siege.is_running()));
        let coming = scope.spawn(|| {
            for name in others.iter().cycle() {
                if !siege.is_running() {
                    return;
                }
                log_in(&server, name);
                thread::sleep(Duration::from_secs(1));
            }
        });
        let (end, mut peak) = (Instant::now() + seconds, 0);
        while Instant::now() < end && !talking.is_finished() && !coming.is_finished() {
            peak = peak.max(server.rss_kib());
            thread::sleep(Duration::from_millis(250));
        }
        siege.over.store(true, Ordering::Relaxed);
        coming.join().expect("others come in");
        (talking.join().expect("others talk"), peak)
    });
    let besieged = p99(&times);
    println!("{} unread answers", siege.request_count.load(Ordering::Relaxed));
    println!("memory {before} KiB, at most {peak} KiB; p99 {calm:?}, under siege {besieged:?} of {}", times.len());
    assert!(peak.saturating_sub(before) < GROWTH, "grew from {before} to {peak} KiB");
    assert!(besieged <= (2 * calm).max(FLOOR), "p99 from {calm:?} to {besieged:?}");
    let minute = Duration::from_secs(60);
    until("the memory is given back", minute, || server.rss_kib() < before + KEPT);
    until("descriptors come back", minute, || server.open_sockets() <= sockets);
    println!("memory {} KiB afterwards", server.rss_kib());
    his.fence();
}
