//! Ten thousand sockets that never say who they are.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::kit::*;

/// As many as wait for hello from one address.
const PER_ADDRESS: u64 = 500;
/// What the server may have grown by once they are gone, in KiB.
const GROWTH: u64 = 20 * 1024;

/// Opens so many from one address; each is let in or refused.
fn crowd(server: &Server, address: u8, count: u64) -> (Vec<Line>, u64) {
    let way = Way { from: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 7, address))), ..Way::default() };
    let (mut lines, mut refused) = (Vec::new(), 0);
    for _ in 0..count {
        match Line::open(way, server.door()) {
            Ok(line) => lines.push(line),
            Err(Lost::Refused(503 | 429)) => refused += 1,
            Err(other) => panic!("neither let in nor refused: {other:?}"),
        }
    }
    (lines, refused)
}

/// All descriptors this process may have; a soft limit is raised to what is allowed.
fn descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[test]
fn ten_thousand_strangers_are_refused_or_closed_and_leave_nothing() {
    let _alone = alone();
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.say(&session, "before");
    hers.hear(&session);
    let (files, memory) = (server.open_files(), server.rss_kib());
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
        // Whoever is known is served in the middle of it.
        his.say(&session, "meanwhile");
        assert_eq!(hers.hear(&session), "meanwhile");
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
        assert!(matches!(end, Some(Lost::Closed(4503, _))), "{end:?}");
    }
    until("descriptors come back", Duration::from_secs(15), || server.open_files() <= files);
    let grown = server.rss_kib().saturating_sub(memory);
    println!("memory +{grown} KiB");
    assert!(grown < GROWTH, "grew by {grown} KiB");
    his.say(&session, "after");
    assert_eq!(hers.hear(&session), "after");
}

#[test]
fn one_address_has_at_most_500_that_have_not_said_who_they_are() {
    let server = Server::with(&[("PARLOR_HELLO_PER_ADDRESS", "20"), ("PARLOR_HELLO_SECONDS", "60")]);
    let avi = register(&server, "avi");
    let (lines, refused) = crowd(&server, 1, 30);
    assert_eq!((lines.len(), refused), (20, 10));
    // Another address is not concerned, nor is this one again once some have said who they are, or left.
    let (others, refused) = crowd(&server, 2, 20);
    assert_eq!((others.len(), refused), (20, 0));
    drop(lines);
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 7, 1));
    let way = Way { from: Some(address), ..Way::default() };
    until("places come free", PATIENCE, || Line::open(way, server.door()).is_ok());
    let known: Vec<_> = (0..10).map(|_| Line::connect_by(way, server.door(), &avi.token).unwrap()).collect();
    let (more, _) = crowd(&server, 1, 15);
    assert!(more.len() >= 15, "those {} who said hello take no place: {}", known.len(), more.len());
}
