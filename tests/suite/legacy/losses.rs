//! Connections that are lost or replaced at the worst moment: what a client's side has not taken is told again, what it has
//! taken is not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::kit::*;

#[test]
fn what_waits_survives_an_own_message_and_a_lost_socket() {
    // Nothing is told before the socket is lost.
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "2")]);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let session = befriend(&lisa, &avi);
    lisa.say(&session, "missed");
    let mut his = Contact::open(&server, Carrier::Socket, &avi);
    his.joins("Lisa");
    assert_eq!(his.ask("Avi&Lisa", "hello"), success());
    drop(his);
    let mut again = Contact::open(&server, Carrier::Socket, &avi);
    again.joins("Lisa");
    assert_eq!((again.hear().1, again.hear().1), ("missed".to_owned(), "hello".to_owned()));
}

#[test]
fn what_goes_over_to_a_socket_that_takes_little_of_it_is_told_again() {
    const COUNT: usize = 60;
    let server = Server::with(&UNHURRIED);
    let (zoe, code) = create_as(&server, "Zoe");
    let noa = join_as(&server, "Noa", &code);
    let mut hers = enter_room(&server, Carrier::Socket, &zoe);
    let mut his = enter_room(&server, Carrier::Polling, &noa);
    his.expect("message");
    let success = json!({"result": "success"});
    for number in 0..COUNT {
        // Together more than a socket holds that nobody reads.
        let words = format!("{number} {}", "x".repeat(15_000));
        assert_eq!(hers.ask("message", json!({"data": words})), success);
    }
    let cookie = format!("parlor_rooms={}", noa.token);
    let mut socket = his.knock(&[("Cookie", &cookie)]).expect("the upgrade is accepted");
    socket.send_text("2probe");
    let deadline = Instant::now() + PATIENCE;
    assert_eq!(socket.incoming_until(deadline), Some(Incoming::Text("3probe".to_owned())));
    socket.send_text("5");
    // What is taken of it is taken before this is kept.
    assert_eq!(hers.ask("message", json!({"data": "the end"})), success);
    drop(socket);
    drop(his);
    let mut his = enter_room(&server, Carrier::Socket, &noa);
    let first = his.expect("message");
    let first: usize = text(&first, "message").split(' ').next().unwrap().parse().expect("one of those that waited");
    for number in first + 1..COUNT {
        assert!(text(&his.expect("message"), "message").starts_with(&format!("{number} ")));
    }
    assert_eq!(his.expect("message")["message"], "the end");
}

#[test]
fn whoever_comes_back_at_once_is_not_told_again_however_busy_the_server_is() {
    let server = Server::with(&[&SETTLED[..], &UNHURRIED, &[("PARLOR_USER_CONNECTIONS", "0")]].concat());
    let [avi, lisa, noa, zoe] = people(&server, ["Avi", "Lisa", "Noa", "Zoe"]);
    let busy = befriend(&zoe, &noa);
    let mut busily = zoe.connect();
    befriend(&lisa, &avi);
    let mut hers = Contact::open(&server, Carrier::Socket, &lisa);
    hers.joins("Avi");
    let mut his = Contact::open(&server, Carrier::Socket, &avi);
    his.joins("Lisa");
    for turn in 0..knob("PARLOR_TEST_RACES", 40) {
        for _ in 0..400 {
            busily.tell(json!({"type": "send", "session": busy, "text": "x".repeat(200)}));
        }
        let words = format!("word {turn}");
        hers.say("Avi&Lisa", &words);
        assert_eq!(his.hear().1, words);
        drop(his);
        his = Contact::open(&server, Carrier::Socket, &avi);
        his.joins("Lisa");
        let last = format!("last {turn}");
        hers.say("Avi&Lisa", &last);
        assert_eq!(his.hear().1, last);
        busily.fence();
    }
}

#[test]
fn a_token_that_ends_on_the_way_in_leaves_a_connection_that_is_heard() {
    let settings = [("PARLOR_USER_CONNECTIONS", "0"), ("PARLOR_ACCOUNTS_PER_MINUTE", "0")];
    let server = Server::with(&[&SETTLED[..], &UNHURRIED, &settings].concat());
    let [avi] = people(&server, ["Avi"]);
    for turn in 0..knob("PARLOR_TEST_RACES", 60) {
        let name = format!("guest{turn}");
        let guest = Person::visit(&server, &name);
        let mut one = Contact::open(&server, Carrier::Socket, &avi);
        let address = server.door().address();
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
        let said = one.join("Avi&Lisa");
        assert_eq!(one.packets.ask("join", said), success());
    }
}

#[test]
fn ten_faults_end_a_connection_only_where_nothing_good_is_between() {
    let server = Server::with(&SETTLED);
    let [avi] = people(&server, ["Avi"]);
    let mut one = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    for _ in 0..12 {
        one.packets.emit("is_typing", json!({}));
        one.joins("Lisa");
    }
}
