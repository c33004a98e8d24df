//! The room-code system over Socket.IO: one event both ways, and notices of joining and leaving.

use crate::kit::*;

/// The next message, as name and text.
#[track_caller]
fn receive(client: &mut SocketIoClient) -> (String, String) {
    let received = client.expect("message");
    assert_eq!(received.as_object().unwrap().len(), 2, "{received}");
    (text(&received, "name").to_owned(), text(&received, "message").to_owned())
}

fn message(name: &str, content: &str) -> (String, String) {
    (name.to_owned(), content.to_owned())
}

#[test]
fn all_in_the_room_receive_everything_the_sender_too() {
    let server = Server::start();
    let (zoe, code) = create_as(&server, "Zoë Ω");
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let name = format!("Noa {at}");
        let noa = join_as(&server, &name, &code);
        let mut hers = enter_room(&server, Transport::Socket, &zoe);
        if at == 0 {
            assert_eq!(receive(&mut hers), message("Zoë Ω", "has entered the room"));
        }
        let mut his = enter_room(&server, transport, &noa);
        assert_eq!(receive(&mut his), message(&name, "has entered the room"));
        assert_eq!(receive(&mut hers), message(&name, "has entered the room"));
        his.emit("message", json!({"data": "hello \"you\" <b>"}));
        assert_eq!(receive(&mut his), message(&name, "hello \"you\" <b>"));
        assert_eq!(receive(&mut hers), message(&name, "hello \"you\" <b>"));
        assert_eq!(hers.request("message", json!({"data": "welcome"})), json!({"result": "success"}));
        assert_eq!(receive(&mut his), message("Zoë Ω", "welcome"));
        assert_eq!(receive(&mut hers), message("Zoë Ω", "welcome"));
        noa.http.post("/logout", json!({})).done();
        assert_eq!(receive(&mut hers), message(&name, "has left the room"));
    }
}

#[test]
fn a_reload_sends_no_notice_and_shows_what_was_missed() {
    let server = Server::start();
    let (zoe, code) = create_as(&server, "Zoë");
    let noa = join_as(&server, "Noa", &code);
    let mut hers = enter_room(&server, Transport::Socket, &zoe);
    let mut his = enter_room(&server, Transport::Socket, &noa);
    assert_eq!(receive(&mut his), message("Noa", "has entered the room"));
    hers.emit("message", json!({"data": "before"}));
    assert_eq!(receive(&mut his), message("Zoë", "before"));
    let received = "SELECT max(received) FROM members JOIN users ON id = user_id WHERE display_name = 'Noa'";
    until("what was heard is received", PATIENCE, || server.count(received) == 3);
    drop(his);
    for missed in ["one", "two"] {
        assert_eq!(hers.request("message", json!({"data": missed})), json!({"result": "success"}));
    }
    let mut his = enter_room(&server, Transport::Polling, &noa);
    assert_eq!((receive(&mut his), receive(&mut his)), (message("Zoë", "one"), message("Zoë", "two")));
    his.emit("message", json!({"data": "back"}));
    assert_eq!(receive(&mut his), message("Noa", "back"));
    let delivered: Vec<_> = std::iter::from_fn(|| Some(receive(&mut hers))).take(6).collect();
    let expected = [
        ("Zoë", "has entered the room"),
        ("Noa", "has entered the room"),
        ("Zoë", "before"),
        ("Zoë", "one"),
        ("Zoë", "two"),
        ("Noa", "back"),
    ];
    assert_eq!(delivered, expected.map(|(name, content)| message(name, content)));
}

#[test]
fn without_a_room_a_connection_is_refused() {
    let server = Server::with(&[("PARLOR_DIALECTS", "rooms")]);
    let (zoe, _) = create_as(&server, "Zoë");
    zoe.http.post("/logout", json!({})).done();
    let cookie = format!("parlor_rooms={}", zoe.token);
    let mut client = SocketIoClient::open(server.endpoint(), Transport::Socket, &[("Cookie", &cookie)]).unwrap();
    assert_eq!(client.enter(json!({})).unwrap_err()["data"]["code"], "unauthenticated");
}

#[test]
fn native_members_and_guests_of_the_form_talk_to_each_other() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"keep": true}));
    let mut native = avi.connect();
    let guest = join_as(&server, "Зоя", &code);
    let mut hers = enter_room(&server, Transport::Upgrade, &guest);
    assert_eq!(receive(&mut hers), message("Зоя", "has entered the room"));
    hers.emit("message", json!({"data": "from the form"}));
    assert_eq!((native.receive(&id), native.receive(&id)), ("Зоя has entered".to_owned(), "from the form".to_owned()));
    native.send_message(&id, "from a frame");
    assert_eq!(
        (receive(&mut hers), receive(&mut hers)),
        (message("Зоя", "from the form"), message("avi", "from a frame"))
    );
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::start();
    let (zoe, _) = create_as(&server, "Zoë");
    let mut hers = enter_room(&server, Transport::Socket, &zoe);
    receive(&mut hers);
    for wrong in [json!({}), json!({"data": 7}), json!([]), json!({"data": " "}), Value::Null] {
        let answer = hers.request("message", wrong);
        assert!(answer["error"].is_string(), "{answer}");
    }
    let answer = hers.request("message", json!({"data": "x".repeat(20_000)}));
    assert!(answer["error"].as_str().unwrap().contains("at most"), "{answer}");
    assert_eq!(hers.request("message", json!({"data": "well"})), json!({"result": "success"}));
    for _ in 0..30 {
        hers.emit("typing", json!({}));
    }
    assert_eq!(hers.request("message", json!({"data": "still here"})), json!({"result": "success"}));
    for _ in 0..10 {
        hers.emit("message", json!({}));
    }
    assert_eq!(receive(&mut hers), message("Zoë", "well"));
    assert_eq!(receive(&mut hers), message("Zoë", "still here"));
    hers.rest(PATIENCE);
    assert_eq!(hers.end, Some(4500));
}
