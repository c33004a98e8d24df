//! Hostile packets, frames and requests: each ends at worst the one session that sent it. Two well-behaved people talk
//! meanwhile, and do not notice.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::kit::wire::{BINARY, CONTINUE, TEXT, head, masked};
use crate::kit::*;

/// What the server may grow by, whatever is thrown at it.
const GROWTH: u64 = 32 * 1024;

/// Throws from one user's sessions while two others talk: over packets, and natively.
fn throw(at_it: impl FnOnce(&Server, &Person)) {
    let server = Server::with(&[
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_REQUESTS_PER_SECOND", "0"),
        ("PARLOR_USER_CONNECTIONS", "0"),
    ]);
    let (avi, lisa, session) = pair(&server);
    let mallory = register(&server, "mallory");
    let mut there = SocketIoClient::connect(server.endpoint(), Transport::Polling, &mallory.token);
    let (mut his, mut hers) =
        (SocketIoClient::connect(server.endpoint(), Transport::Upgrade, &avi.token), lisa.connect());
    let done = Arc::<AtomicBool>::default();
    let (is_done, before) = (Arc::clone(&done), server.rss_kib());
    let talking = thread::spawn(move || {
        // The last round begins behind all that was thrown.
        for at in 0.. {
            let is_last = is_done.load(Ordering::Acquire);
            his.ok("send", json!({"session": session, "text": format!("his {at}")}));
            assert_eq!(hers.receive(&session), format!("his {at}"));
            hers.send_message(&session, &format!("hers {at}"));
            assert_eq!(text(&his.expect("message"), "text"), format!("hers {at}"));
            if is_last {
                break;
            }
        }
    });
    at_it(&server, &mallory);
    done.store(true, Ordering::Release);
    talking.join().expect("the others notice nothing");
    there.ok("ping", json!({}));
    let grown = server.rss_kib().saturating_sub(before);
    assert!(grown < GROWTH, "grew by {grown} KiB");
}

/// Text frames, one for each packet.
fn frames(packets: &[&str]) -> Vec<u8> {
    packets.iter().flat_map(|packet| masked(true, TEXT, packet.as_bytes())).collect()
}

