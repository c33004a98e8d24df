//! The room-code form: what a browser without script sends, and the guest it lets in.

use serde_json::json;

use super::http::Http;
use super::people::Person;
use super::percent;
use super::reply::Reply;
use super::server::Server;
use super::socketio::{SocketIoClient, Transport};
use super::text;

/// Fields as a form sends them.
fn urlencoded(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

/// Sends the form.
pub fn fill_in(http: &Http, fields: &[(&str, &str)]) -> Reply {
    fill_in_from(http, fields, &[])
}

/// Sends the form with these headers.
pub fn fill_in_from(http: &Http, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
    let call = http.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    call.body(urlencoded(fields).as_bytes()).send()
}

/// A guest of the room that has this code.
#[track_caller]
pub fn join_as(server: &Server, name: &str, code: &str) -> Person {
    entered(server, &fill_in(&server.http(), &[("name", name), ("code", code), ("join", "")]))
}

/// A guest with a new room, and its code.
#[track_caller]
pub fn create_as(server: &Server, name: &str) -> (Person, String) {
    let guest = entered(server, &fill_in(&server.http(), &[("name", name), ("create", "")]));
    let page = room_page(server, &guest.token);
    assert_eq!(page.status, 200, "{}", page.text());
    let page = page.text();
    (guest, page.split("data-room-code=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
}

/// A Socket.IO connection of a guest of a room, by the cookie that the form gave.
#[track_caller]
pub fn enter_room(server: &Server, transport: Transport, guest: &Person) -> SocketIoClient {
    let cookie = format!("parlor_rooms={}", guest.token);
    let mut client = SocketIoClient::open(server.endpoint(), transport, &[("Cookie", &cookie)]).expect("a handshake");
    client.enter(json!({})).expect("it is let in");
    client
}

/// The page of the room for which the guest with this token is here.
pub fn room_page(server: &Server, token: &str) -> Reply {
    server.http().call("GET", "//room").header("Cookie", &format!("parlor_rooms={token}")).send()
}

#[track_caller]
fn entered(server: &Server, reply: &Reply) -> Person {
    assert_eq!((reply.status, reply.header("location")), (303, Some("/room")), "{}", reply.text());
    let cookie = reply.header("set-cookie").expect("a cookie");
    let token = cookie.strip_prefix("parlor_rooms=").unwrap().split(';').next().unwrap().to_owned();
    let http = server.http().with_token(&token);
    let me = http.get("/me").ok()["user"].clone();
    Person { username: text(&me, "username").to_owned(), id: text(&me, "id").to_owned(), token, http }
}
