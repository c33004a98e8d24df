//! The contacts system over Socket.IO: connections without a user, and how a join gives them one.

use std::time::{Duration, Instant};

use crate::kit::*;

/// Whether `viewer` sees `other` online.
fn is_online(viewer: &Person, other: &str) -> bool {
    viewer.http.get(&format!("/users/{other}")).ok()["user"]["status"] == "online"
}

#[test]
fn the_first_valid_join_makes_a_user_online() {
    let server = Server::with(&SETTLED);
    let lisa = register(&server, "Lisa");
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let mut his = Contact::open(&server, transport, &avi);
        assert!(!is_online(&lisa, &avi.username), "nobody has said who this is");
        his.joins("Lisa");
        assert!(is_online(&lisa, &avi.username));
        assert_eq!(his.expect_presence(), online_event(&avi.username));
        // One for each room.
        his.joins("somebody-new");
        let turned = format!("Lisa&{}", avi.username.to_lowercase());
        let sent = his.join(&turned);
        assert_eq!(his.packets.request("join", sent), success());
        let sent = his.join(&his.room("Lisa"));
        his.packets.emit("join", sent);
        his.send_message(&his.room("Lisa"), "in");
        assert_eq!(his.receive(), (avi.username.clone(), "in".to_owned()), "and nothing was acknowledged unasked");
    }
}

#[test]
fn a_bad_join_is_refused_and_receives_nothing() {
    let server = Server::with(&SETTLED);
    let lisa = register(&server, "Lisa");
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let session = befriend(&lisa, &avi);
        let mut his = Contact::open(&server, transport, &avi);
        let (name, token, room) = (&avi.username, &avi.token, his.room("Lisa"));
        for (room, client, jwt) in [
            (room.as_str(), json!(name), json!("prl_nobody")),
            (&room, json!(name), json!(format!("{token}x"))),
            (&room, json!(name), json!(null)),
            (&room, json!(name), json!(7)),
            (&room, json!("Lisa"), json!(token)),
            ("Lisa&Noa", json!(name), json!(token)),
            (name, json!(name), json!(token)),
            ("", json!(null), json!(token)),
        ] {
            let sent = json!({"room": room, "client": client, "jwt": jwt});
            assert_eq!(his.packets.request("join", sent.clone()), invalid_jwt(), "{sent}");
        }
        assert!(his.packets.request("join", json!({"client": name, "jwt": token}))["error"].is_string());
        lisa.send_message(&session, "waits");
        assert!(!is_online(&lisa, name));
        // It may try again, and receives what is queued.
        his.joins("Lisa");
        assert_eq!(his.expect_presence(), online_event(name));
        assert_eq!(his.receive(), ("Lisa".to_owned(), "waits".to_owned()));
    }
}

#[test]
fn a_message_with_a_good_token_joins_by_itself() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "Avi");
    for transport in TRANSPORTS {
        let mut his = Contact::open(&server, transport, &avi);
        assert_eq!(his.request("Avi&Lisa", "hello"), success());
        assert_eq!(his.expect_presence(), online_event("Avi"));
        assert_eq!(his.receive().1, "hello");
        assert_eq!(hers.receive().1, "hello");
    }
}

#[test]
fn events_sent_right_after_a_join_are_handled_after_it() {
    let server = Server::with(&SETTLED);
    let [avi, _] = people(&server, ["Avi", "Lisa"]);
    for transport in TRANSPORTS {
        let mut his = Contact::open(&server, transport, &avi);
        let mut packets = Vec::new();
        for room in ["Avi&Lisa", "Avi&Noa", "Avi&Mark"] {
            packets.push(format!("42{}", json!(["join", his.join(room)])));
        }
        for number in 0..5 {
            packets
                .push(format!("42{}", json!(["client_sends_message", his.message("Avi&Lisa", &number.to_string())])));
        }
        if transport == Transport::Polling {
            his.packets.send(&packets.join("\x1e"));
        } else {
            packets.iter().for_each(|packet| his.packets.send(packet));
        }
        for number in 0..5 {
            assert_eq!(his.receive().1, number.to_string());
        }
    }
}

#[test]
fn a_join_with_another_token_changes_the_connections_user() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let mut hers = Contact::joined(&server, Transport::Socket, &noa, "Lisa");
    let mut client = Contact::joined(&server, Transport::Upgrade, &avi, "Noa");
    assert_eq!(hers.expect_presence(), online_event("Avi"));
    let again = Person::login(&server, "Avi");
    client.jwt.clone_from(&again.token);
    client.joins("Noa");
    assert_eq!(client.request("Avi&Noa", "by another token"), success());
    (client.username, client.jwt) = (lisa.username.clone(), lisa.token.clone());
    client.joins("Noa");
    assert_eq!((hers.expect_presence(), hers.expect_presence()), (online_event("Lisa"), offline_event("Avi")));
    assert_eq!(client.request("Lisa&Noa", "as Lisa"), success());
    assert_eq!(hers.receive(), ("Avi".to_owned(), "by another token".to_owned()));
    assert_eq!(hers.receive(), ("Lisa".to_owned(), "as Lisa".to_owned()));
    client.jwt.clone_from(&avi.token);
    assert_eq!(client.request("Avi&Noa", "as Avi again"), success());
    assert_eq!(hers.receive(), ("Avi".to_owned(), "as Avi again".to_owned()));
}

