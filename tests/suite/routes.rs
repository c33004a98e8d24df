//! Every route of the API that requires authentication, as a table for `membership` and `openapi`.

use crate::kit::*;

/// What a route is about, which decides the answer to a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The user or the directory: any token will do.
    Anyone,
    /// The direct session of Avi and Lisa: both of them, to everything.
    Session,
    /// Avi's room, which Lisa is in, with a message of Avi's: its members, each as far as their role goes.
    Room,
    /// The code of that room.
    Code,
    /// An invite of Lisa's to Avi.
    Invite,
    /// A token of Avi's.
    Token,
}

#[derive(Debug)]
pub struct Route {
    pub about: About,
    pub method: &'static str,
    /// As documented: the first `{…}` is the id of what it is about.
    pub path: &'static str,
    pub body: Option<Value>,
}

impl Route {
    pub fn call(&self, http: &Http, id: &str, query: &str) -> Reply {
        let path = self.path_to(id) + query;
        let call = http.call(self.method, &path);
        match &self.body {
            Some(body) => call.json(body).send(),
            None => call.send(),
        }
    }

    fn path_to(&self, id: &str) -> String {
        let parts = self.path.split(['{', '}']).enumerate();
        let fill = |(at, part): (usize, &str)| match (at, part) {
            (1, _) => id.to_owned(),
            (_, "username") => "lisa".to_owned(),
            (_, "seq") => "1".to_owned(),
            (_, "emoji") => "%F0%9F%91%8D".to_owned(),
            (_, plain) => plain.to_owned(),
        };
        parts.map(fill).collect()
    }
}

/// In an order in which a member can walk it: reading before writing, ending last.
pub fn all() -> Vec<Route> {
    use About::{Anyone, Code, Invite, Room, Session, Token};
    let route = |about, method, path, body| Route { about, method, path, body };
    vec![
        route(Anyone, "GET", "/me", None),
        route(Anyone, "PATCH", "/me", Some(json!({"display_name": "X"}))),
        route(Anyone, "GET", "/tokens", None),
        route(Anyone, "GET", "/users", None),
        route(Anyone, "GET", "/users/{username}", None),
        route(Anyone, "GET", "/presence", None),
        route(Anyone, "GET", "/blocks", None),
        route(Anyone, "GET", "/invites", None),
        route(Anyone, "POST", "/invites", Some(json!({"username": "somebody"}))),
        route(Anyone, "GET", "/search", None),
        route(Anyone, "GET", "/sessions", None),
        route(Anyone, "POST", "/sessions", Some(json!({"kind": "direct", "username": "somebody"}))),
        route(Session, "GET", "/sessions/{id}", None),
        route(Session, "GET", "/sessions/{id}/members", None),
        route(Session, "GET", "/sessions/{id}/messages", None),
        route(Session, "POST", "/sessions/{id}/messages", Some(json!({"text": "hi"}))),
        route(Session, "PUT", "/sessions/{id}/read", Some(json!({"seq": 1}))),
        route(Session, "GET", "/sessions/{id}/changes", None),
        route(Room, "PATCH", "/sessions/{id}", Some(json!({"title": "Another"}))),
        route(Room, "PUT", "/sessions/{id}/members/{username}", Some(json!({"role": "member"}))),
        route(Room, "PATCH", "/sessions/{id}/messages/{seq}", Some(json!({"text": "edited"}))),
        route(Room, "PUT", "/sessions/{id}/messages/{seq}/reactions/{emoji}", Some(json!({}))),
        route(Room, "DELETE", "/sessions/{id}/messages/{seq}/reactions/{emoji}", None),
        route(Room, "DELETE", "/sessions/{id}/messages/{seq}", None),
        route(Code, "GET", "/rooms/{code}", None),
        route(Code, "POST", "/rooms/{code}/join", Some(json!({}))),
        route(Room, "POST", "/sessions/{id}/code", Some(json!({}))),
        route(Room, "DELETE", "/sessions/{id}/members/{username}", None),
        route(Room, "DELETE", "/sessions/{id}", None),
        route(Invite, "POST", "/invites/{id}/reject", Some(json!({}))),
        route(Invite, "POST", "/invites/{id}/accept", Some(json!({}))),
        route(Invite, "DELETE", "/invites/{id}", None),
        route(Anyone, "PUT", "/blocks/{username}", Some(json!({}))),
        route(Anyone, "DELETE", "/blocks/{username}", None),
        route(Token, "DELETE", "/tokens/{id}", None),
        // Refused, so that the account still exists for the routes after it.
        route(Anyone, "DELETE", "/me", Some(json!({"current_password": "not this one"}))),
        route(Anyone, "POST", "/logout", None),
    ]
}

/// A room of the first one's, with a message of theirs, that the second has joined: its id and its code.
#[track_caller]
pub fn room_of(one: &Person, other: &Person) -> (String, String) {
    let answer = one.http.post("/sessions", json!({"kind": "room"})).ok();
    let (room, code) = (text(&answer["session"], "id").to_owned(), text(&answer["session"], "code").to_owned());
    one.send_message(&room, "hello");
    other.http.post(&format!("/rooms/{code}/join"), json!({})).ok();
    (room, code)
}

/// The query that a route requires.
pub fn query(route: &Route) -> &'static str {
    match route.path {
        "/sessions/{id}/changes" => "?rev=0",
        "/search" => "?q=hello",
        _ => "",
    }
}

/// A path with its parameters unnamed, so that documents may name them as they like.
pub fn unnamed(path: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for letter in path.chars() {
        if letter == '}' {
            inside = false;
        }
        if !inside {
            plain.push(letter);
        }
        if letter == '{' {
            inside = true;
        }
    }
    plain
}
