//! The lobby system over Socket.IO: the roster of active users, reconnecting, and missed messages.

use std::time::{Duration, Instant};

use super::lobby::{cookie, log_in};
use super::lobby_messages::{enter, message, receive, send_message};
use crate::kit::*;

/// A lobby whose guests are missed after a second.
const SOON: [(&str, &str); 2] = [("PARLOR_LOBBY", "on"), ("PARLOR_PRESENCE_GRACE_SECONDS", "1")];
/// A lobby whose guests are missed for longer than any test takes.
const LATE: [(&str, &str); 2] = [("PARLOR_LOBBY", "on"), ("PARLOR_PRESENCE_GRACE_SECONDS", "3600")];

/// The next list of who is active.
#[track_caller]
fn active_names(client: &mut SocketIoClient) -> Vec<String> {
    let event = client.expect("user_change_in");
    assert_eq!(event.as_object().unwrap().len(), 1, "{event}");
    list(&event, "users").iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Waits until these users are active. No list on the way is sent twice.
#[track_caller]
fn active(client: &mut SocketIoClient, names: &[&str]) {
    let mut last = active_names(client);
    while last != names {
        let next = active_names(client);
        assert_ne!(next, last, "nothing has changed");
        last = next;
    }
}

fn leave(server: &Server, guest: &Person) {
    let path = format!("//logout/{}", guest.username);
    server.http().call("GET", &path).header("Cookie", &cookie(guest)).send().ok();
}

#[test]
fn every_change_of_the_roster_is_broadcast() {
    let server = Server::with(&LATE);
    let [avi, lisa, noa] = ["avi", "Lisa", "noa"].map(|name| log_in(&server, name));
    let mut his = enter(&server, Transport::Socket, &avi);
    assert_eq!(active_names(&mut his), ["avi"], "who has come in by the link alone is not active");
    let mut native = register(&server, "mark").connect();
    let mut hers = enter(&server, Transport::Polling, &lisa);
    assert_eq!(
        (active_names(&mut his), active_names(&mut hers)),
        (vec!["Lisa".into(), "avi".into()], vec!["Lisa".into(), "avi".into()])
    );
    let mut third = enter(&server, Transport::Upgrade, &noa);
    active(&mut third, &["Lisa", "avi", "noa"]);
    // By goodbye, by logout.
    assert_eq!(hers.request("user_change_out", json!({"active": false})), json!({"active": false}));
    hers.rest(PATIENCE);
    for client in [&mut his, &mut third] {
        active(client, &["avi", "noa"]);
    }
    leave(&server, &noa);
    active(&mut his, &["avi"]);
    third.rest(PATIENCE);
    assert_eq!(third.end, Some(4502));
    native.expect_no("presence");
    until("the name is free", PATIENCE, || server.http().get("//login/Lisa").status == 200);
}

#[test]
fn after_a_goodbye_nothing_more_is_sent() {
    let server = Server::with(&LATE);
    for transport in TRANSPORTS {
        let avi = log_in(&server, "avi");
        let mut his = enter(&server, transport, &avi);
        assert_eq!(active_names(&mut his), ["avi"]);
        his.emit("user_change_out", json!({"active": false}));
        let rest = his.rest(PATIENCE);
        assert!(rest.contains(&"41".to_owned()), "it is told to stay away: {rest:?}");
        until("the guest is gone", PATIENCE, || avi.http.get("/me").status == 401);
    }
}

#[test]
fn a_lost_socket_leaves_the_roster_after_the_grace_period() {
    let server = Server::with(&SOON);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let [mut his, hers] = [&avi, &lisa].map(|guest| enter(&server, Transport::Socket, guest));
    active(&mut his, &["avi", "lisa"]);
    let begun = Instant::now();
    drop(hers);
    assert_eq!(active_names(&mut his), ["avi"]);
    assert!(begun.elapsed() >= Duration::from_millis(900), "gone after {:?}", begun.elapsed());
    until("and is missed for good", PATIENCE, || lisa.http.get("/me").status == 401);
}

#[test]
fn two_sockets_of_one_guest_count_once() {
    let server = Server::with(&SOON);
    let [avi, lisa, noa, mark] = ["avi", "lisa", "noa", "mark"].map(|name| log_in(&server, name));
    let [mut his, one, third] = [&avi, &lisa, &noa].map(|guest| enter(&server, Transport::Socket, guest));
    active(&mut his, &["avi", "lisa", "noa"]);
    let mut two = enter(&server, Transport::Polling, &lisa);
    assert_eq!(active_names(&mut two), ["avi", "lisa", "noa"]);
    // Her first socket is lost before Noa's only one.
    drop(one);
    drop(third);
    assert_eq!(active_names(&mut his), ["avi", "lisa"], "her second socket is not announced");
    let mut last = enter(&server, Transport::Socket, &lisa);
    last.emit("user_change_out", json!({"active": false}));
    last.rest(PATIENCE);
    let fourth = enter(&server, Transport::Socket, &mark);
    assert_eq!(active_names(&mut his), ["avi", "lisa", "mark"], "a goodbye is that of one socket");
    drop(fourth);
}

#[test]
fn a_user_who_reconnects_in_time_was_never_away_and_receives_what_was_missed() {
    let server = Server::with(&LATE);
    let mark = register(&server, "mark");
    let mut native = mark.connect();
    for (at, transport) in TRANSPORTS.into_iter().enumerate() {
        let names = [format!("avi-{at}"), format!("lisa-{at}")];
        let [avi, lisa] = [&names[0], &names[1]].map(|name| log_in(&server, name));
        let mut his = enter(&server, Transport::Socket, &avi);
        // Of a client that polls no more it is not known at once that it is lost.
        let mut hers =
            enter(&server, if transport == Transport::Polling { Transport::Socket } else { transport }, &lisa);
        active(&mut his, &[&names[0], &names[1]]);
        let first = send_message(&mut his, &names[1], "before");
        assert_eq!(receive(&mut hers), message(&names[0], &names[1], first, "before"));
        let behind = "SELECT count(*) FROM members JOIN sessions ON id = session_id WHERE received < seq";
        until("what she heard is received", PATIENCE, || server.count(behind) == 0);
        drop(hers);
        let second = send_message(&mut his, &names[1], "one");
        let third = send_message(&mut his, &names[1], "two");
        send_message(&mut his, "group", "for those who are here");
        native.ok(json!({"type": "send", "to": names[1], "text": "three"}));
        let mut hers = enter(&server, transport, &lisa);
        assert_eq!(active_names(&mut hers), names);
        let mut missed = [receive(&mut hers), receive(&mut hers), receive(&mut hers)];
        // One session after the other; which one is first is not specified.
        missed.sort_by_key(|event| number(event, "message_id"));
        assert_eq!(missed[0], message(&names[0], &names[1], second, "one"));
        assert_eq!(missed[1], message(&names[0], &names[1], third, "two"));
        assert_eq!((&missed[2]["sender"], &missed[2]["message_text"]), (&json!("mark"), &json!("three")));
        let live = send_message(&mut his, &names[1], "four");
        assert_eq!(
            receive(&mut hers),
            message(&names[0], &names[1], live, "four"),
            "each once, and nothing of the group"
        );
        for client in [&mut his, &mut hers] {
            client.emit("user_change_out", json!({"active": false}));
        }
        // He received each of his own messages once, and not that she had been offline.
        let rest = his.rest(PATIENCE);
        let count_of = |name: &str| rest.iter().filter(|packet| packet.starts_with(&format!("42[\"{name}\""))).count();
        assert_eq!(count_of("message_in"), 5, "{rest:?}");
        assert_eq!(count_of("user_change_in"), 0, "{rest:?}");
        hers.rest(PATIENCE);
    }
}

#[test]
fn users_who_may_not_be_seen_are_not_listed() {
    let server = Server::with(&LATE);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let [mut his, mut hers] = [&avi, &lisa].map(|guest| enter(&server, Transport::Socket, guest));
    for client in [&mut his, &mut hers] {
        active(client, &["avi", "lisa"]);
    }
    lisa.http.put("/blocks/avi", json!({})).done();
    assert_eq!((active_names(&mut his), active_names(&mut hers)), (vec!["avi".to_owned()], vec!["lisa".to_owned()]));
    let noa = log_in(&server, "noa");
    let third = enter(&server, Transport::Socket, &noa);
    assert_eq!(
        (active_names(&mut his), active_names(&mut hers)),
        (vec!["avi".into(), "noa".into()], vec!["lisa".into(), "noa".into()])
    );
    lisa.http.delete("/blocks/avi").done();
    assert_eq!(active_names(&mut his), ["avi", "lisa", "noa"]);
    drop(third);
}

#[test]
fn in_a_closed_directory_only_people_one_talks_with_are_listed() {
    let server = Server::with(&[LATE[0], LATE[1], ("PARLOR_DIRECTORY", "closed")]);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let [mut his, mut hers] = [&avi, &lisa].map(|guest| enter(&server, Transport::Socket, guest));
    assert_eq!((active_names(&mut his), active_names(&mut hers)), (vec!["avi".to_owned()], vec!["lisa".to_owned()]));
    send_message(&mut hers, "avi", "a secret name");
    for client in [&mut his, &mut hers] {
        assert_eq!(active_names(client), ["avi", "lisa"]);
    }
}

#[test]
fn only_the_lobbys_own_token_makes_a_lobby_client() {
    let server = Server::with(&LATE);
    let (avi, account) = (log_in(&server, "avi"), register(&server, "lisa"));
    // As its cookie, as `auth.token`, and before another cookie.
    let both = format!("parlor_token={}; {}", account.token, cookie(&avi));
    for (headers, auth) in [
        (vec![("Cookie", cookie(&avi))], json!({})),
        (vec![], json!({"token": avi.token})),
        (vec![("Cookie", both)], json!({})),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut client = SocketIoClient::open(server.endpoint(), Transport::Socket, &headers).unwrap();
        client.enter(auth).unwrap();
        assert_eq!(active_names(&mut client), ["avi"]);
    }
    // The token of another login method in its cookie is none.
    let mut client =
        SocketIoClient::open(server.endpoint(), Transport::Socket, &[("Cookie", &cookie(&account))]).unwrap();
    if client.enter(json!({})).is_ok() {
        client.emit("message_out", json!({"receiver": "avi", "message_text": "hello"}));
    }
    assert_eq!(server.count("SELECT count(*) FROM messages"), 0);
    SocketIoClient::connect(server.endpoint(), Transport::Socket, &account.token);
}
