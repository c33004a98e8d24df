//! Connections that are lost or replaced at the worst moment: what a client's side has not taken is sent again, what it has
//! taken is not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::kit::*;

#[test]
fn queued_messages_survive_an_own_message_and_a_lost_socket() {
    // Nothing is sent before the socket is lost.
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "2")]);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let session = befriend(&lisa, &avi);
    lisa.send_message(&session, "missed");
    let mut his = Contact::open(&server, Transport::Socket, &avi);
    his.joins("Lisa");
    assert_eq!(his.request("Avi&Lisa", "hello"), success());
    drop(his);
    let mut again = Contact::open(&server, Transport::Socket, &avi);
    again.joins("Lisa");
    assert_eq!((again.receive().1, again.receive().1), ("missed".to_owned(), "hello".to_owned()));
}

#[test]
fn what_a_lost_socket_has_not_taken_is_sent_again() {
    const COUNT: usize = 60;
    let server = Server::with(&UNHURRIED);
    let (zoe, code) = create_as(&server, "Zoe");
    let noa = join_as(&server, "Noa", &code);
    let mut hers = enter_room(&server, Transport::Socket, &zoe);
    let mut his = enter_room(&server, Transport::Polling, &noa);
    his.expect("message");
    let success = json!({"result": "success"});
    for number in 0..COUNT {
        // Together more than the buffers of an unread socket hold.
        let content = format!("{number} {}", "x".repeat(15_000));
        assert_eq!(hers.request("message", json!({"data": content})), success);
    }
    let cookie = format!("parlor_rooms={}", noa.token);
    let mut socket = his.open_websocket(&[("Cookie", &cookie)]).expect("the upgrade is accepted");
    socket.send_text("2probe");
    let deadline = Instant::now() + PATIENCE;
    assert_eq!(socket.incoming_until(deadline), Some(Incoming::Text("3probe".to_owned())));
    socket.send_text("5");
    // What is taken of it is taken before this is kept.
    assert_eq!(hers.request("message", json!({"data": "the end"})), success);
    drop(socket);
    drop(his);
    let mut his = enter_room(&server, Transport::Socket, &noa);
    let first = his.expect("message");
    let first: usize = text(&first, "message").split(' ').next().unwrap().parse().expect("one of those that waited");
    for number in first + 1..COUNT {
        assert!(text(&his.expect("message"), "message").starts_with(&format!("{number} ")));
    }
    assert_eq!(his.expect("message")["message"], "the end");
}

#[test]
fn a_client_that_reconnects_at_once_receives_nothing_twice_on_a_busy_server() {
    let server = Server::with(&[&SETTLED[..], &UNHURRIED, &[("PARLOR_USER_CONNECTIONS", "0")]].concat());
    let [avi, lisa, noa, zoe] = people(&server, ["Avi", "Lisa", "Noa", "Zoe"]);
    let busy = befriend(&zoe, &noa);
    let mut busily = zoe.connect();
    befriend(&lisa, &avi);
    let mut hers = Contact::open(&server, Transport::Socket, &lisa);
    hers.joins("Avi");
    let mut his = Contact::open(&server, Transport::Socket, &avi);
    his.joins("Lisa");
    for turn in 0..knob("PARLOR_TEST_RACES", 40) {
        for _ in 0..400 {
            busily.submit(json!({"type": "send", "session": busy, "text": "x".repeat(200)}));
        }
        let content = format!("word {turn}");
        hers.send_message("Avi&Lisa", &content);
        assert_eq!(his.receive().1, content);
        drop(his);
        his = Contact::open(&server, Transport::Socket, &avi);
        his.joins("Lisa");
        let last = format!("last {turn}");
        hers.send_message("Avi&Lisa", &last);
        assert_eq!(his.receive().1, last);
        busily.fence();
    }
}

#[test]
fn a_token_that_ends_during_the_handshake_leaves_a_usable_connection() {
    let settings = [("PARLOR_USER_CONNECTIONS", "0"), ("PARLOR_ACCOUNTS_PER_MINUTE", "0")];
    let server = Server::with(&[&SETTLED[..], &UNHURRIED, &settings].concat());
    let [avi] = people(&server, ["Avi"]);
    for turn in 0..knob("PARLOR_TEST_RACES", 60) {
        let name = format!("guest{turn}");
        let guest = Person::visit(&server, &name);
        let mut one = Contact::open(&server, Transport::Socket, &avi);
        let address = server.endpoint().address();
        let mut logout = TcpStream::connect(address).unwrap();
        logout.set_nodelay(true).unwrap();
        let request = format!(
            "POST /api/v1/logout HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n{{}}",
            guest.token
        );
        one.packets.emit("join", json!({"room": format!("Avi&{name}"), "client": name, "jwt": guest.token}));
        // Each time a little later on its way.
        let begun = Instant::now();
        while begun.elapsed().as_micros() < u128::from(turn % 50) * 60 {
            std::hint::spin_loop();
        }
        logout.write_all(request.as_bytes()).unwrap();
        assert!(logout.read(&mut [0; 100]).unwrap() > 0);
        let sent = one.join("Avi&Lisa");
        assert_eq!(one.packets.request("join", sent), success());
    }
}

#[test]
fn ten_malformed_events_end_a_connection_only_in_a_row() {
    let server = Server::with(&SETTLED);
    let [avi] = people(&server, ["Avi"]);
    let mut one = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    for _ in 0..12 {
        one.packets.emit("is_typing", json!({}));
        one.joins("Lisa");
    }
}
