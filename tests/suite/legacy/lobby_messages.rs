//! The lobby system over Socket.IO: messages to one user and to all.

use super::lobby::{cookie, log_in};
use crate::kit::*;

/// A lobby without rate limits.
const LOUD: [(&str, &str); 3] =
    [("PARLOR_LOBBY", "on"), ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"), ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0")];

/// A connection of this guest, by the cookie that the link gave.
#[track_caller]
pub fn enter(server: &Server, transport: Transport, guest: &Person) -> SocketIoClient {
    let mut client =
        SocketIoClient::open(server.endpoint(), transport, &[("Cookie", &cookie(guest))]).expect("a handshake");
    client.enter(json!({})).expect("it is let in");
    client
}

/// Sends a message to a receiver; returns its `message_id`.
#[track_caller]
pub fn send_message(client: &mut SocketIoClient, receiver: &str, content: &str) -> u64 {
    let answer = client.request("message_out", json!({"receiver": receiver, "message_text": content}));
    assert_eq!(answer, json!({"message_id": answer["message_id"]}));
    number(&answer, "message_id")
}

/// Checks that a message to this receiver is refused with this error.
#[track_caller]
fn refused(client: &mut SocketIoClient, receiver: &str, content: &str, code: &str) -> Value {
    let answer = client.request("message_out", json!({"receiver": receiver, "message_text": content}));
    assert_eq!(answer["error"], code, "{answer}");
    answer
}

/// The next message: sender, receiver, id and text.
#[track_caller]
pub fn receive(client: &mut SocketIoClient) -> Value {
    client.expect("message_in")
}

pub fn message(sender: &str, receiver: &str, number: u64, content: &str) -> Value {
    json!({"sender": sender, "receiver": receiver, "message_id": number, "message_text": content})
}

#[test]
fn a_direct_message_reaches_its_two_users_and_nobody_else() {
    let server = Server::with(&LOUD);
    let [avi, lisa, noa] = ["Avi", "Lisa", "Noa"].map(|name| log_in(&server, name));
    for transport in TRANSPORTS {
        let [mut his, mut hers, mut third] = [&avi, &lisa, &noa].map(|guest| enter(&server, transport, guest));
        let first = send_message(&mut his, "lisa", "hello \"you\" <b>");
        let second = send_message(&mut hers, "Avi", "hello back");
        for client in [&mut his, &mut hers] {
            assert_eq!(receive(client), message("Avi", "Lisa", first, "hello \"you\" <b>"));
            assert_eq!(receive(client), message("Lisa", "Avi", second, "hello back"));
        }
        assert!(second > first);
        let third_sent = send_message(&mut third, "group", "all quiet here");
        for client in [&mut third, &mut his, &mut hers] {
            assert_eq!(receive(client), message("Noa", "group", third_sent, "all quiet here"));
        }
        assert!(third_sent > second);
    }
}

#[test]
fn the_senders_own_copy_acknowledges_a_message() {
    let server = Server::with(&LOUD);
    let avi = log_in(&server, "avi");
    let [mut one, mut two] = [Transport::Socket, Transport::Polling].map(|transport| enter(&server, transport, &avi));
    one.emit("message_out", json!({"sender": "lisa", "receiver": "nobody-here", "message_text": "lost"}));
    one.emit("message_out", json!({"sender": "lisa", "receiver": "Group", "message_text": "hello"}));
    let received = receive(&mut one);
    assert_eq!(
        received,
        message("avi", "group", number(&received, "message_id"), "hello"),
        "the sender is the authenticated user, whatever the client claims"
    );
    assert_eq!(receive(&mut two), received);
}

#[test]
fn a_message_to_an_unknown_receiver_is_refused() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let mut his = enter(&server, Transport::Socket, &avi);
    send_message(&mut his, "lisa", "before");
    server.http().call("GET", "//logout/lisa").header("Cookie", &cookie(&lisa)).send().ok();
    for nobody in ["lisa", "nobody-here", "two words", "", "0000000000001"] {
        let answer = refused(&mut his, nobody, "hello?", "user_not_found");
        assert_eq!(answer, json!({"error": "user_not_found"}));
    }
    assert_eq!(receive(&mut his)["message_text"], "before");
    send_message(&mut his, "group", "still here");
    assert_eq!(receive(&mut his)["message_text"], "still here");
}

#[test]
fn a_name_means_its_present_owner() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let mut his = enter(&server, Transport::Socket, &avi);
    let first = send_message(&mut his, "lisa", "to the first");
    server.http().call("GET", "//logout/lisa").header("Cookie", &cookie(&lisa)).send().ok();
    let next = log_in(&server, "lisa");
    let mut hers = enter(&server, Transport::Socket, &next);
    let second = send_message(&mut his, "lisa", "to the second");
    assert_eq!(receive(&mut his), message("avi", "lisa", first, "to the first"));
    for client in [&mut his, &mut hers] {
        assert_eq!(receive(client), message("avi", "lisa", second, "to the second"));
    }
}

