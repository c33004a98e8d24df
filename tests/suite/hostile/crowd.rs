//! Ten thousand sockets that never authenticate.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::kit::*;

/// As many as wait for hello from one address.
const PER_ADDRESS: u64 = 500;
/// What the server may have grown by once they are gone, in KiB.
const GROWTH: u64 = 20 * 1024;

/// Opens so many from one address; each is let in or refused.
fn crowd(server: &Server, address: u8, count: u64) -> (Vec<TrySocket>, u64) {
    let dial = Dial { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, address))), ..Dial::default() };
    let (mut lines, mut refused) = (Vec::new(), 0);
    for _ in 0..count {
        match TrySocket::open(dial, server.endpoint()) {
            Ok(line) => lines.push(line),
            Err(Lost::Refused(503 | 429)) => refused += 1,
            Err(other) => panic!("neither let in nor refused: {other:?}"),
        }
    }
    (lines, refused)
}

/// All descriptors this process may have; a soft limit is raised to what is allowed.
pub(super) fn descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[test]
fn ten_thousand_anonymous_sockets_are_refused_or_closed_and_leave_nothing() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let _alone = alone();
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.send_message(&session, "before");
    hers.receive(&session);
    let (sockets, memory) = (server.open_sockets(), server.rss_kib());
    let all = descriptors().saturating_sub(1_000).min(10_000);
    let addresses = all.div_ceil(PER_ADDRESS) as u8;
    // Each thread opens all of its sockets before it looks at any.
    let (codes, refused) = thread::scope(|scope| {
        let crowds: Vec<_> = (0..4)
            .map(|thread| {
                let server = &server;
                scope.spawn(move || {
                    let crowds: Vec<_> =
                        (thread..addresses).step_by(4).map(|address| crowd(server, address + 1, PER_ADDRESS)).collect();
                    let refused: u64 = crowds.iter().map(|(_, refused)| refused).sum();
                    let ends = crowds.into_iter().flat_map(|(lines, _)| lines).map(|mut line| line.end(3 * PATIENCE));
                    (ends.collect::<Vec<_>>(), refused)
                })
            })
            .collect();
        // Users who are logged in are served in the middle of it.
        his.send_message(&session, "meanwhile");
        assert_eq!(hers.receive(&session), "meanwhile");
        server.http().get("//healthz").ok();
        let parts = crowds.into_iter().map(|crowd| crowd.join().expect("a crowd"));
        parts.fold((Vec::new(), 0), |(mut codes, refused), (more, also)| {
            codes.extend(more);
            (codes, refused + also)
        })
    });
    println!("{} let in and closed, {refused} refused", codes.len());
    assert!(codes.len() as u64 >= all.min(5_000), "{} of {all} were let in", codes.len());
    for end in codes {
        assert!(matches!(end, Some(Lost::Closed(4503 | 1013, _))), "{end:?}");
    }
    until("the sockets are closed", Duration::from_secs(15), || server.open_sockets() <= sockets);
    let grown = server.rss_kib().saturating_sub(memory);
    println!("memory +{grown} KiB");
    assert!(grown < GROWTH, "grew by {grown} KiB");
    his.send_message(&session, "after");
    assert_eq!(hers.receive(&session), "after");
}

/// A way to dial from an address of its own.
fn from(address: u8) -> Dial {
    Dial { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, address))), ..Dial::default() }
}

/// How many of these sockets are closed so that others have room, once `count` of them are.
fn made_room(lines: Vec<TrySocket>, count: usize) -> Vec<usize> {
    let (sender, ends) = std::sync::mpsc::channel();
    for (number, mut line) in lines.into_iter().enumerate() {
        let sender = sender.clone();
        thread::spawn(move || {
            if let Some(Lost::Closed(1013, _)) = line.end(PATIENCE) {
                let _ = sender.send(number);
            }
        });
    }
    drop(sender);
    let mut ended: Vec<usize> = ends.iter().take(count).collect();
    ended.sort_unstable();
    ended
}

