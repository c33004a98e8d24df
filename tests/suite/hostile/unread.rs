//! Responses that the client does not read, pipelined requests, and HTTP connections by the hundred: each is bounded.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

const RATES: [(&str, &str); 3] =
    [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0"), ("PARLOR_FRAMES_PER_SECOND", "0")];
/// A reader that is to stall soon.
const SMALL: Dial = Dial { from: None, receive_buffer: Some(4 * 1024) };

fn server(settings: &[(&str, &str)]) -> (Server, Person) {
    let server = Server::with(&[&RATES, settings].concat());
    let avi = register(&server, "avi");
    // A megabyte for `/load`, more than any kernel holds for a stalled reader.
    for number in 0..4 {
        let session = group(&avi, &format!("group {number}"), &[]);
        let mut his = avi.connect();
        for _ in 0..20 {
            his.send_message(&session, &"x".repeat(16 * 1024));
        }
        his.goodbye();
    }
    (server, avi)
}

fn request(server: &Server, person: &Person, path: &str, dial: Dial) -> TcpStream {
    let mut stream = dial.connect(server.endpoint()).unwrap();
    stream.write_all(head(person, path).as_bytes()).unwrap();
    stream
}

fn head(person: &Person, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        person.http.endpoint().address(),
        person.token
    )
}

/// Reads until the server ends the connection; true where it did so before all of a response had come.
fn is_cut(mut stream: TcpStream) -> bool {
    let (mut bytes, mut piece) = (Vec::new(), [0; 64 * 1024]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => bytes.extend(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("still open: {error}"),
        }
    }
    !bytes.ends_with(b"0\r\n\r\n")
}

#[test]
fn a_response_that_is_not_read_is_cut_after_its_time() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let (server, avi) = server(&[("PARLOR_RESPONSE_SECONDS", "1")]);
    let sockets = server.open_sockets();
    let unread = request(&server, &avi, "/load", SMALL);
    // From here on it counts.
    unread.peek(&mut [0]).unwrap();
    let mut trickle = request(&server, &avi, "/load", SMALL);
    let begun = Instant::now();
    // A byte now and then is no reading.
    let mut byte = [0];
    until("descriptors come back", PATIENCE, || {
        trickle.read_exact(&mut byte).expect("what has come is there to be read");
        server.open_sockets() <= sockets
    });
    assert!(begun.elapsed() >= Duration::from_secs(1), "cut after {:?}", begun.elapsed());
    assert!(is_cut(unread));
    // Who is slow and goes on reading gets everything.
    let mut slow = request(&server, &avi, "/load", SMALL);
    let (mut bytes, mut piece) = (Vec::new(), [0; 64 * 1024]);
    while !bytes.ends_with(b"0\r\n\r\n") {
        thread::sleep(Duration::from_millis(5));
        let count = slow.read(&mut piece).unwrap();
        assert!(count > 0, "cut although it was read");
        bytes.extend(&piece[..count]);
    }
    assert!(Reply::parse(&bytes).is_some_and(|reply| reply.ok().as_object().unwrap().len() == 4));
}

#[test]
fn a_full_address_affects_no_other_and_refuses_no_command() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let (server, avi) = server(&[("PARLOR_RESPONSE_BYTES_PER_ADDRESS", "400000"), ("PARLOR_RESPONSE_SECONDS", "0")]);
    let session = group(&avi, "another", &[]);
    let flow = Dial { from: Some("127.0.9.1".parse().unwrap()), ..SMALL };
    let _unread: Vec<_> = (0..8).map(|_| request(&server, &avi, "/load", flow)).collect();
    let there = avi.http.at_address("127.0.9.1");
    there.post(&format!("/sessions/{session}/messages"), json!({"text": "hello"})).ok();
    avi.http.get("//load").ok();
}

#[test]
fn pipelined_requests_are_answered_one_after_the_other() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let (server, avi) = server(&[]);
    avi.http.get("//load").ok();
    let before = server.rss_kib();
    let mut stream = SMALL.connect(server.endpoint()).unwrap();
    let mut requests = head(&avi, "/load").repeat(40) + &head(&avi, "/healthz").repeat(400);
    requests += &head(&avi, "/healthz").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let mut writer = stream.try_clone().unwrap();
    let writing = thread::spawn(move || writer.write_all(requests.as_bytes()));
    // The server reads no further than it answers, so the rest waits in the kernels.
    thread::sleep(Duration::from_secs(1));
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < 8 * 1024, "grew by {grown} KiB");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    writing.join().unwrap().unwrap();
    let answers = String::from_utf8(bytes).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 441);
}

#[test]
fn an_idle_connection_makes_room_and_a_busy_one_does_not() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HTTP_CONNECTIONS_PER_ADDRESS", "3")]);
    let dial = || Dial::default().connect(server.endpoint()).unwrap();
    let busy = || {
        let mut stream = dial();
        let head = "POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n";
        write!(stream, "{head}Expect: 100-continue\r\n\r\n").unwrap();
        let mut goes_on = [0; 25];
        stream.read_exact(&mut goes_on).unwrap();
        assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    };
    let mut idle = dial();
    let busy = [busy(), busy(), busy()];
    assert_eq!(idle.read(&mut [0]).unwrap(), 0, "the idle one goes");
    let reply = dial::read_reply(&mut dial(), PATIENCE).expect("an answer");
    reply.refused(503, "busy");
    assert_eq!(reply.header("retry-after"), Some("1"));
    drop(busy);
    until("there is room again", PATIENCE, || {
        let mut stream = dial();
        let sent = write!(stream, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        sent.is_ok() && dial::read_reply(&mut stream, PATIENCE).is_some_and(|reply| reply.status == 200)
    });
}

#[test]
fn a_later_request_that_is_not_finished_is_ended_like_a_first_one() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::start();
    let ended = |rest: &str| {
        let mut stream = Dial::default().connect(server.endpoint()).unwrap();
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        // It may close before everything is sent.
        let _ = stream.write_all(rest.as_bytes());
        stream.set_read_timeout(Some(2 * PATIENCE)).unwrap();
        let end = stream.read_to_end(&mut Vec::new());
        assert!(
            end.is_ok() || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
            "{rest:.20} is open"
        );
    };
    thread::scope(|scope| {
        let ended = &ended;
        for rest in ["GET /healthz HTTP/1.1\r\nHo".to_owned(), format!("GET /{}", "x".repeat(200_000))] {
            scope.spawn(move || ended(&rest));
        }
    });
}

#[test]
fn a_stalled_response_makes_room_for_its_users_next_one() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    // Whatever is under way to a user fills their share, and time alone cuts nothing.
    let (server, avi) = server(&[("PARLOR_RESPONSE_BYTES_PER_USER", "1"), ("PARLOR_RESPONSE_SECONDS", "0")]);
    let unread = request(&server, &avi, "/load", SMALL);
    unread.peek(&mut [0]).unwrap();
    until("the stalled response is cut", PATIENCE, || {
        // Refused while it may still be read.
        let status = avi.http.get("//load").status;
        assert!(status == 200 || status == 429, "{status}");
        unread.take_error().unwrap().is_some_and(|error| error.kind() == ErrorKind::ConnectionReset)
    });
    avi.http.get("//load").ok();
}