#[test]
fn a_user_with_too_many_connections_may_join_when_one_is_closed() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_USER_CONNECTIONS", "1")]);
    let [avi, _] = people(&server, ["Avi", "Lisa"]);
    let first = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    let mut second = Contact::open(&server, Transport::Polling, &avi);
    let refused = |second: &mut Contact| {
        let sent = second.join("Avi&Lisa");
        let answer = second.packets.request("join", sent);
        assert!(answer == success() || answer["error"].as_str().unwrap().contains("too many"), "{answer}");
        answer != success()
    };
    assert!(refused(&mut second));
    second.send_message("Avi&Lisa", "hello");
    let (sender, content) = second.receive();
    assert_eq!(sender, "Admin");
    assert!(content.contains("too many"), "{content}");
    drop(first);
    until("there is a place", PATIENCE, || !refused(&mut second));
    assert_eq!(second.request("Avi&Lisa", "hello"), success());
}

#[test]
fn a_connection_without_a_token_remains_open_and_takes_no_anonymous_slot() {
    if skipped_on_cluster("connections are counted by each node") {
        return;
    }
    let settings = [
        ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
        ("PARLOR_HELLO_PER_ADDRESS", "1"),
        ("PARLOR_HELLO_SECONDS", "1"),
        ("PARLOR_HEARTBEAT_SECONDS", "11"),
    ];
    let server = Server::with(&settings);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Transport::Socket, &avi);
    let mut other = SocketIoClient::open(server.endpoint(), Transport::Socket, &[]).expect("a stranger's place");
    let begun = Instant::now();
    // It takes no place of the nameless until it is one of them.
    other.rest(PATIENCE);
    // Longer than a connection may be anonymous elsewhere.
    his.packets.answers_pings = false;
    let ping = his.packets.socket().incoming_until(begun + Duration::from_secs(20));
    assert!(matches!(&ping, Some(Incoming::Text(packet)) if packet == "2"), "{ping:?}");
    assert!(begun.elapsed() > Duration::from_secs(10));
    his.packets.send("3");
    his.packets.answers_pings = true;
    his.joins("Lisa");
    let mut other = SocketIoClient::open(server.endpoint(), Transport::Socket, &[]).expect("a stranger's place");
    other.enter(json!({})).expect("there is room again");
    // Anonymous again: there is place for one such connection, and the older one makes room.
    avi.http.post("/logout", json!({})).done();
    assert_eq!(other.next(), None);
}

#[test]
fn with_contacts_switched_off_a_connection_must_send_hello() {
    let server = Server::with(&[("PARLOR_DIALECTS", "lobby")]);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Transport::Socket, &avi);
    let sent = his.join("Avi&Lisa");
    his.packets.emit("join", sent);
    let error = his.packets.expect("error");
    assert_eq!(error["code"], "unauthenticated");
    assert!(text(&error, "message").starts_with("Log in first"), "at once, and it names what is missing: {error}");
    his.packets.rest(PATIENCE);
    assert_eq!(his.packets.end, Some(4501));
}

#[test]
fn a_connection_whose_first_event_is_hello_is_native() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut native = Contact::open(&server, Transport::Polling, &avi);
    native.packets.ok("hello", json!({"token": avi.token}));
    native.packets.ok("ping", json!({}));
    let sent = native.join("Avi&Lisa");
    native.packets.refused("join", sent, "invalid_request");
    let mut contact = Contact::joined(&server, Transport::Polling, &avi, "Lisa");
    contact.packets.emit("hello", json!({"token": avi.token}));
    contact.joins("Noa");
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    for _ in 0..30 {
        his.packets.emit("typing", json!({"room": "Avi&Lisa"}));
        his.packets.send("451-[\"typing\",{\"_placeholder\":true,\"num\":0}]");
        his.packets.socket().send_frame(true, 0x2, b"x");
    }
    let unanswered = his.packets.submit("typing", json!({}));
    his.packets.send("451-[\"join\",{\"_placeholder\":true,\"num\":0}]");
    his.packets.socket().send_frame(true, 0x2, b"x");
    his.joins("Lisa");
    // Ignored ones in between are none in a row.
    for _ in 0..10 {
        his.packets.emit("join", json!([]));
        his.packets.emit("typing", json!([]));
    }
    let rest = his.packets.rest(PATIENCE);
    assert!(!rest.iter().any(|packet| packet.starts_with(&format!("43{unanswered}["))), "{rest:?}");
    assert_eq!(his.packets.end, Some(4500));
}
