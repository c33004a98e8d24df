//! Socket.IO above the transport: namespaces, events, answers, attachments.

use super::*;
use crate::domain::Disconnect;

fn fresh(revision: Revision) -> (Peer, SocketNo) {
    let (mut peer, socket) = Peer::by_socket(Rc::new(TERMS), revision, false, "abc", at(0));
    assert!(matches!(peer.next_action(), Some(Action::Frame(..))));
    (peer, socket)
}

fn named(name: &'static str) -> Namespace {
    Namespace::new(name).unwrap()
}

/// What a client hears after it has said something that ends the connection.
const DISMISSED: [&str; 4] = ["41", "1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"];

#[test]
fn a_client_is_let_in_with_what_it_says_of_itself() {
    for (said, told, reply) in [
        ("40", "connect /", r#"40{"sid":"s"}"#),
        (r#"40{"token":"123"}"#, r#"connect / {"token":"123"}"#, r#"40{"sid":"s"}"#),
        ("40/custom,", "connect /custom", r#"40/custom,{"sid":"s"}"#),
        ("40/custom", "connect /custom", r#"40/custom,{"sid":"s"}"#),
        (r#"40/custom,{"token":"abc"}"#, r#"connect /custom {"token":"abc"}"#, r#"40/custom,{"sid":"s"}"#),
    ] {
        let (mut peer, socket) = fresh(Four);
        say(&mut peer, socket, said);
        assert_eq!(all(&mut peer), [told]);
        let namespace = if said.contains("custom") { named("/custom") } else { Namespace::main() };
        assert!(!peer.is_in(&namespace));
        assert!(peer.accept(&namespace, "s"));
        assert!(peer.is_in(&namespace) && !peer.accept(&namespace, "s"));
        assert_eq!(all(&mut peer), [reply]);
    }
}

#[test]
fn a_client_is_not_let_in() {
    let (mut peer, socket) = fresh(Four);
    say(&mut peer, socket, "40/random");
    assert_eq!(all(&mut peer), ["connect /random"]);
    peer.refuse(&named("/random"), "Invalid namespace", None);
    // What was on its way meanwhile says nothing; it may ask again.
    say(&mut peer, socket, r#"42/random,["early"]"#);
    say(&mut peer, socket, "40/random");
    assert_eq!(all(&mut peer), [r#"44/random,{"message":"Invalid namespace"}"#, "connect /random"]);
    peer.refuse(&named("/random"), "No", Some("forbidden"));
    assert_eq!(all(&mut peer), [r#"44/random,{"message":"No","data":{"code":"forbidden"}}"#]);
}

#[test]
fn old_clients_are_asked_about_the_main_namespace_by_coming() {
    let (mut peer, socket) = fresh(Three);
    assert_eq!(all(&mut peer), ["connect /"]);
    say(&mut peer, socket, r#"42["early",1]"#);
    assert_eq!(all(&mut peer), [""; 0]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(all(&mut peer), [r#"event / ["early",1]"#, "40"]);
    say(&mut peer, socket, "40");
    say(&mut peer, socket, "40/admin?token=1234&uid=abcd,");
    assert_eq!(all(&mut peer), [r#"connect /admin {"token":"1234","uid":"abcd"}"#]);
    peer.refuse(&named("/admin"), "Not authorized", Some("forbidden"));
    assert_eq!(all(&mut peer), [r#"44/admin,"Not authorized""#]);
    say(&mut peer, socket, "40/admin");
    all(&mut peer);
    assert!(peer.accept(&named("/admin"), "s"));
    assert_eq!(all(&mut peer), ["40/admin,"]);
}

#[test]
fn an_old_client_hears_the_handshake_alone_and_then_that_it_is_in() {
    let mut peer = Peer::by_polling(Rc::new(TERMS), Three, false, "abc", at(0));
    let told = all(&mut peer);
    assert!(told[0].starts_with(r#"poll 97:0{"sid":"abc","#) && told[1] == "connect /", "{told:?}");
    assert!(peer.accept(&Namespace::main(), "s"));
    peer.on_poll(at(1)).unwrap();
    assert_eq!(all(&mut peer), ["poll 2:40"]);
}

#[test]
fn a_namespace_is_asked_for_once() {
    let (mut peer, socket) = in_main();
    say(&mut peer, socket, "40");
    assert_eq!(all(&mut peer), DISMISSED);
    let (mut peer, socket) = fresh(Four);
    say(&mut peer, socket, "40");
    say(&mut peer, socket, "40");
    assert_eq!(all(&mut peer), ["connect /", "1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
}

#[test]
fn there_are_not_too_many_namespaces() {
    let (mut peer, socket) = fresh(Four);
    for name in ["40/a", "40/b", "40/c", "40/d"] {
        say(&mut peer, socket, name);
    }
    let refusal = r#"44/d,{"message":"Too many namespaces","data":{"code":"limit_reached"}}"#;
    assert_eq!(all(&mut peer), ["connect /a", "connect /b", "connect /c", refusal]);
    peer.refuse(&named("/a"), "No", None);
    say(&mut peer, socket, "40/d");
    assert_eq!(all(&mut peer)[1..], ["connect /d"]);
}

#[test]
fn whoever_enters_nothing_in_time_is_closed() {
    let calm = Terms { connect: Duration::from_millis(100), ..TERMS };
    let (mut peer, socket) = Peer::by_socket(Rc::new(calm), Four, false, "abc", at(0));
    peer.next_action();
    assert_eq!(peer.due(), Some(at(100)));
    peer.tick(at(99));
    assert_eq!(all(&mut peer), [""; 0]);
    peer.tick(at(100));
    assert_eq!(all(&mut peer), ["1", "close 1 NoHello", "ended By(NoHello)"]);
    // Whoever wants in waits for us.
    let (mut peer, other) = Peer::by_socket(Rc::new(calm), Four, false, "abc", at(0));
    say(&mut peer, other, "40");
    all(&mut peer);
    peer.tick(at(200));
    assert!(peer.line().is_open());
    peer.refuse(&Namespace::main(), "No", None);
    peer.tick(at(200));
    assert_eq!(all(&mut peer), [r#"44{"message":"No"}"#, "1", "close 1 NoHello", "ended By(NoHello)"]);
    assert_eq!(socket, other);
}

#[test]
fn a_client_that_leaves_stays_connected_for_a_while() {
    let (mut peer, socket) = in_main();
    peer.on_socket_text(socket, &"41".into(), at(100));
    assert_eq!(all(&mut peer), ["left /"]);
    peer.tick(at(300));
    assert_eq!(all(&mut peer), ["2"]);
    peer.on_socket_text(socket, &"3".into(), at(310));
    assert_eq!(peer.due(), Some(at(610)));
    for now in [610, 910] {
        peer.tick(at(now));
        peer.on_socket_text(socket, &"3".into(), at(now));
        assert_eq!(all(&mut peer), ["2"]);
    }
    peer.tick(at(1_100));
    assert_eq!(all(&mut peer), ["1", "close 1 NoHello", "ended By(NoHello)"]);
}

#[test]
fn leaving_one_namespace_leaves_the_others() {
    let (mut peer, socket) = in_main();
    say(&mut peer, socket, "40/custom");
    all(&mut peer);
    assert!(peer.accept(&named("/custom"), "t"));
    say(&mut peer, socket, "41/custom");
    say(&mut peer, socket, r#"42["message","message to main namespace"]"#);
    let event = r#"event / ["message","message to main namespace"]"#;
    assert_eq!(all(&mut peer), [r#"40/custom,{"sid":"t"}"#, "left /custom", event]);
    assert!(!peer.is_in(&named("/custom")));
    say(&mut peer, socket, r#"42/custom,["gone"]"#);
    assert_eq!(all(&mut peer), DISMISSED);
}

#[test]
fn a_client_is_sent_away() {
    let (mut peer, socket) = in_main();
    say(&mut peer, socket, "40/custom");
    all(&mut peer);
    assert!(peer.accept(&named("/custom"), "t"));
    all(&mut peer);
    peer.dismiss(&named("/custom"));
    say(&mut peer, socket, r#"42/custom,["on its way"]"#);
    say(&mut peer, socket, "41/custom,");
    assert_eq!(all(&mut peer), ["41/custom,"]);
    say(&mut peer, socket, "40/custom,");
    assert_eq!(all(&mut peer), ["connect /custom"]);
}

#[test]
fn events_come_with_and_without_a_number_to_answer_under() {
    let (mut peer, socket) = in_main();
    for (said, told) in [
        (r#"42["message",1,"2",{"3":[true]}]"#, r#"event / ["message",1,"2",{"3":[true]}]"#),
        (r#"42456["message-with-ack",1]"#, r#"event / 456 ["message-with-ack",1]"#),
        (r#"420["zero"]"#, r#"event / 0 ["zero"]"#),
    ] {
        say(&mut peer, socket, said);
        assert_eq!(all(&mut peer), [told]);
    }
    let answer = |to: &mut Vec<u8>| packet::acknowledge(&Namespace::main(), 456, to, |to| to.extend_from_slice(b"1"));
    let answer = Outgoing::message(|to| {
        answer(to);
        true
    });
    peer.send(answer.unwrap());
    peer.send(event(&Namespace::main(), None, "message-back"));
    assert_eq!(all(&mut peer), ["43456[1]", r#"42["message-back",1]"#]);
}

#[test]
fn clients_answer_what_they_were_asked_once() {
    let (mut peer, socket) = in_main();
    assert_eq!(peer.ask(&named("/custom")), None);
    let main = Namespace::main();
    for id in [0, 1] {
        assert_eq!(peer.ask(&main), Some(id));
        peer.send(event(&main, Some(id), "question"));
    }
    assert_eq!(all(&mut peer), [r#"420["question",1]"#, r#"421["question",1]"#]);
    for said in ["431[\"b\"]", "430[]", "431[\"again\"]", "437[\"never asked\"]"] {
        say(&mut peer, socket, said);
    }
    assert_eq!(all(&mut peer), [r#"ack / 1 ["b"]"#, "ack / 0 []"]);
    // Whoever never answers is not remembered for ever.
    for _ in 0..2_000 {
        peer.ask(&main);
    }
    say(&mut peer, socket, "435[]");
    assert_eq!(all(&mut peer), [""; 0]);
}

#[test]
fn attachments_follow_their_packet() {
    let (mut peer, socket) = in_main();
    let said = r#"452-789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    say(&mut peer, socket, said);
    peer.on_socket_binary(socket, Bytes::from_static(&[1, 2, 3]), at(0));
    assert_eq!(all(&mut peer), [""; 0]);
    // What belongs to the transport may come between.
    say(&mut peer, socket, "6");
    peer.on_socket_binary(socket, Bytes::from_static(&[4, 5, 6]), at(0));
    let told =
        r#"event / 789 ["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] [1, 2, 3] [4, 5, 6]"#;
    assert_eq!(all(&mut peer), [told]);
    peer.send(message(r#"51-["message-back",{"_placeholder":true,"num":0}]"#));
    peer.send(Outgoing::Binary(Bytes::from_static(&[1, 2, 3])));
    assert_eq!(all(&mut peer), [r#"451-["message-back",{"_placeholder":true,"num":0}]"#, "bytes [1, 2, 3]"]);
}

#[test]
fn attachments_come_in_polls_too() {
    let mut peer = Peer::by_polling(Rc::new(TERMS), Four, false, "abc", at(0));
    let body = "40\x1e451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1ebAQID";
    assert_eq!(peer.on_post(false, &Bytes::from_static(body.as_bytes()), at(1)), Ok(()));
    assert_eq!(all(&mut peer)[1..], ["connect /"]);
    assert!(peer.accept(&Namespace::main(), "s"));
    assert_eq!(all(&mut peer), [r#"event / ["a",{"_placeholder":true,"num":0}] [1, 2, 3]"#]);
}

#[test]
fn anything_else_ends_the_connection() {
    for said in [
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
        say(&mut peer, socket, said);
        say(&mut peer, socket, r#"42["late"]"#);
        assert_eq!(all(&mut peer), DISMISSED, "{said}");
    }
    for bytes in [&[1][..], &[]] {
        let (mut peer, socket) = in_main();
        peer.on_socket_binary(socket, Bytes::copy_from_slice(bytes), at(0));
        assert_eq!(all(&mut peer), DISMISSED);
    }
    let (mut peer, socket) = fresh(Four);
    say(&mut peer, socket, r#"42["before it is in"]"#);
    assert_eq!(all(&mut peer), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
}

#[test]
fn what_is_said_before_one_is_in_is_bounded() {
    let bounded = Terms { post: Bounds { bytes: 1_000, packets: 10 }, ..TERMS };
    let (mut peer, socket) = Peer::by_socket(Rc::new(bounded), Four, false, "abc", at(0));
    say(&mut peer, socket, "40");
    assert_eq!(all(&mut peer).len(), 2);
    for _ in 0..100 {
        say(&mut peer, socket, r#"42["early"]"#);
    }
    assert_eq!(all(&mut peer), ["1", "close 1 NotTheProtocol", "ended By(NotTheProtocol)"]);
}

#[test]
fn what_is_wrong_in_a_post_ends_the_connection_behind_what_was_right() {
    let mut peer = Peer::by_polling(Rc::new(TERMS), Four, false, "abc", at(0));
    let body = Bytes::from_static(b"40\x1e4abc\x1e40/late");
    assert_eq!(peer.on_post(false, &body, at(1)), Ok(()));
    assert_eq!(all(&mut peer)[1..], ["connect /"]);
    peer.on_poll(at(2)).unwrap();
    assert_eq!(all(&mut peer), ["poll 1", "ended By(NotTheProtocol)"]);
    peer.close(Disconnect::Restart, at(3));
    assert_eq!(all(&mut peer), [""; 0]);
}
