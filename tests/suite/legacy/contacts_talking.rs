//! The contacts system over Socket.IO: messages, and who hears of whom.

use crate::kit::*;

fn said(name: &str, words: &str) -> (String, String) {
    (name.to_owned(), words.to_owned())
}

#[test]
fn both_ends_of_a_room_hear_a_message() {
    let server = Server::with(&SETTLED);
    let [lisa, noa] = people(&server, ["Lisa", "Noa"]);
    let mut hers = Contact::joined(&server, Carrier::Polling, &lisa, "Noa");
    let mut others = Contact::joined(&server, Carrier::Socket, &noa, "Lisa");
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let name = avi.username.as_str();
        let mut his = Contact::joined(&server, carrier, &avi, "Lisa");
        // The room is made by its first message.
        his.say(&his.room("Lisa"), "hello \"you\" <b> 👍");
        assert_eq!(his.hear(), said(name, "hello \"you\" <b> 👍"));
        assert_eq!(hers.hear(), said(name, "hello \"you\" <b> 👍"));
        let turned = format!("LISA&{name}");
        assert_eq!(hers.ask(&turned, "welcome"), success());
        assert_eq!((his.hear(), hers.hear()), (said("Lisa", "welcome"), said("Lisa", "welcome")));
        // Whoever is said to send it.
        let mut other = his.message(&his.room("Lisa"), "it is me");
        other["sender"] = json!("Noa");
        assert_eq!(his.packets.ask("client_sends_message", other), success());
        assert_eq!((his.hear(), hers.hear()), (said(name, "it is me"), said(name, "it is me")));
    }
    hers.say("Lisa&Noa", "now you");
    assert_eq!(others.hear(), said("Lisa", "now you"), "and nothing of the others");
}

#[test]
fn native_clients_and_those_of_contacts_talk_to_each_other() {
    let server = Server::with(&SETTLED);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Carrier::Upgrade, &avi, "lisa");
    let (mut hers, mut his_other) = (lisa.connect(), avi.connect());
    his.say("avi&lisa", "from contacts");
    assert_eq!((hers.hear(&session), his_other.hear(&session)), ("from contacts".into(), "from contacts".into()));
    hers.say(&session, "from a frame");
    assert_eq!((his.hear(), his.hear()), (said("avi", "from contacts"), said("lisa", "from a frame")));
    his_other.say(&session, "from elsewhere");
    assert_eq!(his.hear(), said("avi", "from elsewhere"));
}

#[test]
fn texts_of_groups_are_heard_and_said_by_the_id_of_the_session_but_not_of_the_lobby() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_LOBBY", "on")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let band = group(&lisa, "Band", &[&avi]);
    let sessions = lisa.http.get("/sessions").ok();
    let lobby = list(&sessions, "sessions").iter().find(|session| session["kind"] == "lobby").unwrap();
    let lobby = text(lobby, "id").to_owned();
    let mut his = Contact::open(&server, Carrier::Socket, &avi);
    let join = his.join(&band);
    assert_eq!(his.packets.ask("join", join), success());
    lisa.say(&lobby, "to everybody");
    lisa.http.patch(&format!("/sessions/{band}"), json!({"title": "Choir"})).ok();
    let first = lisa.say(&band, "in the band");
    let path = format!("/sessions/{band}/messages/{}", number(&first, "seq"));
    lisa.http.patch(&path, json!({"text": "edited"})).ok();
    lisa.http.delete(&path).ok();
    assert_eq!(his.ask(&band, "here I am"), success());
    assert_eq!((his.hear(), his.hear()), (said("lisa", "in the band"), said("avi", "here I am")));
    let outside = group(&lisa, "Without him", &[]);
    assert!(his.ask(&outside, "hello?")["error"].is_string());
    assert_eq!(messages(&lisa, &outside).len(), 0);
}

#[test]
fn a_message_to_nobody_reaches_nobody_and_harms_nothing() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    his.say("Avi&nobody-here", "hello?");
    let answer = his.ask("Avi&nobody-here", "hello?");
    assert!(answer["error"].as_str().unwrap().contains("no user"), "{answer}");
    register(&server, "Lisa");
    assert_eq!(his.ask("Avi&Lisa", "hello"), success());
    assert_eq!(his.hear(), said("Avi", "hello"), "Admin had nothing to say");
    assert_eq!(server.count("SELECT count(*) FROM messages"), 1);
}

