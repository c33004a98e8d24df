//! Errors that clients of older systems receive: with the names of their own fields, and nothing of parsers or of
//! the native dialect.

use super::lobby::{cookie, log_in};
use super::sessions_client::Client;
use crate::kit::*;

/// What no error contains: terms of parsers, and names that these clients do not know.
const INSIDES: [&str; 10] =
    ["struct", "at line", "column", "serde", "expected", "invalid type", "`text`", "`username`", "key", "EOF"];

#[track_caller]
fn assert_contains(error: &str, wanted: &str) {
    assert!(error.contains(wanted), "{wanted} in {error:?}");
    for inside in INSIDES {
        assert!(!error.contains(inside), "{inside} in {error:?}");
    }
}

#[test]
fn errors_of_contacts_name_their_own_fields() {
    let server = Server::with(&SETTLED);
    let avi = register(&server, "Avi");
    let mut his = Contact::joined(&server, Transport::Polling, &avi, "Lisa");
    let jwt = avi.token.as_str();
    for (name, fields, wanted) in [
        ("join", json!({"client": "Avi", "jwt": jwt}), "`room` is missing"),
        ("join", json!({"room": 7, "jwt": jwt}), "`room` must be a string"),
        ("join", json!([]), "must be an object"),
        ("join", Value::Null, "must be an object"),
        ("client_sends_message", json!({"conversation_room": "Avi&Lisa", "jwt": jwt}), "`content` is missing"),
        (
            "client_sends_message",
            json!({"conversation_room": [], "content": "x"}),
            "`conversation_room` must be a string",
        ),
        ("client_sends_message", his.message("Avi&Lisa", " "), "`content` must not be empty"),
        ("client_sends_message", his.message("Avi&Lisa", "\u{7}"), "`content` must not contain control characters"),
    ] {
        let answer = his.packets.request(name, fields);
        assert_contains(text(&answer, "error"), wanted);
        his.joins("Lisa");
    }
    let large = his.message("Avi&Lisa", &"x".repeat(20_000));
    assert_contains(text(&his.packets.request("client_sends_message", large), "error"), "`content` must have at most");
}

#[test]
fn errors_of_the_lobby_name_its_own_fields() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let avi = log_in(&server, "avi");
    let mut his = SocketIoClient::open(server.endpoint(), Transport::Socket, &[("Cookie", &cookie(&avi))]).unwrap();
    his.enter(json!({})).unwrap();
    let out = |receiver: Value, content: Value| json!({"receiver": receiver, "message_text": content});
    for (name, fields, wanted) in [
        ("message_out", json!("hello"), "must be an object"),
        ("message_out", json!({"receiver": "group"}), "`message_text` is missing"),
        ("message_out", out(json!(["group"]), json!("hello")), "`receiver` must be a string"),
        ("message_out", out(json!("group"), json!(7)), "`message_text` must be a string"),
        ("message_out", out(json!("group"), json!(" ")), "`message_text` must not be empty"),
        ("message_out", out(json!("avi"), json!("to myself")), "`receiver` must be another user"),
        ("user_change_out", json!({"active": "no"}), "`active` must be true or false"),
    ] {
        let answer = his.request(name, fields);
        assert_eq!(answer["error"], "invalid_request", "{answer}");
        assert_contains(text(&answer, "message"), wanted);
    }
}

#[test]
fn errors_of_a_room_name_its_own_fields() {
    let server = Server::start();
    let (zoe, _) = create_as(&server, "Zoë");
    let mut hers = enter_room(&server, Transport::Socket, &zoe);
    for (fields, wanted) in [
        (json!({}), "`data` is missing"),
        (json!({"data": 7}), "`data` must be a string"),
        (json!({"data": " "}), "`data` must not be empty"),
        (json!({"data": "x".repeat(20_000)}), "`data` must have at most"),
        (json!(["x"]), "must be an object"),
    ] {
        assert_contains(text(&hers.request("message", fields), "error"), wanted);
    }
}

