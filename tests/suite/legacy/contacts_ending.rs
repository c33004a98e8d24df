//! The contacts system over Socket.IO: goodbyes, ended tokens, and missing keep-alive events.

use crate::kit::*;

const QUICK: [(&str, &str); 2] = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0"), ("PARLOR_PRESENCE_GRACE_SECONDS", "600")];

fn goodbye(contact: &Contact) -> Value {
    json!({"client": contact.username, "jwt": contact.jwt})
}

fn is_logged_in(person: &Person) -> bool {
    person.http.get("/me").status == 200
}

#[test]
fn a_goodbye_skips_the_grace_period_and_ends_the_token() {
    let server = Server::with(&QUICK);
    let lisa = register(&server, "Lisa");
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "Avi");
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let avi = register(&server, &format!("Avi{at}"));
        let name = avi.username.as_str();
        let mut his = Contact::joined(&server, transport, &avi, "Lisa");
        assert_eq!(hers.expect_presence(), online_event(name));
        for wrong in [json!({"client": name, "jwt": "x"}), json!({"client": "Lisa", "jwt": avi.token}), json!({})] {
            assert_eq!(his.packets.request("client_disconnection", wrong), invalid_jwt());
        }
        assert!(is_logged_in(&avi));
        assert_eq!(his.packets.request("client_disconnection", goodbye(&his)), success());
        assert!(!is_logged_in(&avi));
        assert_eq!(hers.expect_presence(), offline_event(name));
        assert_eq!(his.packets.request("client_disconnection", goodbye(&his)), invalid_jwt());
        // The same socket is good for another login.
        let again = Person::login(&server, name);
        his.jwt.clone_from(&again.token);
        his.joins("Lisa");
        assert_eq!(hers.expect_presence(), online_event(name));
        his.packets.emit("client_disconnection", goodbye(&his));
        assert_eq!(hers.expect_presence(), offline_event(name));
    }
}

#[test]
fn a_goodbye_without_a_join_ends_the_token_too() {
    let server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Transport::Polling, &avi);
    assert_eq!(his.packets.request("client_disconnection", goodbye(&his)), success());
    assert!(!is_logged_in(&avi));
}

#[test]
fn after_its_token_ends_a_client_receives_nothing_until_the_next_login() {
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
    for (transport, end) in TRANSPORTS.into_iter().zip(ends) {
        let mut his = Contact::joined(&server, transport, &avi, "Lisa");
        lisa.send_message(&session, "heard");
        assert_eq!(his.receive().1, "heard");
        let mut native = avi.connect();
        end(&avi);
        assert_eq!(native.close_code(), 4502);
        lisa.send_message(&session, "waits");
        let content = "Error! User 'Avi' must disconnect, re login and reconnect so the conversation can be resumed.";
        his.send_message("Avi&Lisa", "lost");
        assert_eq!(his.receive(), ("Admin".to_owned(), content.to_owned()), "and not what was said meanwhile");
        let sent = his.join("Avi&Lisa");
        assert_eq!(his.packets.request("join", sent), invalid_jwt());
        avi = Person::login(&server, "Avi");
        his.jwt.clone_from(&avi.token);
        his.joins("Lisa");
        assert_eq!(his.receive(), ("Lisa".to_owned(), "waits".to_owned()));
        assert_eq!(his.request("Avi&Lisa", "kept"), success());
        assert_eq!(his.receive().1, "kept");
    }
    assert!(messages(&lisa, &session).iter().all(|message| message["text"] != "lost"));
}

#[test]
fn a_socket_uses_the_token_of_its_last_join() {
    let server = Server::with(&QUICK);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "lisa");
    let again = Person::login(&server, "avi");
    his.jwt.clone_from(&again.token);
    his.joins("lisa");
    avi.http.post("/logout", json!({})).done();
    lisa.send_message(&session, "still there?");
    assert_eq!(his.receive(), ("lisa".to_owned(), "still there?".to_owned()));
    again.http.post("/logout", json!({})).done();
    assert_eq!(his.request("avi&lisa", "no"), invalid_jwt());
}

#[test]
fn messages_in_flight_when_the_token_ended_are_not_sent_again() {
    let server = Server::with(&QUICK);
    let (avi, lisa, session) = pair(&server);
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "lisa");
    let mut hers = lisa.connect();
    // It waits for his next poll, and has not been received.
    hers.send_message(&session, "once");
    hers.fence();
    avi.http.post("/logout", json!({})).done();
    let again = Person::login(&server, "avi");
    his.jwt.clone_from(&again.token);
    his.joins("lisa");
    hers.send_message(&session, "and on");
    assert_eq!((his.receive().1, his.receive().1), ("once".to_owned(), "and on".to_owned()));
    let received = "SELECT received FROM members JOIN users ON id = user_id WHERE username = 'avi'";
    until("both are received", PATIENCE, || server.count(received) == 2);
    let mut elsewhere = Contact::joined(&server, Transport::Socket, &again, "lisa");
    hers.send_message(&session, "and here");
    assert_eq!(elsewhere.receive().1, "and here");
}

#[test]
fn without_keep_alive_events_a_client_goes_offline_and_its_token_ends() {
    let server = Server::with(&[&QUICK[..], &[("PARLOR_CONTACTS_KEEP_ALIVE_SECONDS", "2")]].concat());
    let [avi, lisa] = people(&server, ["Avi", "Lisa"]);
    let mut hers = Contact::joined(&server, Transport::Socket, &lisa, "Avi");
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "Lisa");
    assert_eq!(hers.expect_presence(), online_event("Avi"));
    // She sends her heartbeat, and he sends other events.
    until("he is missed", PATIENCE, || {
        assert_eq!(hers.packets.request("connection_alive", json!({"client": "Lisa"})), success());
        his.packets.emit("connection_alive", json!({"client": "Lisa"}));
        his.packets
            .emit("client_sends_message", json!({"content": "hi", "conversation_room": "Avi&Lisa", "jwt": avi.token}));
        !is_logged_in(&avi)
    });
    assert_eq!(hers.expect_presence(), offline_event("Avi"));
    assert!(is_logged_in(&lisa));
    let sent = his.join("Avi&Lisa");
    assert_eq!(his.packets.request("join", sent), invalid_jwt());
}

#[test]
fn without_the_keep_alive_setting_no_token_ends() {
    let server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::open(&server, Transport::Polling, &avi);
    assert_eq!(his.packets.request("connection_alive", json!({"client": "Avi"})), invalid_jwt(), "not yet");
    his.joins("Lisa");
    assert_eq!(his.packets.request("connection_alive", json!({"client": "Avi"})), success());
    assert_eq!(his.packets.request("connection_alive", json!({"client": "Lisa"})), invalid_jwt());
}

#[test]
fn a_shutdown_closes_connections_without_a_user_too() {
    let mut server = Server::with(&QUICK);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Transport::Socket, &avi, "Lisa");
    let mut silent = Contact::open(&server, Transport::Socket, &avi);
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    for contact in [&mut his, &mut silent] {
        contact.packets.rest(PATIENCE);
        assert_eq!(contact.packets.end, Some(1012));
    }
}
