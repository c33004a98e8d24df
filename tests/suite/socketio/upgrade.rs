//! From polling to a WebSocket, while much is sent in both directions: everything arrives once and in order.

use std::thread;
use std::time::Instant;

use crate::kit::*;

/// Messages each way.
const MESSAGES: u64 = 300;

#[test]
fn everything_arrives_once_and_in_order_across_an_upgrade() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    for round in 0..5 {
        let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
        let mut native = lisa.connect();
        let there = session.clone();
        let talking = thread::spawn(move || {
            for at in 0..MESSAGES {
                native.send_message(&there, &format!("lisa {round} {at}"));
            }
        });
        let mut requested = Vec::new();
        for at in 0..MESSAGES {
            if at == MESSAGES / 3 {
                client.upgrade();
            }
            let fields = json!({"session": session, "text": format!("avi {round} {at}")});
            requested.push(client.submit("send", fields));
        }
        let received: Vec<String> = (0..MESSAGES).map(|_| text(&client.expect("message"), "text").to_owned()).collect();
        let expected: Vec<String> = (0..MESSAGES).map(|at| format!("lisa {round} {at}")).collect();
        assert_eq!(received, expected);
        let seqs: Vec<u64> = requested.into_iter().map(|id| number(&client.answer(id), "seq")).collect();
        assert!(seqs.is_sorted(), "{seqs:?}");
        talking.join().unwrap();
        client.emit("goodbye", json!({}));
        let mut rest = client.rest(PATIENCE);
        rest.retain(|packet| !packet.starts_with("42[\"presence\""));
        assert_eq!(rest, ["41", "1"], "nothing comes twice");
    }
}

#[test]
fn a_probe_that_fails_leaves_the_session_as_it_was() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut client = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    for nonsense in ["5", "2nonsense", "4hello"] {
        let mut socket = client.open_websocket(&[]).unwrap();
        socket.send_text(nonsense);
        socket.close_code();
        client.ok("ping", json!({}));
    }
    // Two at once: the first goes on.
    let mut first = client.open_websocket(&[]).unwrap();
    assert_eq!(client.open_websocket(&[]).unwrap().close_code(), 4500);
    first.send_text("2probe");
    assert_eq!(first.incoming_until(Instant::now() + PATIENCE), Some(Incoming::Text("3probe".to_owned())));
    first.send_text("4hello");
    first.close_code();
    client.ok("ping", json!({}));
    client.open_websocket(&[]).unwrap().cut();
    client.ok("ping", json!({}));
    client.upgrade();
    client.ok("ping", json!({}));
    // It has a socket: another one is closed, and changes nothing.
    let (code, reason) = client.open_websocket(&[]).unwrap().close_within(PATIENCE);
    assert_eq!((code, reason.as_str()), (4500, "the session has a socket"));
    assert_eq!(client.call("GET").send().status, 400, "it does not poll any more");
    client.ok("ping", json!({}));
}
