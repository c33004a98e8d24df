//! The contacts system over Socket.IO: messages and presence.

use crate::kit::*;

fn message(name: &str, content: &str) -> (String, String) {
    (name.to_owned(), content.to_owned())
}

#[test]
fn both_ends_of_a_room_receive_a_message() {
    let server = Server::with(&SETTLED);
    let [lisa, noa] = people(&server, ["Lisa", "Noa"]);
    let mut hers = Contact::joined(&server, Transport::Polling, &lisa, "Noa");
    let mut others = Contact::joined(&server, Transport::Socket, &noa, "Lisa");
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let name = avi.username.as_str();
        let mut his = Contact::joined(&server, transport, &avi, "Lisa");
        // The room is made by its first message.
        his.send_message(&his.room("Lisa"), "hello \"you\" <b> 👍");
        assert_eq!(his.receive(), message(name, "hello \"you\" <b> 👍"));
        assert_eq!(hers.receive(), message(name, "hello \"you\" <b> 👍"));
        let turned = format!("LISA&{name}");
        assert_eq!(hers.request(&turned, "welcome"), success());
        assert_eq!((his.receive(), hers.receive()), (message("Lisa", "welcome"), message("Lisa", "welcome")));
        // Whatever sender the event names.
        let mut other = his.message(&his.room("Lisa"), "it is me");
        other["sender"] = json!("Noa");
        assert_eq!(his.packets.request("client_sends_message", other), success());
        assert_eq!((his.receive(), hers.receive()), (message(name, "it is me"), message(name, "it is me")));
    }
    hers.send_message("Lisa&Noa", "now you");
    assert_eq!(others.receive(), message("Lisa", "now you"), "and nothing of the others");
}

#[test]
fn native_clients_and_those_of_contacts_talk_to_each_other() {
    let server = Server::with(&SETTLED);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Transport::Upgrade, &avi, "lisa");
    let (mut hers, mut his_other) = (lisa.connect(), avi.connect());
    his.send_message("avi&lisa", "from contacts");
    assert_eq!((hers.receive(&session), his_other.receive(&session)), ("from contacts".into(), "from contacts".into()));
    hers.send_message(&session, "from a frame");
    assert_eq!((his.receive(), his.receive()), (message("avi", "from contacts"), message("lisa", "from a frame")));
    his_other.send_message(&session, "from elsewhere");
    assert_eq!(his.receive(), message("avi", "from elsewhere"));
}

#[test]
fn messages_of_groups_are_sent_and_received_by_session_id_but_not_those_of_the_lobby() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_LOBBY", "on")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let band = group(&lisa, "Band", &[&avi]);
    let sessions = lisa.http.get("/sessions").ok();
    let lobby = list(&sessions, "sessions").iter().find(|session| session["kind"] == "lobby").unwrap();
    let lobby = text(lobby, "id").to_owned();
    let mut his = Contact::open(&server, Transport::Socket, &avi);
    let join = his.join(&band);
    assert_eq!(his.packets.request("join", join), success());
    lisa.send_message(&lobby, "to everybody");
    lisa.http.patch(&format!("/sessions/{band}"), json!({"title": "Choir"})).ok();
    let first = lisa.send_message(&band, "in the band");
    let path = format!("/sessions/{band}/messages/{}", number(&first, "seq"));
    lisa.http.patch(&path, json!({"text": "edited"})).ok();
    lisa.http.delete(&path).ok();
    assert_eq!(his.request(&band, "here I am"), success());
    assert_eq!((his.receive(), his.receive()), (message("lisa", "in the band"), message("avi", "here I am")));
    let outside = group(&lisa, "Without him", &[]);
    assert!(his.request(&outside, "hello?")["error"].is_string());
    assert_eq!(messages(&lisa, &outside).len(), 0);
}

#[test]
fn a_message_to_an_unknown_user_is_dropped() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    his.send_message("Avi&nobody-here", "hello?");
    let answer = his.request("Avi&nobody-here", "hello?");
    assert!(answer["error"].as_str().unwrap().contains("no user"), "{answer}");
    register(&server, "Lisa");
    assert_eq!(his.request("Avi&Lisa", "hello"), success());
    assert_eq!(his.receive(), message("Avi", "hello"), "Admin had nothing to say");
    assert_eq!(server.count("SELECT count(*) FROM messages"), 1);
}

