//! How connections end: who is to come back is only cut off, who is not is told.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::*;

#[test]
fn at_a_restart_clients_are_only_cut_off() {
    let mut server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut socket = Packets::connect(server.door(), Carrier::Upgrade, &avi.token);
    let polling = Packets::connect(server.door(), Carrier::Polling, &avi.token);
    let poll = polling.call("GET");
    let waiting = thread::spawn(move || poll.send());
    // The poll is there by the time that this is answered: it brings the answer.
    thread::sleep(Duration::from_millis(200));
    let (status, took) = server.terminate();
    assert!(status.success() && took < Duration::from_secs(5), "{took:?}");
    assert_eq!((socket.rest(PATIENCE), socket.end), (Vec::new(), Some(1012)));
    assert_eq!(waiting.join().unwrap().text(), "6");
    server.open().unwrap();
    let mut again = Packets::connect(server.door(), Carrier::Upgrade, &avi.token);
    lisa.say(&session, "after it");
    assert_eq!(text(&again.expect("message"), "text"), "after it");
}

#[test]
fn a_token_that_ends_takes_its_connections_along() {
    let server = Server::start();
    for carrier in CARRIERS {
        let name = format!("avi-{carrier:?}");
        let avi = register(&server, &name);
        let mut client = Packets::connect(server.door(), carrier, &avi.token);
        avi.http.post("/logout", json!({})).done();
        let begun = Instant::now();
        assert_eq!(client.rest(PATIENCE), ["41", "1"], "{carrier:?}");
        assert!(begun.elapsed() < Duration::from_secs(2));
        if carrier != Carrier::Polling {
            assert_eq!(client.end, Some(4502));
        }
    }
}

/// Waits until lisa hears that avi is gone, and says how long that took.
fn gone_after(lisa: &mut Socket) -> Duration {
    let begun = Instant::now();
    let told = lisa.expect("presence");
    assert_eq!((&told["username"], &told["status"]), (&json!("avi"), &json!("offline")), "{told}");
    begun.elapsed()
}

#[test]
fn only_a_goodbye_skips_the_grace() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "2")]);
    let (avi, lisa, _) = pair(&server);
    let mut lisa = lisa.connect();
    for carrier in CARRIERS {
        for (packet, is_goodbye) in [(r#"42["goodbye"]"#, true), ("41", false), ("1", false)] {
            let mut client = Packets::connect(server.door(), carrier, &avi.token);
            assert_eq!(lisa.expect("presence")["status"], "online");
            client.send(packet);
            client.rest(PATIENCE);
            drop(client);
            let took = gone_after(&mut lisa);
            assert_eq!(took < Duration::from_millis(1_500), is_goodbye, "{carrier:?} {packet}: {took:?}");
        }
    }
}

#[test]
fn a_poll_that_goes_away_is_a_lost_connection() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let (avi, lisa, _) = pair(&server);
    let mut lisa = lisa.connect();
    let client = Packets::connect(server.door(), Carrier::Polling, &avi.token);
    assert_eq!(lisa.expect("presence")["status"], "online");
    let mut poll = TcpStream::connect(server.door().address()).unwrap();
    let head = format!("GET /socket.io/?EIO=4&transport=polling&sid={} HTTP/1.1\r\nHost: x\r\n\r\n", client.sid);
    poll.write_all(head.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(poll);
    assert!(gone_after(&mut lisa) < Duration::from_secs(5));
    assert_eq!(client.call("GET").send().status, 400);
}

#[test]
fn who_misses_a_heartbeat_is_gone() {
    let server = Server::with(&[("PARLOR_HEARTBEAT_SECONDS", "1"), ("PARLOR_HEARTBEAT_TIMEOUT_SECONDS", "1")]);
    let avi = register(&server, "avi");
    for carrier in CARRIERS {
        let mut client = Packets::connect(server.door(), carrier, &avi.token);
        assert_eq!((&client.handshake["pingInterval"], &client.handshake["pingTimeout"]), (&json!(1000), &json!(1000)));
        // Alive for as long as it answers.
        let until = Instant::now() + Duration::from_secs(3);
        assert_eq!(client.next_by(until), None, "{carrier:?}");
        client.answers_pings = false;
        assert_eq!(client.rest(PATIENCE), Vec::<String>::new(), "{carrier:?}");
        if carrier != Carrier::Polling {
            assert_eq!(client.end, Some(4009));
        }
    }
}
