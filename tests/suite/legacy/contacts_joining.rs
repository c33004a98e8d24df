//! The contacts system over Socket.IO: connections that are nobody's, and how they become somebody's.

use std::time::{Duration, Instant};

use crate::kit::*;

/// Whether `viewer` sees `other` online.
fn is_online(viewer: &Person, other: &str) -> bool {
    viewer.http.get(&format!("/users/{other}")).ok()["user"]["status"] == "online"
}

#[test]
fn the_first_good_join_makes_one_online() {
    let server = Server::with(&SETTLED);
    let lisa = register(&server, "Lisa");
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let mut his = Contact::open(&server, carrier, &avi);
        assert!(!is_online(&lisa, &avi.username), "nobody has said who this is");
        his.joins("Lisa");
        assert!(is_online(&lisa, &avi.username));
        assert_eq!(his.sees(), came(&avi.username));
        // One for each room.
        his.joins("somebody-new");
        let turned = format!("Lisa&{}", avi.username.to_lowercase());
        let said = his.join(&turned);
        assert_eq!(his.packets.ask("join", said), success());
        let said = his.join(&his.room("Lisa"));
        his.packets.emit("join", said);
        his.say(&his.room("Lisa"), "in");
        assert_eq!(his.hear(), (avi.username.clone(), "in".to_owned()), "and nothing was acknowledged unasked");
    }
}

#[test]
fn a_bad_join_is_told_so_and_is_sent_nothing() {
    let server = Server::with(&SETTLED);
    let lisa = register(&server, "Lisa");
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let session = befriend(&lisa, &avi);
        let mut his = Contact::open(&server, carrier, &avi);
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
            let said = json!({"room": room, "client": client, "jwt": jwt});
            assert_eq!(his.packets.ask("join", said.clone()), invalid_jwt(), "{said}");
        }
        assert!(his.packets.ask("join", json!({"client": name, "jwt": token}))["error"].is_string());
        lisa.say(&session, "waits");
        assert!(!is_online(&lisa, name));
        // It may try again, and hears what waits.
        his.joins("Lisa");
        assert_eq!(his.sees(), came(name));
        assert_eq!(his.hear(), ("Lisa".to_owned(), "waits".to_owned()));
    }
}

#[test]
fn a_message_with_a_good_token_joins_by_itself() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "Avi");
    for carrier in CARRIERS {
        let mut his = Contact::open(&server, carrier, &avi);
        assert_eq!(his.ask("Avi&Lisa", "hello"), success());
        assert_eq!(his.sees(), came("Avi"));
        assert_eq!(his.hear().1, "hello");
        assert_eq!(hers.hear().1, "hello");
    }
}

#[test]
fn what_is_said_right_behind_the_join_is_said_behind_it() {
    let server = Server::with(&SETTLED);
    let [avi, _] = people(&server, ["Avi", "Lisa"]);
    for carrier in CARRIERS {
        let mut his = Contact::open(&server, carrier, &avi);
        let mut packets = Vec::new();
        for room in ["Avi&Lisa", "Avi&Noa", "Avi&Mark"] {
            packets.push(format!("42{}", json!(["join", his.join(room)])));
        }
        for number in 0..5 {
            packets
                .push(format!("42{}", json!(["client_sends_message", his.message("Avi&Lisa", &number.to_string())])));
        }
        if carrier == Carrier::Polling {
            his.packets.send(&packets.join("\x1e"));
        } else {
            packets.iter().for_each(|packet| his.packets.send(packet));
        }
        for number in 0..5 {
            assert_eq!(his.hear().1, number.to_string());
        }
    }
}

#[test]
fn another_token_makes_it_another_users() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let [avi, lisa, noa] = people(&server, ["Avi", "Lisa", "Noa"]);
    let mut hers = Contact::joined(&server, Carrier::Socket, &noa, "Lisa");
    let mut client = Contact::joined(&server, Carrier::Upgrade, &avi, "Noa");
    assert_eq!(hers.sees(), came("Avi"));
    let again = Person::login(&server, "Avi");
    client.jwt.clone_from(&again.token);
    client.joins("Noa");
    assert_eq!(client.ask("Avi&Noa", "by another token"), success());
    (client.username, client.jwt) = (lisa.username.clone(), lisa.token.clone());
    client.joins("Noa");
    assert_eq!((hers.sees(), hers.sees()), (came("Lisa"), went("Avi")));
    assert_eq!(client.ask("Lisa&Noa", "as Lisa"), success());
    assert_eq!(hers.hear(), ("Avi".to_owned(), "by another token".to_owned()));
    assert_eq!(hers.hear(), ("Lisa".to_owned(), "as Lisa".to_owned()));
    client.jwt.clone_from(&avi.token);
    assert_eq!(client.ask("Avi&Noa", "as Avi again"), success());
    assert_eq!(hers.hear(), ("Avi".to_owned(), "as Avi again".to_owned()));
}

