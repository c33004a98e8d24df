//! The lobby system over Socket.IO: messages to one and to all, by guests who have come in by a link.

use super::lobby::{come, cookie};
use crate::kit::*;

/// A lobby in which one may say as much as one likes.
const LOUD: [(&str, &str); 3] =
    [("PARLOR_LOBBY", "on"), ("PARLOR_LOBBY_SENDS_PER_SECOND", "0"), ("PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", "0")];

/// A connection of this guest, by the cookie that the link gave.
#[track_caller]
pub fn enter(server: &Server, carrier: Carrier, guest: &Person) -> Packets {
    let mut client = Packets::open(server.door(), carrier, &[("Cookie", &cookie(guest))]).expect("a handshake");
    client.enter(json!({})).expect("it is let in");
    client
}

/// Says something to somebody; the number that it has.
#[track_caller]
pub fn say(client: &mut Packets, receiver: &str, words: &str) -> u64 {
    let answer = client.ask("message_out", json!({"receiver": receiver, "message_text": words}));
    assert_eq!(answer, json!({"message_id": answer["message_id"]}));
    number(&answer, "message_id")
}

/// What is said to somebody is refused so.
#[track_caller]
fn refused(client: &mut Packets, receiver: &str, words: &str, code: &str) -> Value {
    let answer = client.ask("message_out", json!({"receiver": receiver, "message_text": words}));
    assert_eq!(answer["error"], code, "{answer}");
    answer
}

/// The next message: who says it to whom, its number and words.
#[track_caller]
pub fn hear(client: &mut Packets) -> Value {
    client.expect("message_in")
}

pub fn message(sender: &str, receiver: &str, number: u64, words: &str) -> Value {
    json!({"sender": sender, "receiver": receiver, "message_id": number, "message_text": words})
}

#[test]
fn what_is_said_to_one_both_hear_and_nobody_else() {
    let server = Server::with(&LOUD);
    let [avi, lisa, noa] = ["Avi", "Lisa", "Noa"].map(|name| come(&server, name));
    for carrier in CARRIERS {
        let [mut his, mut hers, mut third] = [&avi, &lisa, &noa].map(|guest| enter(&server, carrier, guest));
        let first = say(&mut his, "lisa", "hello \"you\" <b>");
        let second = say(&mut hers, "Avi", "hello back");
        for client in [&mut his, &mut hers] {
            assert_eq!(hear(client), message("Avi", "Lisa", first, "hello \"you\" <b>"));
            assert_eq!(hear(client), message("Lisa", "Avi", second, "hello back"));
        }
        assert!(second > first);
        let third_said = say(&mut third, "group", "all quiet here");
        for client in [&mut third, &mut his, &mut hers] {
            assert_eq!(hear(client), message("Noa", "group", third_said, "all quiet here"));
        }
        assert!(third_said > second);
    }
}

#[test]
fn ones_own_copy_is_the_sign_of_success() {
    let server = Server::with(&LOUD);
    let avi = come(&server, "avi");
    let [mut one, mut two] = [Carrier::Socket, Carrier::Polling].map(|carrier| enter(&server, carrier, &avi));
    one.emit("message_out", json!({"sender": "lisa", "receiver": "nobody-here", "message_text": "lost"}));
    one.emit("message_out", json!({"sender": "lisa", "receiver": "Group", "message_text": "hello"}));
    let told = hear(&mut one);
    assert_eq!(told, message("avi", "group", number(&told, "message_id"), "hello"), "whoever is said to have said it");
    assert_eq!(hear(&mut two), told);
}

#[test]
fn what_is_for_nobody_is_answered_and_harms_nothing() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let mut his = enter(&server, Carrier::Socket, &avi);
    say(&mut his, "lisa", "before");
    server.http().call("GET", "//logout/lisa").header("Cookie", &cookie(&lisa)).send().ok();
    for nobody in ["lisa", "nobody-here", "two words", "", "0000000000001"] {
        let answer = refused(&mut his, nobody, "hello?", "user_not_found");
        assert_eq!(answer, json!({"error": "user_not_found"}));
    }
    assert_eq!(hear(&mut his)["message_text"], "before");
    say(&mut his, "group", "still here");
    assert_eq!(hear(&mut his)["message_text"], "still here");
}

#[test]
fn whoever_has_the_name_now_is_meant() {
    let server = Server::with(&LOUD);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let mut his = enter(&server, Carrier::Socket, &avi);
    let first = say(&mut his, "lisa", "to the first");
    server.http().call("GET", "//logout/lisa").header("Cookie", &cookie(&lisa)).send().ok();
    let next = come(&server, "lisa");
    let mut hers = enter(&server, Carrier::Socket, &next);
    let second = say(&mut his, "lisa", "to the second");
    assert_eq!(hear(&mut his), message("avi", "lisa", first, "to the first"));
    for client in [&mut his, &mut hers] {
        assert_eq!(hear(client), message("avi", "lisa", second, "to the second"));
    }
}