#[test]
fn a_malformed_packet_closes_its_socket() {
    let binary = |packet: &str, attached: &[&[u8]]| {
        let attached = attached.iter().flat_map(|bytes| masked(true, BINARY, bytes));
        frames(&[packet]).into_iter().chain(attached).collect::<Vec<u8>>()
    };
    let (event, both) = (r#"451-["x",{"_placeholder":true,"num":0}]"#, r#"452-["x",{"_placeholder":true,"num":0}]"#);
    let open = format!("42[\"ping\",{}", "[".repeat(60_000));
    throw(|server, mallory| {
        for (what, bytes, code) in [
            ("an unknown type", frames(&["9"]), 4500),
            ("an unknown kind of packet", frames(&["47"]), 4500),
            ("nothing", frames(&[""]), 4500),
            ("a handshake", frames(&["0{}"]), 4500),
            ("a ping in the wrong direction", frames(&["2"]), 4500),
            ("a change of what cannot change", frames(&["5"]), 4500),
            ("a second CONNECT", frames(&["40{}"]), 4500),
            ("a CONNECT_ERROR", frames(&["44{}"]), 4500),
            ("an event of elsewhere", frames(&["42/elsewhere,[\"ping\"]"]), 4500),
            ("an event without a name", frames(&["42[{\"ping\":1}]"]), 4500),
            ("brackets that nobody closes", frames(&[&open]), 4500),
            ("an acknowledgement beyond all numbers", frames(&["439007199254740992[]"]), 4500),
            ("an acknowledgement of nothing", frames(&["43[]"]), 4500),
            ("bytes that nobody announced", masked(true, BINARY, b"bytes"), 4500),
            ("no bytes where some were announced", frames(&[event, "42[\"ping\"]"]), 4500),
            ("more attachments than may be", frames(&["4511-[\"x\"]"]), 4500),
            ("attachments without number", frames(&["4599999999999999999999-[\"x\"]"]), 4500),
            ("a placeholder for nothing", frames(&[r#"451-["x",{"_placeholder":true,"num":1}]"#]), 4500),
            ("attachments that are too large together", binary(both, &[&[0; 60_000], &[0; 60_000]]), 4500),
            ("one that is too large alone", binary(event, &[&[0; 70_000]]), 1009),
            (
                "half an attachment that never ends",
                [frames(&[event]), head(true, BINARY, 1 << 40, true)].concat(),
                1009,
            ),
            ("text that is not UTF-8", masked(true, TEXT, b"42[\"\xff\"]"), 1007),
            ("a continuation of nothing", masked(true, CONTINUE, b"42[]"), 1002),
            ("a goodbye, and more", frames(&["1", r#"420["send",{"to":"avi","text":"too late"}]"#]), 1000),
        ] {
            let mut client = SocketIoClient::connect(server.endpoint(), Transport::Socket, &mallory.token);
            client.socket().send_bytes(&bytes);
            let rest = client.rest(PATIENCE);
            assert!(!rest.iter().any(|packet| packet.starts_with("43")), "{what}: {rest:?}");
            assert_eq!(client.end, Some(code), "{what}");
        }
    });
}

#[test]
fn unusual_but_valid_packets_are_accepted() {
    throw(|server, mallory| {
        for transport in TRANSPORTS {
            let mut client = SocketIoClient::connect(server.endpoint(), transport, &mallory.token);
            // Acknowledgements of events that were never sent.
            for ack in ["430[]", "437[{}]", "439007199254740991[1]", "43/,1[]"] {
                client.send(ack);
            }
            for namespace in 0..20 {
                client.send(&format!("40/{namespace}{},", "x".repeat(10_000)));
                let refused = |packet: &str| packet.starts_with(&format!("4/{namespace}x")).then_some(());
                client.wait_for("refusal of a namespace", refused);
            }
            let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
            client.send(&format!("428[\"ping\",{deep}]"));
            client.send(&format!("429[\"send\",{{\"to\":{deep}}}]"));
            assert_eq!(client.answer(9)["code"], "invalid_request");
            if transport != Transport::Polling {
                client.send(r#"461-7[{"_placeholder":true,"num":0}]"#);
                client.socket().send_frame(true, BINARY, b"bytes");
            }
            client.ok("ping", json!({}));
        }
        let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &mallory.token);
        client.send(&format!("42[\"ping\",{}{}]", "[".repeat(499_000), "]".repeat(499_000)));
        assert_eq!(client.rest(PATIENCE), ["41", "1"]);
    });
}

#[test]
fn malformed_bodies_end_their_session() {
    let many = "6\x1e".repeat(20_000);
    let bodies: [&[u8]; 9] =
        [b"", b"\x1e", b"42[\"a\"]\x1e", b"\xff\xfe", b"b!!!", b"b====", b"x", many.as_bytes(), &[b'4'; 1_000_001]];
    throw(|server, mallory| {
        for body in bodies {
            let client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &mallory.token);
            let status = client.call("POST").body(body).send().status;
            assert!([400, 413].contains(&status), "{:?}: {status}", &body[..body.len().min(20)]);
            assert_eq!(client.call("GET").send().status, 400);
        }
        let octets: [&[u8]; 7] =
            [b"\0", b"\0\xff", b"\0\x09\x09\xff4", &[9; 5_000], b"\0\x01\xff9", b"\x02\x01\xff4", b"\0\x0a\xff4"];
        let counted = ["10:2", "99999999999999999999:2", "-1:2", "+1:2", "2", ":", "1:", "1:21", "1:2x", "1:9"];
        let old = |body: &[u8], kind: &str| {
            let path = "//socket.io/?EIO=3&transport=polling&b64=nonsense";
            let bearer = format!("Bearer {}", mallory.token);
            let first = server.http().call("GET", path).header("Authorization", &bearer).send();
            let sid = first.text().split('"').nth(3).expect("a sid").to_owned();
            let call =
                |method| server.http().call(method, &format!("{path}&sid={sid}")).header("Authorization", &bearer);
            assert_eq!(call("POST").header("Content-Type", kind).body(body).send().status, 400, "{body:?}");
            assert_eq!(call("GET").send().status, 400, "{body:?}");
        };
        octets.iter().for_each(|body| old(body, "application/octet-stream"));
        counted.iter().for_each(|body| old(body.as_bytes(), "text/plain"));
    });
}

#[test]
fn conflicting_requests_end_their_session() {
    throw(|server, mallory| {
        for method in ["GET", "POST"] {
            for _ in 0..10 {
                let client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &mallory.token);
                let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", client.sid);
                // A poll that waits; a post without end.
                let first = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n");
                let first = if method == "GET" { first + "\r\n" } else { first + "Content-Length: 99\r\n\r\n4" };
                let mut stream = TcpStream::connect(client.endpoint().fixed()).unwrap();
                stream.write_all(first.as_bytes()).unwrap();
                // Whichever of the two is second: it is refused, and the session with it.
                until("the end of the session", PATIENCE, || client.call(method).body(b"3").send().status == 400);
                assert_eq!(client.call("GET").send().status, 400);
            }
        }
    });
}

#[test]
fn a_storm_of_sockets_leaves_the_session_as_it_was() {
    throw(|server, mallory| {
        let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &mallory.token);
        for _ in 0..200 {
            until("room for a socket", PATIENCE, || {
                let mut socket = client.open_websocket(&[]).unwrap();
                socket.send_text("2probe");
                // Closed at once where the last one is not noticed to be gone.
                let probed = Incoming::Text("3probe".to_owned());
                if socket.incoming_until(Instant::now() + PATIENCE) != Some(probed) {
                    return false;
                }
                assert_eq!(client.open_websocket(&[]).unwrap().close_code(), 4500, "one at a time");
                socket.send_bytes(&frames(&["2probe"; 20]));
                socket.cut();
                true
            });
            client.ok("ping", json!({}));
        }
    });
}