#[test]
fn errors_of_the_sessions_system_name_its_own_fields() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let mut his = Client::of(&avi);
    let message = |data: Value| json!({"type": "Message", "SessionID": id, "Message": {"data": data}}).to_string();
    for (frame, wanted) in [
        ("hello".to_owned(), "a frame must be a JSON object"),
        ("{\"type\":".to_owned(), "not valid JSON"),
        ("{}".to_owned(), "`type`"),
        (json!({"type": 7}).to_string(), "`type`"),
        (json!({"type": "Message", "SessionID": id}).to_string(), "`Message` is missing"),
        (
            json!({"type": "Message", "SessionID": 7, "Message": {"data": "x"}}).to_string(),
            "`SessionID` must be a string",
        ),
        (message(json!(7)), "`Message.data` must be a string"),
        (message(json!(" ")), "`Message.data` must not be empty"),
        (json!({"type": "Search"}).to_string(), "`Username` is missing"),
        (json!({"type": "Search", "Username": "avi"}).to_string(), "`Username` must be another user"),
        (json!({"type": "request", "username": "lisa", "Accepted": 2}).to_string(), "`Accepted` must be 0 or 1"),
    ] {
        his.0.send_text(&frame);
        let received = his.0.next();
        assert_eq!(
            (&received["type"], &received["code"]),
            (&json!("Error"), &json!("invalid_request")),
            "{frame}: {received}"
        );
        assert_contains(text(&received, "message"), wanted);
        his.expects_nothing_more(&id);
    }
    his.0.send_text(&json!({"type": "request", "Accepted": 1}).to_string());
    let received = his.0.next();
    assert!(text(&received, "message").contains("`username` is missing"), "its own name there: {received}");
    let register = |body: Value| server.http().post("//register", body).refused(400, "invalid_request");
    assert_contains(text(&register(json!({"Username": "a b", "Password": PASSWORD})), "detail"), "`Username`");
    assert_contains(text(&register(json!({"Username": "noa", "Password": "short"})), "detail"), "`Password`");
    assert_contains(text(&register(json!({"Username": "noa"})), "detail"), "`Password`");
}

#[test]
fn no_error_of_the_native_dialect_or_of_rest_shows_a_parser() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let insides = ["struct", "at line", "column", "invalid type", "expected", "digit", "EOF"];
    let shows_nothing = |error: &str, wanted: &str| {
        assert!(error.contains(wanted), "{wanted} in {error:?}");
        assert!(!insides.iter().any(|inside| error.contains(inside)), "{error:?}");
    };
    let mut native = avi.connect();
    let mut packets = SocketIoClient::connect(server.endpoint(), Transport::Socket, &avi.token);
    for (frame, wanted) in [
        (r#"{"type":"send","session":7,"text":"x"}"#, "`session` must be a string"),
        (r#"{"type":"read","session":"x","seq":"1"}"#, "`seq` must be an integer"),
        (r#"{"type":"read","session":"x","seq":1.5}"#, "`seq` must be an integer"),
        (r#"{"type":"sync","sessions":["x"]}"#, "`sessions` must be an object"),
        (r#"{"type":"open","title":"x","usernames":"lisa"}"#, "`usernames` must be an array"),
        (r#"{"type":"react","session":"x","seq":1,"emoji":"x","on":1}"#, "`on` must be true or false"),
        (r#"{"type":"send","text":"a","text":"b"}"#, "`text` is given more than once"),
        (r#"{"type":"send""#, "not valid JSON"),
        (r#"{"type":"ping"} {}"#, "nothing behind it"),
    ] {
        native.send_text(frame);
        shows_nothing(text(&native.expect("error"), "message"), wanted);
        native.fence();
        let Ok(mut fields) = serde_json::from_str::<Value>(frame) else { continue };
        let name = fields.as_object_mut().unwrap().remove("type").unwrap();
        if !wanted.contains("once") {
            let answer = packets.request(name.as_str().unwrap(), fields);
            shows_nothing(text(&answer, "message"), wanted);
            packets.ok("ping", json!({}));
        }
    }
    let send = |body: &str| {
        let call =
            avi.http.call("POST", &format!("/sessions/{id}/messages")).header("Content-Type", "application/json");
        call.body(body.as_bytes()).send().refused(400, "invalid_request")
    };
    for (body, wanted) in [
        (r#"{"text":7}"#, "`text` must be a string"),
        ("{}", "`text` is missing"),
        (r#"{"text":"x","reply_to":"1"}"#, "`reply_to` must be an integer"),
        (r#"{"text":"x""#, "not valid JSON"),
        (r#"{"text":"x"} 7"#, "nothing behind it"),
        ("7", "the body must be a JSON object"),
    ] {
        shows_nothing(text(&send(body), "detail"), wanted);
    }
    for (query, wanted) in [
        ("limit=many", "`limit` must be an integer"),
        ("limit=99999999999999999999", "`limit` must be an integer"),
        ("limit=1&limit=2", "`limit` is given more than once"),
    ] {
        let problem = avi.http.get(&format!("/sessions/{id}/messages?{query}")).refused(400, "invalid_request");
        shows_nothing(text(&problem, "detail"), wanted);
    }
}
