//! The lobby system over Socket.IO: who is active, who comes back, and what they have missed.

use std::time::{Duration, Instant};

use super::lobby::{come, cookie};
use super::lobby_talking::{enter, hear, message, say};
use crate::kit::*;

/// A lobby whose guests are missed after a second.
const SOON: [(&str, &str); 2] = [("PARLOR_LOBBY", "on"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")];
/// A lobby whose guests are missed for longer than any test takes.
const LATE: [(&str, &str); 2] = [("PARLOR_LOBBY", "on"), ("PARLOR_PRESENCE_GRACE_SECONDS", "3600")];

/// The next list of who is active.
#[track_caller]
fn heard(client: &mut Packets) -> Vec<String> {
    let told = client.expect("user_change_in");
    assert_eq!(told.as_object().unwrap().len(), 1, "{told}");
    list(&told, "users").iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Waits until these are active. No list on the way is said twice.
#[track_caller]
fn active(client: &mut Packets, names: &[&str]) {
    let mut last = heard(client);
    while last != names {
        let next = heard(client);
        assert_ne!(next, last, "nothing has changed");
        last = next;
    }
}

fn leave(server: &Server, guest: &Person) {
    let path = format!("//logout/{}", guest.username);
    server.http().call("GET", &path).header("Cookie", &cookie(guest)).send().ok();
}

#[test]
fn everybody_is_told_who_is_active_whenever_that_changes() {
    let server = Server::with(&LATE);
    let [avi, lisa, noa] = ["avi", "Lisa", "noa"].map(|name| come(&server, name));
    let mut his = enter(&server, Carrier::Socket, &avi);
    assert_eq!(heard(&mut his), ["avi"], "who has come in by the link alone is not active");
    let mut native = register(&server, "mark").connect();
    let mut hers = enter(&server, Carrier::Polling, &lisa);
    assert_eq!(
        (heard(&mut his), heard(&mut hers)),
        (vec!["Lisa".into(), "avi".into()], vec!["Lisa".into(), "avi".into()])
    );
    let mut third = enter(&server, Carrier::Upgrade, &noa);
    active(&mut third, &["Lisa", "avi", "noa"]);
    // By goodbye, by logout.
    assert_eq!(hers.ask("user_change_out", json!({"active": false})), json!({"active": false}));
    hers.rest(PATIENCE);
    for client in [&mut his, &mut third] {
        active(client, &["avi", "noa"]);
    }
    leave(&server, &noa);
    active(&mut his, &["avi"]);
    third.rest(PATIENCE);
    assert_eq!(third.end, Some(4502));
    native.hears_no("presence");
    until("the name is free", PATIENCE, || server.http().get("//login/Lisa").status == 200);
}

#[test]
fn after_a_goodbye_nobody_is_told_anything_more() {
    let server = Server::with(&LATE);
    for carrier in CARRIERS {
        let avi = come(&server, "avi");
        let mut his = enter(&server, carrier, &avi);
        assert_eq!(heard(&mut his), ["avi"]);
        his.emit("user_change_out", json!({"active": false}));
        let rest = his.rest(PATIENCE);
        assert!(rest.contains(&"41".to_owned()), "it is told to stay away: {rest:?}");
        until("the guest is gone", PATIENCE, || avi.http.get("/me").status == 401);
    }
}

#[test]
fn a_lost_socket_disappears_after_the_grace() {
    let server = Server::with(&SOON);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let [mut his, hers] = [&avi, &lisa].map(|guest| enter(&server, Carrier::Socket, guest));
    active(&mut his, &["avi", "lisa"]);
    let begun = Instant::now();
    drop(hers);
    assert_eq!(heard(&mut his), ["avi"]);
    assert!(begun.elapsed() >= Duration::from_millis(900), "gone after {:?}", begun.elapsed());
    until("and is missed for good", PATIENCE, || lisa.http.get("/me").status == 401);
}

#[test]
fn two_sockets_of_one_guest_count_once() {
    let server = Server::with(&SOON);
    let [avi, lisa, noa, mark] = ["avi", "lisa", "noa", "mark"].map(|name| come(&server, name));
    let [mut his, one, third] = [&avi, &lisa, &noa].map(|guest| enter(&server, Carrier::Socket, guest));
    active(&mut his, &["avi", "lisa", "noa"]);
    let mut two = enter(&server, Carrier::Polling, &lisa);
    assert_eq!(heard(&mut two), ["avi", "lisa", "noa"]);
    // Her first socket is lost before Noa's only one.
    drop(one);
    drop(third);
    assert_eq!(heard(&mut his), ["avi", "lisa"], "of her second socket nobody heard");
    let mut last = enter(&server, Carrier::Socket, &lisa);
    last.emit("user_change_out", json!({"active": false}));
    last.rest(PATIENCE);
    let fourth = enter(&server, Carrier::Socket, &mark);
    assert_eq!(heard(&mut his), ["avi", "lisa", "mark"], "a goodbye is that of one socket");
    drop(fourth);
}

#[test]
fn whoever_comes_back_in_time_was_never_away_and_is_told_what_they_missed() {
    let server = Server::with(&LATE);
    let mark = register(&server, "mark");
    let mut native = mark.connect();
    for (at, carrier) in CARRIERS.into_iter().enumerate() {
        let names = [format!("avi-{at}"), format!("lisa-{at}")];
        let [avi, lisa] = [&names[0], &names[1]].map(|name| come(&server, name));
        let mut his = enter(&server, Carrier::Socket, &avi);
        // Of a client that polls no more it is not known at once that it is lost.
        let mut hers = enter(&server, if carrier == Carrier::Polling { Carrier::Socket } else { carrier }, &lisa);
        active(&mut his, &[&names[0], &names[1]]);
        let first = say(&mut his, &names[1], "before");
        assert_eq!(hear(&mut hers), message(&names[0], &names[1], first, "before"));
        let behind = "SELECT count(*) FROM members JOIN sessions ON id = session_id WHERE received < seq";
        until("what she heard is received", PATIENCE, || server.count(behind) == 0);
        drop(hers);
        let second = say(&mut his, &names[1], "one");
        let third = say(&mut his, &names[1], "two");
        say(&mut his, "group", "for those who are here");
        native.ok(json!({"type": "send", "to": names[1], "text": "three"}));
        let mut hers = enter(&server, carrier, &lisa);
        assert_eq!(heard(&mut hers), names);
        let mut missed = [hear(&mut hers), hear(&mut hers), hear(&mut hers)];
        // One session after the other; which one is first is not said.
        missed.sort_by_key(|told| number(told, "message_id"));
        assert_eq!(missed[0], message(&names[0], &names[1], second, "one"));
        assert_eq!(missed[1], message(&names[0], &names[1], third, "two"));
        assert_eq!((&missed[2]["sender"], &missed[2]["message_text"]), (&json!("mark"), &json!("three")));
        let live = say(&mut his, &names[1], "four");
        assert_eq!(hear(&mut hers), message(&names[0], &names[1], live, "four"), "each once, and nothing of the group");
        for client in [&mut his, &mut hers] {
            client.emit("user_change_out", json!({"active": false}));
        }
        // He heard each of his own words once, and not that she had been gone.
        let rest = his.rest(PATIENCE);
        let told = |name: &str| rest.iter().filter(|packet| packet.starts_with(&format!("42[\"{name}\""))).count();
        assert_eq!(told("message_in"), 5, "{rest:?}");
        assert_eq!(told("user_change_in"), 0, "{rest:?}");
        hers.rest(PATIENCE);
    }
}

#[test]
fn who_may_not_be_seen_is_not_listed() {
    let server = Server::with(&LATE);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let [mut his, mut hers] = [&avi, &lisa].map(|guest| enter(&server, Carrier::Socket, guest));
    for client in [&mut his, &mut hers] {
        active(client, &["avi", "lisa"]);
    }
    lisa.http.put("/blocks/avi", json!({})).done();
    assert_eq!((heard(&mut his), heard(&mut hers)), (vec!["avi".to_owned()], vec!["lisa".to_owned()]));
    let noa = come(&server, "noa");
    let third = enter(&server, Carrier::Socket, &noa);
    assert_eq!(
        (heard(&mut his), heard(&mut hers)),
        (vec!["avi".into(), "noa".into()], vec!["lisa".into(), "noa".into()])
    );
    lisa.http.delete("/blocks/avi").done();
    assert_eq!(heard(&mut his), ["avi", "lisa", "noa"]);
    drop(third);
}

#[test]
fn in_a_closed_directory_only_people_one_talks_with_are_listed() {
    let server = Server::with(&[LATE[0], LATE[1], ("PARLOR_DIRECTORY", "closed")]);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let [mut his, mut hers] = [&avi, &lisa].map(|guest| enter(&server, Carrier::Socket, guest));
    assert_eq!((heard(&mut his), heard(&mut hers)), (vec!["avi".to_owned()], vec!["lisa".to_owned()]));
    say(&mut hers, "avi", "a secret name");
    for client in [&mut his, &mut hers] {
        assert_eq!(heard(client), ["avi", "lisa"]);
    }
}

#[test]
fn only_the_lobbys_own_token_makes_a_lobby_client() {
    let server = Server::with(&LATE);
    let (avi, account) = (come(&server, "avi"), register(&server, "lisa"));
    // As its cookie, as `auth.token`, and before another cookie.
    let both = format!("parlor_token={}; {}", account.token, cookie(&avi));
    for (headers, auth) in [
        (vec![("Cookie", cookie(&avi))], json!({})),
        (vec![], json!({"token": avi.token})),
        (vec![("Cookie", both)], json!({})),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut client = Packets::open(server.door(), Carrier::Socket, &headers).unwrap();
        client.enter(auth).unwrap();
        assert_eq!(heard(&mut client), ["avi"]);
    }
    // Another door's token in its cookie is none.
    let mut client = Packets::open(server.door(), Carrier::Socket, &[("Cookie", &cookie(&account))]).unwrap();
    if client.enter(json!({})).is_ok() {
        client.emit("message_out", json!({"receiver": "avi", "message_text": "hello"}));
    }
    assert_eq!(server.count("SELECT count(*) FROM messages"), 0);
    Packets::connect(server.door(), Carrier::Socket, &account.token);
}
