//! Every request and event of the older systems, with each of its texts replaced by one that a database may refuse.

use super::lobby::{cookie, log_in};
use super::lobby_messages::enter;
use super::sessions_client::Client;
use crate::kit::*;
use crate::unstorable_texts::{Fixture, check_answer, check_reply, unstorable, variants};

/// A method and the beginning of a path; then the texts of the request: the `end` of its path, its `headers` and the `fields` of
/// its body.
type Request = (&'static str, &'static str, Value);

fn requests(fixture: &Fixture, visitor: &Person) -> Vec<Request> {
    let jwt = &fixture.avi.token;
    let root = json!({"username": "root", "password": PASSWORD});
    let kill = json!({"username": "root", "password": PASSWORD, "user_token_terminate": "lisa"});
    vec![
        ("POST", "//log_in", json!({"fields": {"username": "lisa", "password": PASSWORD}})),
        ("GET", "//get_contacts_list/", json!({"end": "avi", "headers": {"username": "avi", "jwt": jwt}})),
        ("POST", "//admin/get_info", json!({"fields": root})),
        ("POST", "//admin/kill_token", json!({"fields": kill})),
        ("POST", "//register", json!({"fields": {"Username": "somebody", "Password": PASSWORD}})),
        ("POST", "//login", json!({"fields": {"Username": "lisa", "Password": PASSWORD}})),
        ("GET", "//login/", json!({"end": "Noa"})),
        ("GET", "//login/", json!({"end": "Visitor", "headers": {"Cookie": cookie(visitor)}})),
        ("GET", "//logout/", json!({"end": "Visitor", "headers": {"Cookie": cookie(visitor)}})),
        ("POST", "//", json!({"fields": {"name": "Zoë", "code": fixture.code, "join": ""}})),
        ("GET", "//room/", json!({"end": fixture.code})),
        ("GET", "//web/", json!({"end": "main.js"})),
        ("GET", "//socket.io/?EIO=4&transport=polling&sid=", json!({"end": "x"})),
    ]
}

/// Sends a request, one with a body as JSON and as a form.
fn send(server: &Server, (method, path, texts): &Request) {
    let value = |text: &Value| text.as_str().unwrap().to_owned();
    let mut call = server.http().call(method, &format!("{path}{}", percent(texts["end"].as_str().unwrap_or_default())));
    for (name, header) in texts["headers"].as_object().into_iter().flatten() {
        call = call.header(name, &value(header));
    }
    let calls = match texts.get("fields") {
        None => vec![call],
        Some(fields) => {
            let pairs = fields.as_object().unwrap().iter();
            let form: Vec<String> =
                pairs.map(|(name, field)| format!("{}={}", percent(name), percent(&value(field)))).collect();
            let kind = "application/x-www-form-urlencoded";
            vec![call.clone().json(fields), call.header("Content-Type", kind).body(form.join("&").as_bytes())]
        }
    };
    for call in calls {
        let what = call.described();
        check_reply(&call.send(), &what);
    }
}

#[test]
fn a_request_of_an_older_system_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    fixture.server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    let visitor = log_in(&fixture.server, "Visitor");
    let _connected = enter(&fixture.server, Transport::Socket, &visitor);
    for (method, path, texts) in requests(&fixture, &visitor) {
        for (_, texts) in variants(&texts) {
            send(&fixture.server, &(method, path, texts));
        }
    }
    fixture.finish();
}

/// Sends each of these events with each of its texts and its name replaced, and after each one that is valid.
fn emit(client: &mut SocketIoClient, events: &[(&str, Value)], valid: &(&str, Value)) {
    for (name, fields) in events {
        for (_, fields) in variants(fields) {
            let what = format!("{name} {fields}");
            check_answer(&client.request(name, fields), &what);
            check_answer(&client.request(valid.0, valid.1.clone()), &what);
        }
        for name in unstorable("name", name) {
            // Unknown events are ignored.
            client.emit(&name, fields.clone());
            check_answer(&client.request(valid.0, valid.1.clone()), &name);
        }
    }
}

#[test]
fn an_event_of_an_older_system_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    let mut contact = Contact::joined(&fixture.server, Transport::Socket, &fixture.avi, "lisa");
    let room = contact.room("lisa");
    let client = json!({"client": "avi", "jwt": fixture.avi.token});
    let events = [
        ("join", contact.join(&room)),
        ("client_sends_message", contact.message(&room, "hello")),
        ("client_sends_message", contact.message(&fixture.group, "hello")),
        ("connection_alive", client.clone()),
        ("client_disconnection", client.clone()),
    ];
    emit(&mut contact.packets, &events, &("connection_alive", client));

    let visitor = log_in(&fixture.server, "Visitor");
    let mut lobby = enter(&fixture.server, Transport::Socket, &visitor);
    let message = |receiver: &str| ("message_out", json!({"receiver": receiver, "message_text": "hello"}));
    emit(&mut lobby, &[message("group"), message("lisa"), message(&fixture.group)], &message("group"));

    let (guest, _) = create_as(&fixture.server, "Guest");
    let mut in_room = enter_room(&fixture.server, Transport::Socket, &guest);
    let message = ("message", json!({"data": "hello"}));
    emit(&mut in_room, std::slice::from_ref(&message), &message);
    fixture.finish();
}

#[test]
fn a_frame_of_the_sessions_system_fails_for_its_own_sender_only() {
    let fixture = Fixture::new();
    let message = json!({"data": "hello", "TimeStamp": "now", "Sender": fixture.avi.id});
    let mut client = Client::of(&fixture.avi);
    let mut sent = 0;
    for frame in [
        json!({"type": "Message", "SessionID": fixture.group, "Message": message}),
        json!({"type": "Messgae", "SessionID": fixture.group, "Message": message}),
        json!({"type": "Search", "Username": "lisa"}),
        json!({"type": "request", "username": "noa", "Accepted": "true"}),
        json!({"type": "Auth", "Authentication_Token": fixture.avi.token}),
    ] {
        for (path, copy) in variants(&frame) {
            let what = format!("{path} in {copy}");
            if frame["type"] == "Auth" {
                let mut other = Client::with(&fixture.avi, &[]);
                other.send(copy);
                assert!([4501, 4503].contains(&other.0.close_code()), "{what}");
                continue;
            }
            client.send(copy);
            sent += 1;
            let last = format!("message {sent}");
            client.send_message(&fixture.group, &last);
            loop {
                let answer = client.0.next();
                check_answer(&answer, &what);
                if answer.to_string().contains(&last) {
                    break;
                }
            }
        }
    }
    fixture.finish();
}