#[test]
fn guests_of_the_lobby_and_native_clients_talk_to_each_other() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (log_in(&server, "avi"), register(&server, "lisa"));
    let mut guest = enter(&server, Transport::Upgrade, &avi);
    let mut native = lisa.connect();
    let lobby = text(&list(&native.ready, "sessions")[0], "id").to_owned();
    let session = native.ok(json!({"type": "send", "to": "avi", "text": "from a frame"}));
    let direct = text(&session, "session").to_owned();
    let received = receive(&mut guest);
    assert_eq!(received, message("lisa", "avi", number(&received, "message_id"), "from a frame"));
    send_message(&mut guest, "lisa", "from the lobby");
    assert_eq!(
        (native.receive(&direct), receive(&mut guest)["receiver"].clone()),
        ("from the lobby".to_owned(), json!("lisa"))
    );
    native.send_message(&lobby, "all?");
    assert_eq!(receive(&mut guest)["receiver"], "group");
    send_message(&mut guest, "group", "all!");
    assert_eq!(native.receive(&lobby), "all!");
    // Marks, edits, deletions and reactions have no event in this dialect and are not sent.
    native.ok(json!({"type": "edit", "session": direct, "seq": 1, "text": "otherwise"}));
    native.ok(json!({"type": "delete", "session": direct, "seq": 1}));
    native.send_message(&direct, "after");
    assert_eq!(
        [receive(&mut guest), receive(&mut guest)].map(|received| received["message_text"].clone()),
        ["all!", "after"]
    );
}

#[test]
fn a_user_who_accepts_only_invites_receives_no_direct_message_before_one() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (log_in(&server, "avi"), register(&server, "lisa"));
    lisa.accepts_only_invited();
    let mut his = enter(&server, Transport::Socket, &avi);
    let answer = refused(&mut his, "lisa", "hello", "invite_required");
    assert!(answer["message"].is_string(), "{answer}");
    let invite = lisa.http.post("/invites", json!({"username": "avi"})).ok()["invite"].clone();
    avi.http.post(&format!("/invites/{}/accept", text(&invite, "id")), json!({})).ok();
    send_message(&mut his, "lisa", "hello");
    assert_eq!(receive(&mut his)["receiver"], "lisa", "the session was added without a message");
    lisa.http.put("/blocks/avi", json!({})).done();
    refused(&mut his, "lisa", "hello?", "forbidden");
    refused(&mut his, "avi", "to myself", "invalid_request");
}

#[test]
fn a_group_or_room_is_meant_by_its_id() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (log_in(&server, "avi"), register(&server, "lisa"));
    let known = group(&lisa, "Band", &[&avi]);
    let mut his = enter(&server, Transport::Socket, &avi);
    let (added, code) = room(&lisa, json!({"keep": true}));
    refused(&mut his, &added, "not yet", "user_not_found");
    join(&avi, &code);
    let mut native = lisa.connect();
    for session in [&known, &added] {
        lisa.send_message(session, "to all of us");
        let sent = send_message(&mut his, session, "from the lobby");
        assert_eq!(receive(&mut his)["receiver"], session.as_str(), "and no notice came before");
        assert_eq!(receive(&mut his), message("avi", session, sent, "from the lobby"));
        assert_eq!(
            (native.receive(session), native.receive(session)),
            ("to all of us".into(), "from the lobby".into())
        );
        remove(&lisa.http, session, "avi").ok();
        refused(&mut his, session, "too late", "user_not_found");
    }
}

#[test]
fn messages_to_the_group_have_the_lobbys_rates() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let mut his = enter(&server, Transport::Socket, &avi);
    let ids: Vec<u64> = (0..20)
        .map(|at| his.submit("message_out", json!({"receiver": "group", "message_text": at.to_string()})))
        .collect();
    let answers: Vec<Value> = ids.into_iter().map(|id| his.answer(id)).collect();
    let refusals: Vec<&Value> = answers.iter().filter(|answer| answer["error"] == "rate_limited").collect();
    assert!(answers[..5].iter().all(|answer| answer["message_id"].is_u64()), "{answers:?}");
    assert!(!refusals.is_empty() && refusals.iter().all(|answer| answer["retry_after_ms"].is_u64()), "{answers:?}");
    assert_eq!(refusals.len() as i64, 20 - server.count("SELECT count(*) FROM messages"));
    let mut hers = enter(&server, Transport::Socket, &lisa);
    send_message(&mut his, "lisa", "between us there is more time");
    assert_eq!(receive(&mut hers)["sender"], "avi");
}

#[test]
fn where_the_lobby_is_switched_off_there_is_no_group() {
    let server = Server::start();
    let [avi, lisa] = ["avi", "lisa"].map(|name| log_in(&server, name));
    let mut his = enter(&server, Transport::Socket, &avi);
    // Not the client's fault, however often.
    for _ in 0..12 {
        refused(&mut his, "group", "hello", "not_found");
    }
    let sent = send_message(&mut his, "lisa", "hello");
    assert_eq!(receive(&mut his), message("avi", "lisa", sent, "hello"));
    drop(lisa);
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::with(&LOUD);
    let mut his = enter(&server, Transport::Socket, &log_in(&server, "avi"));
    for (name, fields) in [
        ("message_out", Value::Null),
        ("message_out", json!({"receiver": "group"})),
        ("message_out", json!({"receiver": ["group"], "message_text": "hello"})),
        ("message_out", json!({"receiver": "group", "message_text": " "})),
        ("user_change_out", json!({})),
    ] {
        let answer = his.request(name, fields);
        assert_eq!(answer["error"], "invalid_request", "{answer}");
    }
    refused(&mut his, "group", &"x".repeat(20_000), "too_large");
    assert_eq!(his.request("user_change_out", json!({"active": true})), json!({"active": true}));
    send_message(&mut his, "group", "well");
    for _ in 0..30 {
        his.emit("send", json!({"to": "avi", "text": "native"}));
    }
    send_message(&mut his, "group", "still here");
    for _ in 0..10 {
        his.emit("message_out", json!({}));
    }
    his.rest(PATIENCE);
    assert_eq!(his.end, Some(4500));
}
