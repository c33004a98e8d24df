//! How connections end: a client that is to reconnect is only cut off, one that is not receives a packet.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

#[test]
fn at_a_restart_clients_are_only_cut_off() {
    let mut server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut socket = SocketIoClient::connect(server.endpoint(), Transport::Upgrade, &avi.token);
    let polling = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    let poll = polling.call("GET");
    let waiting = thread::spawn(move || poll.send());
    // The poll is there by the time that this is answered: it brings the answer.
    thread::sleep(Duration::from_millis(200));
    let (status, took) = server.terminate();
    assert!(status.success() && took < Duration::from_secs(5), "{took:?}");
    assert_eq!((socket.rest(PATIENCE), socket.end), (Vec::new(), Some(1012)));
    assert_eq!(waiting.join().unwrap().text(), "6");
    server.open().unwrap();
    let mut again = SocketIoClient::connect(server.endpoint(), Transport::Upgrade, &avi.token);
    lisa.send_message(&session, "after it");
    assert_eq!(text(&again.expect("message"), "text"), "after it");
}

#[test]
fn the_end_of_a_token_closes_its_connections() {
    let server = Server::start();
    for transport in TRANSPORTS {
        let name = format!("avi-{transport:?}");
        let avi = register(&server, &name);
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        avi.http.post("/logout", json!({})).done();
        let begun = Instant::now();
        assert_eq!(client.rest(PATIENCE), ["41", "1"], "{transport:?}");
        assert!(begun.elapsed() < Duration::from_secs(2));
        if transport != Transport::Polling {
            assert_eq!(client.end, Some(4502));
        }
    }
}

/// Waits until lisa receives that avi is offline, and returns how long that took.
fn time_until_offline(lisa: &mut Socket) -> Duration {
    let begun = Instant::now();
    let received = lisa.expect("presence");
    assert_eq!((&received["username"], &received["status"]), (&json!("avi"), &json!("offline")), "{received}");
    begun.elapsed()
}

#[test]
fn only_a_goodbye_skips_the_grace_period() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "2")]);
    let (avi, lisa, _) = pair(&server);
    let mut lisa = lisa.connect();
    for transport in TRANSPORTS {
        for (packet, is_goodbye) in [(r#"42["goodbye"]"#, true), ("41", false), ("1", false)] {
            let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
            assert_eq!(lisa.expect("presence")["status"], "online");
            client.send(packet);
            client.rest(PATIENCE);
            drop(client);
            let took = time_until_offline(&mut lisa);
            assert_eq!(took < Duration::from_millis(1_500), is_goodbye, "{transport:?} {packet}: {took:?}");
        }
    }
}

#[test]
fn an_aborted_poll_is_a_lost_connection() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let (avi, lisa, _) = pair(&server);
    let mut lisa = lisa.connect();
    let client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    assert_eq!(lisa.expect("presence")["status"], "online");
    let mut poll = TcpStream::connect(client.endpoint().fixed()).unwrap();
    let head = format!("GET /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: x\r\n\r\n", client.sid);
    poll.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(poll);
    assert!(time_until_offline(&mut lisa) < Duration::from_secs(5));
    assert_eq!(client.call("GET").send().status, 400);
}

#[test]
fn a_client_that_misses_a_heartbeat_is_offline() {
    let server = Server::with(&[("PARLOR_HEARTBEAT_SECONDS", "1"), ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "1")]);
    let avi = register(&server, "avi");
    for transport in TRANSPORTS {
        let mut client = SocketIoClient::connect(server.endpoint(), transport, &avi.token);
        assert_eq!((&client.handshake["pingInterval"], &client.handshake["pingTimeout"]), (&json!(1000), &json!(1000)));
        // Alive for as long as it answers.
        let until = Instant::now() + Duration::from_secs(3);
        assert_eq!(client.next_by(until), None, "{transport:?}");
        client.answers_pings = false;
        assert_eq!(client.rest(PATIENCE), Vec::<String>::new(), "{transport:?}");
        if transport != Transport::Polling {
            assert_eq!(client.end, Some(4009));
        }
    }
}