#[test]
fn guests_of_the_lobby_and_native_clients_talk_to_each_other() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (come(&server, "avi"), register(&server, "lisa"));
    let mut guest = enter(&server, Carrier::Upgrade, &avi);
    let mut native = lisa.connect();
    let lobby = text(&list(&native.ready, "sessions")[0], "id").to_owned();
    let session = native.ok(json!({"type": "send", "to": "avi", "text": "from a frame"}));
    let direct = text(&session, "session").to_owned();
    let told = hear(&mut guest);
    assert_eq!(told, message("lisa", "avi", number(&told, "message_id"), "from a frame"));
    say(&mut guest, "lisa", "from the lobby");
    assert_eq!(
        (native.hear(&direct), hear(&mut guest)["receiver"].clone()),
        ("from the lobby".to_owned(), json!("lisa"))
    );
    native.say(&lobby, "all?");
    assert_eq!(hear(&mut guest)["receiver"], "group");
    say(&mut guest, "group", "all!");
    assert_eq!(native.hear(&lobby), "all!");
    // What has no words here is not told: who reads, edits, deletes, reacts.
    native.ok(json!({"type": "edit", "session": direct, "seq": 1, "text": "otherwise"}));
    native.ok(json!({"type": "delete", "session": direct, "seq": 1}));
    native.say(&direct, "after");
    assert_eq!([hear(&mut guest), hear(&mut guest)].map(|told| told["message_text"].clone()), ["all!", "after"]);
}

#[test]
fn whoever_accepts_only_the_invited_is_not_written_to() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (come(&server, "avi"), register(&server, "lisa"));
    lisa.accepts_only_invited();
    let mut his = enter(&server, Carrier::Socket, &avi);
    let answer = refused(&mut his, "lisa", "hello", "invite_required");
    assert!(answer["message"].is_string(), "{answer}");
    let invite = lisa.http.post("/invites", json!({"username": "avi"})).ok()["invite"].clone();
    avi.http.post(&format!("/invites/{}/accept", text(&invite, "id")), json!({})).ok();
    say(&mut his, "lisa", "hello");
    assert_eq!(hear(&mut his)["receiver"], "lisa", "the session was added without a message");
    lisa.http.put("/blocks/avi", json!({})).done();
    refused(&mut his, "lisa", "hello?", "forbidden");
    refused(&mut his, "avi", "to myself", "invalid_request");
}

#[test]
fn a_group_or_room_is_meant_by_its_id() {
    let server = Server::with(&LOUD);
    let (avi, lisa) = (come(&server, "avi"), register(&server, "lisa"));
    let known = group(&lisa, "Band", &[&avi]);
    let mut his = enter(&server, Carrier::Socket, &avi);
    let (added, code) = room(&lisa, json!({"keep": true}));
    refused(&mut his, &added, "not yet", "user_not_found");
    join(&avi, &code);
    let mut native = lisa.connect();
    for session in [&known, &added] {
        lisa.say(session, "to all of us");
        let said = say(&mut his, session, "from the lobby");
        assert_eq!(hear(&mut his)["receiver"], session.as_str(), "and no notice came before");
        assert_eq!(hear(&mut his), message("avi", session, said, "from the lobby"));
        assert_eq!((native.hear(session), native.hear(session)), ("to all of us".into(), "from the lobby".into()));
        remove(&lisa.http, session, "avi").ok();
        refused(&mut his, session, "too late", "user_not_found");
    }
}

#[test]
fn messages_to_the_group_have_the_lobbys_rates() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let mut his = enter(&server, Carrier::Socket, &avi);
    let ids: Vec<u64> = (0..20)
        .map(|at| his.tell("message_out", json!({"receiver": "group", "message_text": at.to_string()})))
        .collect();
    let answers: Vec<Value> = ids.into_iter().map(|id| his.answer(id)).collect();
    let refusals: Vec<&Value> = answers.iter().filter(|answer| answer["error"] == "rate_limited").collect();
    assert!(answers[..5].iter().all(|answer| answer["message_id"].is_u64()), "{answers:?}");
    assert!(!refusals.is_empty() && refusals.iter().all(|answer| answer["retry_after_ms"].is_u64()), "{answers:?}");
    assert_eq!(refusals.len() as i64, 20 - server.count("SELECT count(*) FROM messages"));
    let mut hers = enter(&server, Carrier::Socket, &lisa);
    say(&mut his, "lisa", "between us there is more time");
    assert_eq!(hear(&mut hers)["sender"], "avi");
}

#[test]
fn where_the_lobby_is_switched_off_there_is_no_group() {
    let server = Server::start();
    let [avi, lisa] = ["avi", "lisa"].map(|name| come(&server, name));
    let mut his = enter(&server, Carrier::Socket, &avi);
    // Not the client's fault, however often.
    for _ in 0..12 {
        refused(&mut his, "group", "hello", "not_found");
    }
    let said = say(&mut his, "lisa", "hello");
    assert_eq!(hear(&mut his), message("avi", "lisa", said, "hello"));
    drop(lisa);
}

#[test]
fn unknown_events_are_ignored_and_ten_malformed_ones_in_a_row_end_it() {
    let server = Server::with(&LOUD);
    let mut his = enter(&server, Carrier::Socket, &come(&server, "avi"));
    for (name, fields) in [
        ("message_out", Value::Null),
        ("message_out", json!({"receiver": "group"})),
        ("message_out", json!({"receiver": ["group"], "message_text": "hello"})),
        ("message_out", json!({"receiver": "group", "message_text": " "})),
        ("user_change_out", json!({})),
    ] {
        let answer = his.ask(name, fields);
        assert_eq!(answer["error"], "invalid_request", "{answer}");
    }
    refused(&mut his, "group", &"x".repeat(20_000), "too_large");
    assert_eq!(his.ask("user_change_out", json!({"active": true})), json!({"active": true}));
    say(&mut his, "group", "well");
    for _ in 0..30 {
        his.emit("send", json!({"to": "avi", "text": "native"}));
    }
    say(&mut his, "group", "still here");
    for _ in 0..10 {
        his.emit("message_out", json!({}));
    }
    his.rest(PATIENCE);
    assert_eq!(his.end, Some(4500));
}
