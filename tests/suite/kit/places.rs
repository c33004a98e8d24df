//! Groups and rooms by REST: making and joining them, their members and messages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::http::Http;
use super::people::{Person, register};
use super::reply::Reply;
use super::server::Server;
use super::{list, text};

/// Makes an account for each and logs them in.
#[track_caller]
pub fn people<const N: usize>(server: &Server, names: [&str; N]) -> [Person; N] {
    names.map(|name| register(server, name))
}

/// Makes a group of people who accept anyone, and returns its id.
#[track_caller]
pub fn group(owner: &Person, title: &str, others: &[&Person]) -> String {
    let names: Vec<&str> = others.iter().map(|person| person.username.as_str()).collect();
    let body = json!({"kind": "group", "title": title, "usernames": names});
    let session = owner.http.post("/sessions", body).ok()["session"].clone();
    assert_eq!(session["member_count"], 1 + others.len(), "{session}");
    text(&session, "id").to_owned()
}

/// Makes a room, and returns its id and its code. `more` holds `title`, `keep` or `key`.
#[track_caller]
pub fn room(owner: &Person, more: Value) -> (String, String) {
    let mut body = more;
    body["kind"] = json!("room");
    let session = owner.http.post("/sessions", body).ok()["session"].clone();
    (text(&session, "id").to_owned(), text(&session, "code").to_owned())
}

/// Joins by code, and returns the session as the one who joined sees it.
#[track_caller]
pub fn join(person: &Person, code: &str) -> Value {
    person.http.post(&format!("/rooms/{code}/join"), json!({})).ok()["session"].clone()
}

/// The session as this member sees it.
#[track_caller]
pub fn seen(person: &Person, session: &str) -> Value {
    person.http.get(&format!("/sessions/{session}")).ok()["session"].clone()
}

/// Roles by username, of all members.
#[track_caller]
pub fn roles(person: &Person, session: &str) -> BTreeMap<String, String> {
    let mut roles = BTreeMap::new();
    let mut path = format!("/sessions/{session}/members?limit=200");
    loop {
        let page = person.http.get(&path).ok();
        for member in list(&page, "members") {
            let name = text(&member["user"], "username").to_owned();
            assert_eq!(roles.insert(name, text(member, "role").to_owned()), None, "listed twice: {member}");
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/sessions/{session}/members?limit=200&cursor={next}"),
            None => return roles,
        }
    }
}

/// All messages of the session, ascending, tombstones and notices included.
#[track_caller]
pub fn messages(person: &Person, session: &str) -> Vec<Value> {
    let page = person.http.get(&format!("/sessions/{session}/messages?limit=200")).ok();
    list(&page, "messages").to_vec()
}

/// The request to remove a member; with the caller's own name, to leave.
#[track_caller]
pub fn remove(http: &Http, session: &str, username: &str) -> Reply {
    http.delete(&format!("/sessions/{session}/members/{username}"))
}

/// The request to give a member this role.
#[track_caller]
pub fn set_role(http: &Http, session: &str, username: &str, role: &str) -> Reply {
    http.put(&format!("/sessions/{session}/members/{username}"), json!({"role": role}))
}

/// A path segment, percent-encoded.
pub fn percent(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