#[test]
fn a_refusal_is_acknowledged_or_said_by_admin() {
    let server = Server::with(&SETTLED);
    let [avi, lisa, noa, mark] = people(&server, ["Avi", "Lisa", "Noa", "Mark"]);
    noa.accepts_only_invited();
    avi.http.put("/blocks/Lisa", json!({})).done();
    mark.http.put("/blocks/Avi", json!({})).done();
    let _ = lisa;
    let mut his = Contact::joined(&server, Carrier::Polling, &avi, "Lisa");
    let long = "x".repeat(20_000);
    for (room, content, words) in [
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
        let mut message = his.message(room, "");
        message["content"] = content;
        let answer = his.packets.ask("client_sends_message", message.clone());
        let refused = answer["error"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(refused.contains(words), "{room}: {refused}");
        his.packets.emit("client_sends_message", message);
        assert_eq!(his.hear(), said("Admin", refused));
    }
    assert_eq!(server.count("SELECT count(*) FROM messages"), 0);
}

#[test]
fn a_sender_who_is_too_fast_is_told_so() {
    let server = Server::with(&[("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_SENDS_BURST", "3")]);
    let (avi, ..) = pair(&server);
    let mut his = Contact::joined(&server, Carrier::Socket, &avi, "lisa");
    for _ in 0..10 {
        his.say("avi&lisa", "again");
    }
    let heard: Vec<_> = (0..10).map(|_| his.hear()).collect();
    let of = |name: &str| heard.iter().filter(|(sender, _)| sender == name).count();
    assert!(of("avi") >= 3 && of("Admin") >= 1 && of("avi") + of("Admin") == 10, "{heard:?}");
}

#[test]
fn a_message_with_a_bad_token_reaches_nobody() {
    let server = Server::with(&SETTLED);
    let (avi, lisa, session) = pair(&server);
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "avi");
    let mut his_other = Contact::joined(&server, Carrier::Socket, &avi, "lisa");
    for carrier in CARRIERS {
        for is_joined in [false, true] {
            let mut his = Contact::open(&server, carrier, &avi);
            if is_joined {
                his.joins("lisa");
            }
            let good = std::mem::replace(&mut his.jwt, "expired".to_owned());
            his.say("avi&lisa", "lost");
            let words = "Error! User 'avi' must disconnect, re login and reconnect so the conversation can be resumed.";
            assert_eq!(his.hear(), said("Admin", words));
            assert_eq!(his.ask("avi&lisa", "lost"), invalid_jwt());
            assert_eq!(his.hear(), said("Admin", words));
            his.jwt = good;
            assert_eq!(his.ask("avi&lisa", "kept"), success());
            for client in [&mut his, &mut hers, &mut his_other] {
                assert_eq!(client.hear(), said("avi", "kept"));
            }
        }
    }
    assert!(messages(&lisa, &session).iter().all(|message| message["text"] == "kept"));
}

#[test]
fn everybody_who_may_see_it_hears_who_comes_and_goes() {
    let settings = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")];
    let server = Server::with(&settings);
    let [avi, lisa, noa, mark] = people(&server, ["Avi", "Lisa", "Noa", "Mark"]);
    avi.http.put("/blocks/Mark", json!({})).done();
    let mut marks = Contact::joined(&server, Carrier::Socket, &mark, "Noa");
    for carrier in CARRIERS {
        let mut hers = Contact::joined(&server, carrier, &lisa, "Avi");
        assert_eq!(marks.sees(), came("Lisa"));
        let his = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
        assert_eq!(hers.sees(), came("Avi"));
        // Several connections count once.
        let again = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
        drop(his);
        let native = noa.connect();
        assert_eq!(hers.sees(), came("Noa"), "whatever they speak");
        drop(again);
        assert_eq!(hers.sees(), went("Avi"));
        native.goodbye();
        assert_eq!(hers.sees(), went("Noa"));
        hers.packets.send("41");
        assert_eq!((marks.sees(), marks.sees()), (came("Noa"), went("Noa")), "and nothing of Avi");
        assert_eq!(marks.sees(), went("Lisa"));
    }
}

#[test]
fn whoever_blocks_is_gone_for_the_other_and_back_when_that_ends() {
    let server = Server::with(&SETTLED);
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut his = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    let mut hers = Contact::joined(&server, Carrier::Polling, &lisa, "Avi");
    assert_eq!(his.sees(), came("Lisa"));
    for _ in 0..2 {
        avi.http.put("/blocks/Lisa", json!({})).done();
        assert_eq!((his.sees(), hers.sees()), (went("Lisa"), went("Avi")));
        avi.http.delete("/blocks/Lisa").done();
        assert_eq!((his.sees(), hers.sees()), (came("Lisa"), came("Avi")));
    }
}
