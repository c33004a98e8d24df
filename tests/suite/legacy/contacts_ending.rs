//! The contacts system over Socket.IO: goodbyes, tokens that end, and clients that are missed.

use crate::kit::*;

const QUICK: [(&str, &str); 2] = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "600")];

fn goodbye(contact: &Contact) -> Value {
    json!({"client": contact.username, "jwt": contact.jwt})
}

fn is_logged_in(person: &Person) -> bool {
    person.http.get("/me").status == 200
}

#[test]
fn a_goodbye_skips_the_grace_and_ends_the_token() {
    let server = Server::with(&QUICK);
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "Avi");
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let name = avi.username.as_str();
        let mut his = Contact::joined(&server, carrier, &avi, "Lisa");
        assert_eq!(hers.sees(), came(name));
        for wrong in [json!({"client": name, "jwt": "x"}), json!({"client": "Lisa", "jwt": avi.token}), json!({})] {
            assert_eq!(his.packets.ask("client_disconnection", wrong), invalid_jwt());
        }
        assert!(is_logged_in(&avi));
        assert_eq!(his.packets.ask("client_disconnection", goodbye(&his)), success());
        assert!(!is_logged_in(&avi));
        assert_eq!(hers.sees(), went(name));
        assert_eq!(his.packets.ask("client_disconnection", goodbye(&his)), invalid_jwt());
        // The same socket is good for another login.
        let again = Person::login(&server, name);
        his.jwt.clone_from(&again.token);
        his.joins("Lisa");
        assert_eq!(hers.sees(), came(name));
        his.packets.emit("client_disconnection", goodbye(&his));
        assert_eq!(hers.sees(), went(name));
    }
}

#[test]
fn a_goodbye_without_a_join_ends_the_token_too() {
    let server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Carrier::Polling, &avi);
    assert_eq!(his.packets.ask("client_disconnection", goodbye(&his)), success());
    assert!(!is_logged_in(&avi));
}

#[test]
fn whose_token_ends_hears_nothing_more_until_the_next_login() {
    let server = Server::with(&QUICK);
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let session = befriend(&avi, &lisa);
    let ends: [&dyn Fn(&Person); 3] = [
        &|_| {
            let body = json!({"username": "root", "password": PASSWORD, "user_token_terminate": "Avi"});
            assert_eq!(server.http().post("//admin/kill_token", body).ok(), success());
        },
        &|avi| avi.http.post("/logout", json!({})).done(),
        &|_| drop(server.operate(&["user", "reset-password", "Avi"], &format!("{PASSWORD}\n"))),
    ];
    let mut avi = avi;
    for (carrier, end) in CARRIERS.into_iter().zip(ends) {
        let mut his = Contact::joined(&server, carrier, &avi, "Lisa");
        lisa.say(&session, "heard");
        assert_eq!(his.hear().1, "heard");
        let mut native = avi.connect();
        end(&avi);
        assert_eq!(native.close_code(), 4502);
        lisa.say(&session, "waits");
        let words = "Error! User 'Avi' must disconnect, re login and reconnect so the conversation can be resumed.";
        his.say("Avi&Lisa", "lost");
        assert_eq!(his.hear(), ("Admin".to_owned(), words.to_owned()), "and not what was said meanwhile");
        let said = his.join("Avi&Lisa");
        assert_eq!(his.packets.ask("join", said), invalid_jwt());
        avi = Person::login(&server, "Avi");
        his.jwt.clone_from(&avi.token);
        his.joins("Lisa");
        assert_eq!(his.hear(), ("Lisa".to_owned(), "waits".to_owned()));
        assert_eq!(his.ask("Avi&Lisa", "kept"), success());
        assert_eq!(his.hear().1, "kept");
    }
    assert!(messages(&lisa, &session).iter().all(|message| message["text"] != "lost"));
}

#[test]
fn a_socket_goes_on_by_the_token_that_it_joined_with_last() {
    let server = Server::with(&QUICK);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Carrier::Polling, &avi, "lisa");
    let again = Person::login(&server, "avi");
    his.jwt.clone_from(&again.token);
    his.joins("lisa");
    avi.http.post("/logout", json!({})).done();
    lisa.say(&session, "still there?");
    assert_eq!(his.hear(), ("lisa".to_owned(), "still there?".to_owned()));
    again.http.post("/logout", json!({})).done();
    assert_eq!(his.ask("avi&lisa", "no"), invalid_jwt());
}

#[test]
fn what_was_on_its_way_when_the_token_ended_is_not_told_again() {
    let server = Server::with(&QUICK);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Carrier::Polling, &avi, "lisa");
    let mut hers = lisa.connect();
    // It waits for his next poll, and has not been received.
    hers.say(&session, "once");
    hers.fence();
    avi.http.post("/logout", json!({})).done();
    let again = Person::login(&server, "avi");
    his.jwt.clone_from(&again.token);
    his.joins("lisa");
    hers.say(&session, "and on");
    assert_eq!((his.hear().1, his.hear().1), ("once".to_owned(), "and on".to_owned()));
    let received = "SELECT received FROM members JOIN users ON id = user_id WHERE username = 'avi'";
    until("both are received", PATIENCE, || server.count(received) == 2);
    let mut elsewhere = Contact::joined(&server, Carrier::Socket, &again, "lisa");
    hers.say(&session, "and here");
    assert_eq!(elsewhere.hear().1, "and here");
}

#[test]
fn whoever_does_not_say_that_they_are_there_goes_and_the_token_ends() {
    let server = Server::with(&[&QUICK[..], &[("PARLOR_CONTACTS_KEEP_ALIVE_SECONDS", "2")]].concat());
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut hers = Contact::joined(&server, Carrier::Socket, &lisa, "Avi");
    let mut his = Contact::joined(&server, Carrier::Polling, &avi, "Lisa");
    assert_eq!(hers.sees(), came("Avi"));
    // She says so, and he says other things.
    until("he is missed", PATIENCE, || {
        assert_eq!(hers.packets.ask("connection_alive", json!({"client": "Lisa"})), success());
        his.packets.emit("connection_alive", json!({"client": "Lisa"}));
        his.packets
            .emit("client_sends_message", json!({"content": "hi", "conversation_room": "Avi&Lisa", "jwt": avi.token}));
        !is_logged_in(&avi)
    });
    assert_eq!(hers.sees(), went("Avi"));
    assert!(is_logged_in(&lisa));
    let said = his.join("Avi&Lisa");
    assert_eq!(his.packets.ask("join", said), invalid_jwt());
}

#[test]
fn without_that_setting_nobody_is_missed() {
    let server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Carrier::Polling, &avi);
    assert_eq!(his.packets.ask("connection_alive", json!({"client": "Avi"})), invalid_jwt(), "not yet");
    his.joins("Lisa");
    assert_eq!(his.packets.ask("connection_alive", json!({"client": "Avi"})), success());
    assert_eq!(his.packets.ask("connection_alive", json!({"client": "Lisa"})), invalid_jwt());
}

#[test]
fn a_stop_is_told_to_nobodys_connections_too() {
    let mut server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Carrier::Socket, &avi, "Lisa");
    let mut silent = Contact::open(&server, Carrier::Socket, &avi);
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    for contact in [&mut his, &mut silent] {
        contact.packets.rest(PATIENCE);
        assert_eq!(contact.packets.end, Some(1012));
    }
}
