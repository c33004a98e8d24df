//! Namespaces, events, acknowledgements and attachments.

use super::*;
use crate::domain::Disconnect;

fn fresh(revision: Revision) -> (Peer, SocketNo) {
    let (mut peer, socket) = Peer::by_socket(Rc::new(CONFIG), revision, false, "abc", at(0));
    assert!(matches!(peer.next_action(), Some(Action::Frame(..))));
    (peer, socket)
}

fn named(name: &'static str) -> Namespace {
    Namespace::new(name).unwrap()
}

/// The actions after an invalid packet of a client that has joined `/`.
const PROTOCOL_ERROR: [&str; 4] = ["41", "1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"];

#[test]
fn a_client_joins_with_its_credentials() {
    for (packet, actions, reply) in [
        ("40", "connect /", r#"40{"sid":"s"}"#),
        (r#"40{"token":"123"}"#, r#"connect / {"token":"123"}"#, r#"40{"sid":"s"}"#),
        ("40/custom,", "connect /custom", r#"40/custom,{"sid":"s"}"#),
        ("40/custom", "connect /custom", r#"40/custom,{"sid":"s"}"#),
        (r#"40/custom,{"token":"abc"}"#, r#"connect /custom {"token":"abc"}"#, r#"40/custom,{"sid":"s"}"#),
    ] {
        let (mut peer, socket) = fresh(Four);
        client_sends(&mut peer, socket, packet);
        assert_eq!(peer_actions(&mut peer), [actions]);
        let namespace = if packet.contains("custom") { named("/custom") } else { Namespace::main() };
        assert!(!peer.is_in(&namespace));
        assert!(peer.accept(&namespace, "s"));
        assert!(peer.is_in(&namespace) && !peer.accept(&namespace, "s"));
        assert_eq!(peer_actions(&mut peer), [reply]);
    }
}

#[test]
fn a_refused_client_may_try_again() {
    let (mut peer, socket) = fresh(Four);
    client_sends(&mut peer, socket, "40/random");
    assert_eq!(peer_actions(&mut peer), ["connect /random"]);
    peer.refuse(&named("/random"), "Invalid namespace", None);
    // Packets that were on their way are ignored.
    client_sends(&mut peer, socket, r#"42/random,["early"]"#);
    client_sends(&mut peer, socket, "40/random");
    assert_eq!(peer_actions(&mut peer), [r#"44/random,{"message":"Invalid namespace"}"#, "connect /random"]);
    peer.refuse(&named("/random"), "No", Some("forbidden"));
    assert_eq!(peer_actions(&mut peer), [r#"44/random,{"message":"No","data":{"code":"forbidden"}}"#]);
}

#[test]
fn old_clients_join_the_main_namespace_by_connecting() {
    let (mut peer, socket) = fresh(Three);
    assert_eq!(peer_actions(&mut peer), ["connect /"]);
    client_sends(&mut peer, socket, r#"42["early",1]"#);
    assert_eq!(peer_actions(&mut peer), [""; 0]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(peer_actions(&mut peer), [r#"event / ["early",1]"#, "40"]);
    client_sends(&mut peer, socket, "40");
    client_sends(&mut peer, socket, "40/admin?token=1234&uid=abcd,");
    assert_eq!(peer_actions(&mut peer), [r#"connect /admin {"token":"1234","uid":"abcd"}"#]);
    peer.refuse(&named("/admin"), "Not authorized", Some("forbidden"));
    assert_eq!(peer_actions(&mut peer), [r#"44/admin,"Not authorized""#]);
    client_sends(&mut peer, socket, "40/admin");
    peer_actions(&mut peer);
    assert!(peer.accept(&named("/admin"), "s"));
    assert_eq!(peer_actions(&mut peer), ["40/admin,"]);
}

#[test]
fn an_old_client_receives_the_handshake_before_it_joins() {
    let mut peer = Peer::by_polling(Rc::new(CONFIG), Three, false, "abc", at(0));
    let actions = peer_actions(&mut peer);
    assert!(actions[0].starts_with(r#"poll 97:0{"sid":"abc","#) && actions[1] == "connect /", "{actions:?}");
    assert!(peer.accept(&Namespace::main(), "s"));
    peer.on_poll(at(1)).unwrap();
    assert_eq!(peer_actions(&mut peer), ["poll 2:40"]);
}

#[test]
fn joining_a_namespace_twice_ends_the_connection() {
    let (mut peer, socket) = in_main();
    client_sends(&mut peer, socket, "40");
    assert_eq!(peer_actions(&mut peer), PROTOCOL_ERROR);
    let (mut peer, socket) = fresh(Four);
    client_sends(&mut peer, socket, "40");
    client_sends(&mut peer, socket, "40");
    assert_eq!(peer_actions(&mut peer), ["connect /", "1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
}

#[test]
fn the_number_of_namespaces_is_bounded() {
    let (mut peer, socket) = fresh(Four);
    for name in ["40/a", "40/b", "40/c", "40/d"] {
        client_sends(&mut peer, socket, name);
    }
    let refusal = r#"44/d,{"message":"Too many namespaces","data":{"code":"limit_reached"}}"#;
    assert_eq!(peer_actions(&mut peer), ["connect /a", "connect /b", "connect /c", refusal]);
    peer.refuse(&named("/a"), "No", None);
    client_sends(&mut peer, socket, "40/d");
    assert_eq!(peer_actions(&mut peer)[1..], ["connect /d"]);
}

#[test]
fn a_client_without_a_namespace_is_closed_in_time() {
    let calm = SessionConfig { connect: Duration::from_millis(100), ..CONFIG };
    let (mut peer, socket) = Peer::by_socket(Rc::new(calm), Four, false, "abc", at(0));
    peer.next_action();
    assert_eq!(peer.next_deadline(), Some(at(100)));
    peer.tick(at(99));
    assert_eq!(peer_actions(&mut peer), [""; 0]);
    peer.tick(at(100));
    assert_eq!(peer_actions(&mut peer), ["1", "close 1 NoHello", "ended ByServer(NoHello)"]);
    // A pending request is the server's to answer.
    let (mut peer, other) = Peer::by_socket(Rc::new(calm), Four, false, "abc", at(0));
    client_sends(&mut peer, other, "40");
    peer_actions(&mut peer);
    peer.tick(at(200));
    assert!(peer.engine().is_open());
    peer.refuse(&Namespace::main(), "No", None);
    peer.tick(at(200));
    assert_eq!(peer_actions(&mut peer), [r#"44{"message":"No"}"#, "1", "close 1 NoHello", "ended ByServer(NoHello)"]);
    assert_eq!(socket, other);
}

#[test]
fn a_client_that_leaves_has_time_to_join_again() {
    let (mut peer, socket) = in_main();
    peer.on_socket_text(socket, &"41".into(), at(100));
    assert_eq!(peer_actions(&mut peer), ["left /"]);
    peer.tick(at(300));
    assert_eq!(peer_actions(&mut peer), ["2"]);
    peer.on_socket_text(socket, &"3".into(), at(310));
    assert_eq!(peer.next_deadline(), Some(at(610)));
    for now in [610, 910] {
        peer.tick(at(now));
        peer.on_socket_text(socket, &"3".into(), at(now));
        assert_eq!(peer_actions(&mut peer), ["2"]);
    }
    peer.tick(at(1_100));
    assert_eq!(peer_actions(&mut peer), ["1", "close 1 NoHello", "ended ByServer(NoHello)"]);
}

#[test]
fn leaving_one_namespace_does_not_affect_the_others() {
    let (mut peer, socket) = in_main();
    client_sends(&mut peer, socket, "40/custom");
    peer_actions(&mut peer);
    assert!(peer.accept(&named("/custom"), "t"));
    client_sends(&mut peer, socket, "41/custom");
    client_sends(&mut peer, socket, r#"42["message","message to main namespace"]"#);
    let event = r#"event / ["message","message to main namespace"]"#;
    assert_eq!(peer_actions(&mut peer), [r#"40/custom,{"sid":"t"}"#, "left /custom", event]);
    assert!(!peer.is_in(&named("/custom")));
    client_sends(&mut peer, socket, r#"42/custom,["gone"]"#);
    assert_eq!(peer_actions(&mut peer), PROTOCOL_ERROR);
}

#[test]
fn a_disconnected_client_may_join_again() {
    let (mut peer, socket) = in_main();
    client_sends(&mut peer, socket, "40/custom");
    peer_actions(&mut peer);
    assert!(peer.accept(&named("/custom"), "t"));
    peer_actions(&mut peer);
    peer.disconnect(&named("/custom"));
    client_sends(&mut peer, socket, r#"42/custom,["on its way"]"#);
    client_sends(&mut peer, socket, "41/custom,");
    assert_eq!(peer_actions(&mut peer), ["41/custom,"]);
    client_sends(&mut peer, socket, "40/custom,");
    assert_eq!(peer_actions(&mut peer), ["connect /custom"]);
}

#[test]
fn events_may_request_an_acknowledgement() {
    let (mut peer, socket) = in_main();
    for (packet, actions) in [
        (r#"42["message",1,"2",{"3":[true]}]"#, r#"event / ["message",1,"2",{"3":[true]}]"#),
        (r#"42456["message-with-ack",1]"#, r#"event / 456 ["message-with-ack",1]"#),
        (r#"420["zero"]"#, r#"event / 0 ["zero"]"#),
    ] {
        client_sends(&mut peer, socket, packet);
        assert_eq!(peer_actions(&mut peer), [actions]);
    }
    let answer = |to: &mut Vec<u8>| packet::acknowledge(&Namespace::main(), 456, to, |to| to.extend_from_slice(b"1"));
    let answer = Outgoing::message(|to| {
        answer(to);
        true
    });
    peer.send(answer.unwrap());
    peer.send(event(&Namespace::main(), "message-back"));
    assert_eq!(peer_actions(&mut peer), ["43456[1]", r#"42["message-back",1]"#]);
}

#[test]
fn acknowledgements_that_were_not_requested_are_ignored() {
    let (mut peer, socket) = in_main();
    for packet in ["430[]", "437[\"b\"]"] {
        client_sends(&mut peer, socket, packet);
    }
    assert_eq!(peer_actions(&mut peer), [""; 0]);
}

#[test]
fn attachments_follow_their_packet() {
    let (mut peer, socket) = in_main();
    let packet = r#"452-789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    client_sends(&mut peer, socket, packet);
    peer.on_socket_binary(socket, Bytes::from_static(&[1, 2, 3]), at(0));
    assert_eq!(peer_actions(&mut peer), [""; 0]);
    // Packets of Engine.IO may come between.
    client_sends(&mut peer, socket, "6");
    peer.on_socket_binary(socket, Bytes::from_static(&[4, 5, 6]), at(0));
    let actions =
        r#"event / 789 ["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] [1, 2, 3] [4, 5, 6]"#;
    assert_eq!(peer_actions(&mut peer), [actions]);
    peer.send(message(r#"51-["message-back",{"_placeholder":true,"num":0}]"#));
    peer.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3])));
    assert_eq!(peer_actions(&mut peer), [r#"451-["message-back",{"_placeholder":true,"num":0}]"#, "bytes [1, 2, 3]"]);
}

#[test]
fn attachments_may_be_posted() {
    let mut peer = Peer::by_polling(Rc::new(CONFIG), Four, false, "abc", at(0));
    let body = "40\x1e451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID";
    assert_eq!(peer.on_post(false, &Bytes::from_static(body.as_bytes()), at(1)), Ok(()));
    assert_eq!(peer_actions(&mut peer)[1..], ["connect /"]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(peer_actions(&mut peer), [r#"event / ["a",{"_placeholder":true,"num":0}] [1, 2, 3]"#]);
}

#[test]
fn invalid_packets_end_the_connection() {
    for packet in [
        "4abc",
        "42{}",
        r#"42abc["message-with-ack",1,"2",{"3":[false]}]"#,
        "42[]",
        "42[1]",
        r#"42["connect"]"#,
        r#"42["disconnecting"]"#,
        "4",
        "42",
        "41{}",
        "43[]",
        r#"44{"message":"a client refuses nothing"}"#,
        r#"42/custom,["not there"]"#,
        "41/custom",
        "43/custom,1[]",
        "4511-[\"a\"]",
        r#"451-["a",{"_placeholder":true,"num":1}]"#,
    ] {
        let (mut peer, socket) = in_main();
        client_sends(&mut peer, socket, packet);
        client_sends(&mut peer, socket, r#"42["late"]"#);
        assert_eq!(peer_actions(&mut peer), PROTOCOL_ERROR, "{packet}");
    }
    for bytes in [&[1][..], &[]] {
        let (mut peer, socket) = in_main();
        peer.on_socket_binary(socket, Bytes::copy_from_slice(bytes), at(0));
        assert_eq!(peer_actions(&mut peer), PROTOCOL_ERROR);
    }
    let (mut peer, socket) = fresh(Four);
    client_sends(&mut peer, socket, r#"42["before it is in"]"#);
    assert_eq!(peer_actions(&mut peer), ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
}

#[test]
fn events_before_acceptance_are_bounded() {
    let bounded = SessionConfig { post: Bounds { bytes: 1_000, packets: 10 }, ..CONFIG };
    let (mut peer, socket) = Peer::by_socket(Rc::new(bounded), Four, false, "abc", at(0));
    client_sends(&mut peer, socket, "40");
    assert_eq!(peer_actions(&mut peer).len(), 2);
    for _ in 0..100 {
        client_sends(&mut peer, socket, r#"42["early"]"#);
    }
    assert_eq!(peer_actions(&mut peer), ["1", "close 1 NotTheProtocol", "ended ByServer(NotTheProtocol)"]);
}

#[test]
fn valid_packets_before_an_invalid_one_are_executed() {
    let mut peer = Peer::by_polling(Rc::new(CONFIG), Four, false, "abc", at(0));
    let body = Bytes::from_static(b"40\x1e4abc\x1e40/late");
    assert_eq!(peer.on_post(false, &body, at(1)), Ok(()));
    assert_eq!(peer_actions(&mut peer)[1..], ["connect /"]);
    peer.on_poll(at(2)).unwrap();
    assert_eq!(peer_actions(&mut peer), ["poll 1", "ended ByServer(NotTheProtocol)"]);
    peer.close(Disconnect::Restart, at(3));
    assert_eq!(peer_actions(&mut peer), [""; 0]);
}
