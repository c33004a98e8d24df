//! The room-code system over Socket.IO: one event both ways, and who comes and goes.

use crate::kit::*;

/// The next message, as a name and words.
#[track_caller]
fn hear(client: &mut Packets) -> (String, String) {
    let told = client.expect("message");
    assert_eq!(told.as_object().unwrap().len(), 2, "{told}");
    (text(&told, "name").to_owned(), text(&told, "message").to_owned())
}

fn said(name: &str, words: &str) -> (String, String) {
    (name.to_owned(), words.to_owned())
}

#[test]
fn all_in_the_room_hear_everything_the_sender_too() {
    let server = Server::start();
    let (zoe, code) = create_as(&server, "Zoë Ω");
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let name = format!("Noa {at}");
        let noa = join_as(&server, &name, &code);
        let mut hers = enter_room(&server, Carrier::Socket, &zoe);
        if at == 0 {
            assert_eq!(hear(&mut hers), said("Zoë Ω", "has entered the room"));
        }
        let mut his = enter_room(&server, carrier, &noa);
        assert_eq!(hear(&mut his), said(&name, "has entered the room"));
        assert_eq!(hear(&mut hers), said(&name, "has entered the room"));
        his.emit("message", json!({"data": "hello \"you\" <b>"}));
        assert_eq!(hear(&mut his), said(&name, "hello \"you\" <b>"));
        assert_eq!(hear(&mut hers), said(&name, "hello \"you\" <b>"));
        assert_eq!(hers.ask("message", json!({"data": "welcome"})), json!({"result": "success"}));
        assert_eq!(hear(&mut his), said("Zoë Ω", "welcome"));
        assert_eq!(hear(&mut hers), said("Zoë Ω", "welcome"));
        noa.http.post("/logout", json!({})).done();
        assert_eq!(hear(&mut hers), said(&name, "has left the room"));
    }
}

#[test]
fn a_reload_says_nothing_and_brings_what_was_missed() {
    let server = Server::start();
    let (zoe, code) = create_as(&server, "Zoë");
    let noa = join_as(&server, "Noa", &code);
    let mut hers = enter_room(&server, Carrier::Socket, &zoe);
    let mut his = enter_room(&server, Carrier::Socket, &noa);
    assert_eq!(hear(&mut his), said("Noa", "has entered the room"));
    hers.emit("message", json!({"data": "before"}));
    assert_eq!(hear(&mut his), said("Zoë", "before"));
    let received = "SELECT max(received) FROM members JOIN users ON id = user_id WHERE display_name = 'Noa'";
    until("what was heard is received", PATIENCE, || server.count(received) == 3);
    drop(his);
    for missed in ["one", "two"] {
        assert_eq!(hers.ask("message", json!({"data": missed})), json!({"result": "success"}));
    }
    let mut his = enter_room(&server, Carrier::Polling, &noa);
    assert_eq!((hear(&mut his), hear(&mut his)), (said("Zoë", "one"), said("Zoë", "two")));
    his.emit("message", json!({"data": "back"}));
    assert_eq!(hear(&mut his), said("Noa", "back"));
    let heard: Vec<_> = std::iter::from_fn(|| Some(hear(&mut hers))).take(6).collect();
    let expected = [
        ("Zoë", "has entered the room"),
        ("Noa", "has entered the room"),
        ("Zoë", "before"),
        ("Zoë", "one"),
        ("Zoë", "two"),
        ("Noa", "back"),
    ];
    assert_eq!(heard, expected.map(|(name, words)| said(name, words)));
}

#[test]
fn without_a_room_nobody_is_let_in() {
    let server = Server::with(&[("PARLOR_DIALECTS", "rooms")]);
    let (zoe, _) = create_as(&server, "Zoë");
    zoe.http.post("/logout", json!({})).done();
    let cookie = format!("parlor_rooms={}", zoe.token);
    let mut client = Packets::open(server.door(), Carrier::Socket, &[("Cookie", &cookie)]).unwrap();
    assert_eq!(client.enter(json!({})).unwrap_err()["data"]["code"], "unauthenticated");
}

#[test]
fn native_members_and_guests_of_the_form_talk_to_each_other() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"keep": true}));
    let mut native = avi.connect();
    let guest = join_as(&server, "Зоя", &code);
    let mut hers = enter_room(&server, Carrier::Upgrade, &guest);
    assert_eq!(hear(&mut hers), said("Зоя", "has entered the room"));
    hers.emit("message", json!({"data": "from the form"}));
    assert_eq!((native.hear(&id), native.hear(&id)), ("Зоя has entered".to_owned(), "from the form".to_owned()));
    native.say(&id, "from a frame");
    assert_eq!((hear(&mut hers), hear(&mut hers)), (said("Зоя", "from the form"), said("avi", "from a frame")));
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::start();
    let (zoe, _) = create_as(&server, "Zoë");
    let mut hers = enter_room(&server, Carrier::Socket, &zoe);
    hear(&mut hers);
    for wrong in [json!({}), json!({"data": 7}), json!([]), json!({"data": " "}), Value::Null] {
        let answer = hers.ask("message", wrong);
        assert!(answer["error"].is_string(), "{answer}");
    }
    let answer = hers.ask("message", json!({"data": "x".repeat(20_000)}));
    assert!(answer["error"].as_str().unwrap().contains("at most"), "{answer}");
    assert_eq!(hers.ask("message", json!({"data": "well"})), json!({"result": "success"}));
    for _ in 0..30 {
        hers.emit("typing", json!({}));
    }
    assert_eq!(hers.ask("message", json!({"data": "still here"})), json!({"result": "success"}));
    for _ in 0..10 {
        hers.emit("message", json!({}));
    }
    assert_eq!(hear(&mut hers), said("Zoë", "well"));
    assert_eq!(hear(&mut hers), said("Zoë", "still here"));
    hers.rest(PATIENCE);
    assert_eq!(hers.end, Some(4500));
}