#[test]
fn a_full_address_makes_room_by_closing_its_oldest_silent_socket() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HELLO_PER_ADDRESS", "20"), ("PARLOR_HELLO_SECONDS", "60")]);
    let avi = register(&server, "avi");
    let (mut lines, refused) = crowd(&server, 1, 20);
    let (mut others, also_refused) = crowd(&server, 2, 20);
    assert_eq!((refused, also_refused), (0, 0));
    // A client that sends hello is let in although the address is full, and takes no place afterwards.
    let known: Vec<_> =
        (0..10).map(|_| TrySocket::connect_by(from(1), server.endpoint(), &avi.token).unwrap()).collect();
    // One place has become free by it.
    let (mut more, refused) = crowd(&server, 1, 10);
    assert_eq!((more.len(), refused), (10, 0));
    let oldest: Vec<TrySocket> = lines.drain(..10).collect();
    assert_eq!(made_room(oldest, 10), (0..10).collect::<Vec<_>>());
    // Neither the younger ones nor those of another address had to go.
    for line in lines.iter_mut().chain(&mut others).chain(&mut more) {
        assert_eq!(line.receive(Duration::from_millis(1)), Ok(None));
    }
    drop(known);
}

#[test]
fn silent_sockets_of_many_addresses_keep_no_user_out() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HELLO_TOTAL", "50"), ("PARLOR_HELLO_SECONDS", "60")]);
    let (avi, lisa, session) = pair(&server);
    let crowds: Vec<_> = (1..=5).map(|address| crowd(&server, address, 10)).collect();
    assert!(crowds.iter().all(|(_, refused)| *refused == 0));
    let mut silent: Vec<TrySocket> = crowds.into_iter().flat_map(|(lines, _)| lines).collect();
    // A handshake with a valid credential takes no anonymous slot: no connection has to make room.
    let bearer = format!("Bearer {}", avi.token);
    let cookie = format!("parlor_token={}", avi.token);
    let mut known: Vec<Socket> = [("Authorization", bearer.as_str()), ("Cookie", cookie.as_str())]
        .iter()
        .cycle()
        .take(10)
        .map(|header| Socket::open(server.endpoint(), &[*header]).expect("the upgrade is accepted"))
        .collect();
    for line in &mut silent {
        assert_eq!(line.receive(Duration::from_millis(1)), Ok(None), "a credential has taken a stranger's place");
    }
    for socket in &mut known {
        socket.hello_without_token();
    }
    // One that authenticates with its first frame is let in too, and the oldest of the busiest address is closed.
    let mut hers = lisa.connect();
    known[0].send_message(&session, "hello");
    assert_eq!(hers.receive(&session), "hello");
    // All these addresses have as many: one socket of one of them had to go.
    assert_eq!(made_room(silent, 1).len(), 1);
}

#[test]
fn silent_sockets_with_a_credential_are_bounded_for_each_user() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_USER_CONNECTIONS", "3"), ("PARLOR_HELLO_SECONDS", "60")]);
    let (avi, lisa, _) = pair(&server);
    let silent = |person: &Person| {
        let header = format!("Bearer {}", person.token);
        Socket::open(server.endpoint(), &[("Authorization", &header)]).expect("the upgrade is accepted")
    };
    let mut hers = silent(&lisa);
    let mut his: Vec<Socket> = (0..4).map(|_| silent(&avi)).collect();
    assert_eq!(his.remove(0).close_code(), 1013);
    for socket in his.iter_mut().chain([&mut hers]) {
        socket.hello_without_token();
    }
}

#[test]
fn anonymous_sessions_of_many_addresses_keep_no_user_out() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HELLO_TOTAL", "20"), ("PARLOR_TRUSTED_PROXIES", "127.0.0.1")]);
    // Clients of the contacts system: they come in without a token.
    let nameless = |address: &str| {
        let headers = [("X-Forwarded-For", address)];
        let mut client = SocketIoClient::open(server.endpoint(), Transport::Socket, &headers).expect("a handshake");
        client.enter(json!({})).expect("it is let in");
        client
    };
    let mut alone = nameless("203.0.113.7");
    let mut crowd: Vec<SocketIoClient> = (0..19).map(|_| nameless("198.51.100.9")).collect();
    let mut late = nameless("203.0.113.8");
    assert_eq!(crowd[0].next(), None, "the oldest of the busiest address goes");
    for client in crowd.iter_mut().skip(1).chain([&mut alone, &mut late]) {
        assert_eq!(client.next_by(Instant::now() + Duration::from_millis(1)), None);
    }
}