#[test]
fn a_refusal_is_an_acknowledgement_or_a_message_of_admin() {
    let server = Server::with(&SETTLED);
    let [avi, lisa, noa, mark] = people(&server, ["Avi", "Lisa", "Noa", "Mark"]);
    noa.accepts_only_invited();
    avi.http.put("/blocks/Lisa", json!({})).done();
    mark.http.put("/blocks/Avi", json!({})).done();
    let _ = lisa;
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "Lisa");
    let long = "x".repeat(20_000);
    for (room, content, body) in [
        ("Avi&Lisa", json!("hi"), "blocked"),
        ("Avi&Noa", json!("hi"), "invite"),
        ("Avi&Mark", json!("hi"), "invite"),
        ("Lisa&Noa", json!("hi"), "does not exist"),
        ("Avi&Avi", json!("hi"), "does not exist"),
        ("Avi", json!("hi"), "does not exist"),
        ("Avi&Noa", json!(long), "at most"),
        ("Avi&Noa", json!(" "), "empty"),
        ("Avi&Noa", json!(7), "string"),
    ] {
        let mut fields = his.message(room, "");
        fields["content"] = content;
        let answer = his.packets.request("client_sends_message", fields.clone());
        let refused = answer["error"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(refused.contains(body), "{room}: {refused}");
        his.packets.emit("client_sends_message", fields);
        assert_eq!(his.receive(), message("Admin", refused));
    }
    assert_eq!(server.count("SELECT count(*) FROM messages"), 0);
}

#[test]
fn a_sender_who_is_too_fast_is_refused() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_SENDS_BURST", "3")]);
    let (avi, ..) = pair(&server);
    let mut his = Contact::joined(&server, Transport::Socket, &avi, "lisa");
    for _ in 0..10 {
        his.send_message("avi&lisa", "again");
    }
    let received: Vec<_> = (0..10).map(|_| his.receive()).collect();
    let of = |name: &str| received.iter().filter(|(sender, _)| sender == name).count();
    assert!(of("avi") >= 3 && of("Admin") >= 1 && of("avi") + of("Admin") == 10, "{received:?}");
}

#[test]
fn a_message_with_a_bad_token_is_not_delivered() {
    let server = Server::with(&SETTLED);
    let (avi, lisa, session) = pair(&server);
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "avi");
    let mut his_other = Contact::joined(&server, Transport::Socket, &avi, "lisa");
    for transport in TRANSPORTS {
        for is_joined in [false, true] {
            let mut his = Contact::open(&server, transport, &avi);
            if is_joined {
                his.joins("lisa");
            }
            let good = std::mem::replace(&mut his.jwt, "expired".to_owned());
            his.send_message("avi&lisa", "lost");
            let content =
                "Error! User 'avi' must disconnect, re login and reconnect so the conversation can be resumed.";
            assert_eq!(his.receive(), message("Admin", content));
            assert_eq!(his.request("avi&lisa", "lost"), invalid_jwt());
            assert_eq!(his.receive(), message("Admin", content));
            his.jwt = good;
            assert_eq!(his.request("avi&lisa", "kept"), success());
            for client in [&mut his, &mut hers, &mut his_other] {
                assert_eq!(client.receive(), message("avi", "kept"));
            }
        }
    }
    assert!(messages(&lisa, &session).iter().all(|message| message["text"] == "kept"));
}

#[test]
fn presence_reaches_every_contact_who_may_see_it() {
    let settings = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")];
    let server = Server::with(&settings);
    let [avi, lisa, noa, mark] = people(&server, ["Avi", "Lisa", "Noa", "Mark"]);
    avi.http.put("/blocks/Mark", json!({})).done();
    let mut marks = Contact::joined(&server, Transport::Socket, &mark, "Noa");
    for transport in TRANSPORTS {
        let mut hers = Contact::joined(&server, transport, &lisa, "Avi");
        assert_eq!(marks.expect_presence(), online_event("Lisa"));
        let his = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
        assert_eq!(hers.expect_presence(), online_event("Avi"));
        // Several connections count once.
        let again = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
        drop(his);
        let native = noa.connect();
        assert_eq!(hers.expect_presence(), online_event("Noa"), "whatever they speak");
        drop(again);
        assert_eq!(hers.expect_presence(), offline_event("Avi"));
        native.goodbye();
        assert_eq!(hers.expect_presence(), offline_event("Noa"));
        hers.packets.send("41");
        assert_eq!(
            (marks.expect_presence(), marks.expect_presence()),
            (online_event("Noa"), offline_event("Noa")),
            "and nothing of Avi"
        );
        assert_eq!(marks.expect_presence(), offline_event("Lisa"));
    }
}

#[test]
fn a_user_who_blocks_is_offline_for_the_other_until_the_block_ends() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut his = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    let mut hers = Contact::joined(&server, Transport::Polling, &lisa, "Avi");
    assert_eq!(his.expect_presence(), online_event("Lisa"));
    for _ in 0..2 {
        avi.http.put("/blocks/Lisa", json!({})).done();
        assert_eq!((his.expect_presence(), hers.expect_presence()), (offline_event("Lisa"), offline_event("Avi")));
        avi.http.delete("/blocks/Lisa").done();
        assert_eq!((his.expect_presence(), hers.expect_presence()), (online_event("Lisa"), online_event("Avi")));
    }
}
