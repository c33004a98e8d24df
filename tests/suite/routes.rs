//! Every route of the API that asks who one is, as a table: what `membership` and `openapi` walk along.

use crate::kit::*;

/// What a route is about, which decides what a stranger is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Oneself or the directory: anybody with a token.
    Anyone,
    /// A session: its members.
    Session,
    /// An invite of Lisa's to Avi.
    Invite,
    /// A token of Avi's.
    Token,
}

#[derive(Debug)]
pub struct Route {
    pub about: About,
    pub method: &'static str,
    /// As documented, with `{…}` where the id goes.
    pub path: &'static str,
    pub body: Option<Value>,
}

impl Route {
    pub fn call(&self, http: &Http, id: &str, query: &str) -> Reply {
        let path = match self.path.split_once('{') {
            Some((before, rest)) => {
                let after = rest.split_once('}').unwrap().1;
                format!("{before}{id}{after}{query}")
            }
            None => format!("{}{query}", self.path),
        };
        let call = http.call(self.method, &path);
        match &self.body {
            Some(body) => call.json(body).send(),
            None => call.send(),
        }
    }
}

/// In an order in which a member can walk it: reading before writing, ending last.
pub fn all() -> Vec<Route> {
    use About::{Anyone, Invite, Session, Token};
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
        route(Anyone, "GET", "/sessions", None),
        route(Anyone, "POST", "/sessions", Some(json!({"kind": "direct", "username": "somebody"}))),
        route(Session, "GET", "/sessions/{id}", None),
        route(Session, "GET", "/sessions/{id}/members", None),
        route(Session, "GET", "/sessions/{id}/messages", None),
        route(Session, "POST", "/sessions/{id}/messages", Some(json!({"text": "hi"}))),
        route(Session, "PUT", "/sessions/{id}/read", Some(json!({"seq": 1}))),
        route(Session, "GET", "/sessions/{id}/changes", None),
        route(Invite, "POST", "/invites/{id}/reject", Some(json!({}))),
        route(Invite, "POST", "/invites/{id}/accept", Some(json!({}))),
        route(Invite, "DELETE", "/invites/{id}", None),
        route(Anyone, "PUT", "/blocks/{username}", Some(json!({}))),
        route(Anyone, "DELETE", "/blocks/{username}", None),
        route(Token, "DELETE", "/tokens/{id}", None),
        // Refused, so that whoever walks along is still there afterwards.
        route(Anyone, "DELETE", "/me", Some(json!({"current_password": "not this one"}))),
        route(Anyone, "POST", "/logout", None),
    ]
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