#[test]
fn whoever_has_too_many_connections_may_join_when_one_is_gone() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_USER_CONNECTIONS", "1")]);
    let [avi, _] = people(&server, ["Avi", "Lisa"]);
    let first = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    let mut second = Contact::open(&server, Carrier::Polling, &avi);
    let refused = |second: &mut Contact| {
        let said = second.join("Avi&Lisa");
        let answer = second.packets.ask("join", said);
        assert!(answer == success() || answer["error"].as_str().unwrap().contains("too many"), "{answer}");
        answer != success()
    };
    assert!(refused(&mut second));
    second.say("Avi&Lisa", "hello");
    let (sender, words) = second.hear();
    assert_eq!(sender, "Admin");
    assert!(words.contains("too many"), "{words}");
    drop(first);
    until("there is a place", PATIENCE, || !refused(&mut second));
    assert_eq!(second.ask("Avi&Lisa", "hello"), success());
}

#[test]
fn a_connection_without_a_token_may_stay_and_takes_no_strangers_place() {
    let settings = [
        ("PARLOR_CONTACTS_SETTLE_SECONDS", "0"),
        ("PARLOR_HELLO_PER_ADDRESS", "1"),
        ("PARLOR_HELLO_SECONDS", "1"),
        ("PARLOR_HEARTBEAT_SECONDS", "11"),
    ];
    let server = Server::with(&settings);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Carrier::Socket, &avi);
    let mut other = Packets::open(server.door(), Carrier::Socket, &[]).expect("a stranger's place");
    let begun = Instant::now();
    // It takes no place of the nameless until it is one of them.
    other.rest(PATIENCE);
    // Longer than anybody may be without a name elsewhere.
    his.packets.answers_pings = false;
    let ping = his.packets.socket().incoming_until(begun + Duration::from_secs(20));
    assert!(matches!(&ping, Some(Incoming::Text(packet)) if packet == "2"), "{ping:?}");
    assert!(begun.elapsed() > Duration::from_secs(10));
    his.packets.send("3");
    his.packets.answers_pings = true;
    his.joins("Lisa");
    let mut other = Packets::open(server.door(), Carrier::Socket, &[]).expect("a stranger's place");
    other.enter(json!({})).expect("there is room again");
    // Nobody's again: there is place for one of those, and the one that has been there longer makes room.
    avi.http.post("/logout", json!({})).done();
    assert_eq!(other.next(), None);
}

#[test]
fn with_contacts_switched_off_a_connection_must_say_hello() {
    let server = Server::with(&[("PARLOR_DIALECTS", "lobby")]);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Carrier::Socket, &avi);
    let said = his.join("Avi&Lisa");
    his.packets.emit("join", said);
    let error = his.packets.expect("error");
    assert_eq!(error["code"], "unauthenticated");
    assert!(text(&error, "message").starts_with("Log in first"), "at once, and it names what is missing: {error}");
    his.packets.rest(PATIENCE);
    assert_eq!(his.packets.end, Some(4501));
}

#[test]
fn whoever_says_hello_first_speaks_the_native_dialect() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut native = Contact::open(&server, Carrier::Polling, &avi);
    native.packets.ok("hello", json!({"token": avi.token}));
    native.packets.ok("ping", json!({}));
    let said = native.join("Avi&Lisa");
    native.packets.refused("join", said, "invalid_request");
    let mut contact = Contact::joined(&server, Carrier::Polling, &avi, "Lisa");
    contact.packets.emit("hello", json!({"token": avi.token}));
    contact.joins("Noa");
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    for _ in 0..30 {
        his.packets.emit("typing", json!({"room": "Avi&Lisa"}));
        his.packets.send("451-[\"typing\",{\"_placeholder\":true,\"num\":0}]");
        his.packets.socket().send_frame(true, 0x2, b"x");
    }
    let unanswered = his.packets.tell("typing", json!({}));
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
