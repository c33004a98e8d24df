//! A client of the sessions system, as it says and hears frames.

use crate::kit::*;

/// What a person hears who speaks this dialect.
/// One of them, on a plain WebSocket.
pub struct Client(pub Socket);

impl Client {
    /// By the handshake's header.
    #[track_caller]
    pub fn of(person: &Person) -> Self {
        Self::with(person, &[("Authorization", &format!("Bearer {}", person.token))])
    }

    /// A socket that has said no more than these headers.
    #[track_caller]
    pub fn with(person: &Person, headers: &[(&str, &str)]) -> Self {
        let mut socket = Socket::open_at(person.http.door(), "/ws", headers).expect("the upgrade is accepted");
        // Frames of another dialect have other promises.
        socket.checked = false;
        Self(socket)
    }

    pub fn tell(&mut self, frame: Value) {
        self.0.send_text(&frame.to_string());
    }

    pub fn auth(&mut self, token: &str) {
        self.tell(json!({"type": "Auth", "Authentication_Token": token}));
    }

    pub fn search(&mut self, username: &str) {
        self.tell(json!({"type": "Search", "Username": username}));
    }

    pub fn answer(&mut self, username: &str, accepted: impl Into<Value>) {
        self.tell(json!({"type": "request", "username": username, "Accepted": accepted.into()}));
    }

    pub fn say(&mut self, session: &str, data: &str) {
        self.tell(json!({"type": "Message", "SessionID": session, "Message": {"data": data}}));
    }

    /// The next frame is a message of this session, as its text.
    #[track_caller]
    pub fn hears(&mut self, session: &str) -> String {
        let frame = self.0.next();
        let said = frame[session].as_object().unwrap_or_else(|| panic!("no message of {session}: {frame}"));
        assert_eq!((frame.as_object().unwrap().len(), said.len()), (1, 1), "{frame}");
        text(said.values().next().unwrap(), "data").to_owned()
    }

    /// The next frame is this.
    #[track_caller]
    pub fn is_told(&mut self, frame: Value) {
        assert_eq!(self.0.next(), frame);
    }

    /// The next frame is a no of this code.
    #[track_caller]
    pub fn is_refused(&mut self, code: &str) {
        let frame = self.0.next();
        assert_eq!((&frame["type"], &frame["code"]), (&json!("Error"), &json!(code)), "{frame}");
        assert!(!text(&frame, "message").is_empty());
        assert_eq!(frame.as_object().unwrap().len(), 3, "{frame}");
    }

    /// The next frame is what one says oneself: nothing else was told before.
    #[track_caller]
    pub fn has_heard_all(&mut self, session: &str) {
        self.say(session, "is that all?");
        assert_eq!(self.hears(session), "is that all?");
    }
}

/// What somebody is told of a new session with these others.
pub fn session(id: &str, others: &[&Person]) -> Value {
    let others: serde_json::Map<String, Value> =
        others.iter().map(|one| (one.id.clone(), json!(one.username))).collect();
    json!({"type": "Session", "SessionID": id, "Users": others})
}

pub fn wants_to_talk(name: &str) -> Value {
    json!({"type": "Search", "UserName": name})
}
