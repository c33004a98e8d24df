//! A client of the sessions system.

use crate::kit::*;

/// A connection of this dialect.
/// One of them, on a plain WebSocket.
pub struct Client(pub Socket);

impl Client {
    /// By the handshake's header.
    #[track_caller]
    pub fn of(person: &Person) -> Self {
        Self::with(person, &[("Authorization", &format!("Bearer {}", person.token))])
    }

    /// A socket that has sent no more than these headers.
    #[track_caller]
    pub fn with(person: &Person, headers: &[(&str, &str)]) -> Self {
        let mut socket = Socket::open_at(person.http.endpoint(), "/ws", headers).expect("the upgrade is accepted");
        // Frames of another dialect have other promises.
        socket.checked = false;
        Self(socket)
    }

    pub fn send(&mut self, frame: Value) {
        self.0.send_text(&frame.to_string());
    }

    pub fn auth(&mut self, token: &str) {
        self.send(json!({"type": "Auth", "Authentication_Token": token}));
    }

    pub fn search(&mut self, username: &str) {
        self.send(json!({"type": "Search", "Username": username}));
    }

    pub fn answer(&mut self, username: &str, accepted: impl Into<Value>) {
        self.send(json!({"type": "request", "username": username, "Accepted": accepted.into()}));
    }

    pub fn send_message(&mut self, session: &str, data: &str) {
        self.send(json!({"type": "Message", "SessionID": session, "Message": {"data": data}}));
    }

    /// The next frame is a message of this session, as its text.
    #[track_caller]
    pub fn receive(&mut self, session: &str) -> String {
        let frame = self.0.next();
        let sent = frame[session].as_object().unwrap_or_else(|| panic!("no message of {session}: {frame}"));
        assert_eq!((frame.as_object().unwrap().len(), sent.len()), (1, 1), "{frame}");
        text(sent.values().next().unwrap(), "data").to_owned()
    }

    /// The next frame is this.
    #[track_caller]
    pub fn expects(&mut self, frame: Value) {
        assert_eq!(self.0.next(), frame);
    }

    /// The next frame is an error with this code.
    #[track_caller]
    pub fn is_refused(&mut self, code: &str) {
        let frame = self.0.next();
        assert_eq!((&frame["type"], &frame["code"]), (&json!("Error"), &json!(code)), "{frame}");
        assert!(!text(&frame, "message").is_empty());
        assert_eq!(frame.as_object().unwrap().len(), 3, "{frame}");
    }

    /// Checks that nothing else was sent before: the next frame is a message of its own.
    #[track_caller]
    pub fn expects_nothing_more(&mut self, session: &str) {
        self.send_message(session, "is that all?");
        assert_eq!(self.receive(session), "is that all?");
    }
}

/// The frame that announces a session with these other members.
pub fn session(id: &str, others: &[&Person]) -> Value {
    let others: serde_json::Map<String, Value> =
        others.iter().map(|one| (one.id.clone(), json!(one.username))).collect();
    json!({"type": "Session", "SessionID": id, "Users": others})
}

pub fn wants_to_talk(name: &str) -> Value {
    json!({"type": "Search", "UserName": name})
}
