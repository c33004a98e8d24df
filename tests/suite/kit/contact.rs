//! A client of the contacts system on its Socket.IO connection: every event of it carries the token.

use serde_json::{Value, json};

use super::people::Person;
use super::server::Server;
use super::socketio::{SocketIoClient, Transport};
use super::text;

/// Settings for tests that are not about the time in which clients attach their handlers.
pub const SETTLED: [(&str, &str); 1] = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0")];

/// One client.
pub struct Contact {
    pub packets: SocketIoClient,
    pub username: String,
    pub jwt: String,
}

impl Contact {
    /// A connection that has sent nothing yet.
    #[track_caller]
    pub fn open(server: &Server, transport: Transport, person: &Person) -> Self {
        let mut packets = SocketIoClient::open(server.endpoint(), transport, &[]).expect("a handshake");
        packets.enter(json!({})).expect("it is let in");
        Self { packets, username: person.username.clone(), jwt: person.token.clone() }
    }

    /// One that has joined the room with `other`, and has received its own presence.
    #[track_caller]
    pub fn joined(server: &Server, transport: Transport, person: &Person, other: &str) -> Self {
        let mut contact = Self::open(server, transport, person);
        contact.joins(other);
        assert_eq!(contact.expect_presence(), online_event(&person.username));
        contact
    }

    /// The room with `other`.
    pub fn room(&self, other: &str) -> String {
        let mut names = [self.username.as_str(), other];
        names.sort_unstable();
        names.join("&")
    }

    /// The fields of a join.
    pub fn join(&self, room: &str) -> Value {
        json!({"room": room, "client": self.username, "jwt": self.jwt})
    }

    /// The fields of a message.
    pub fn message(&self, room: &str, content: &str) -> Value {
        json!({"sender": self.username, "content": content, "conversation_room": room, "jwt": self.jwt})
    }

    /// Joins the room with `other`; fails if that is refused.
    #[track_caller]
    pub fn joins(&mut self, other: &str) {
        let sent = self.join(&self.room(other));
        assert_eq!(self.packets.request("join", sent), success());
    }

    /// Sends a message without waiting for its acknowledgement.
    #[track_caller]
    pub fn send_message(&mut self, room: &str, content: &str) {
        let sent = self.message(room, content);
        self.packets.emit("client_sends_message", sent);
    }

    /// Sends a message; returns the acknowledgement.
    #[track_caller]
    pub fn request(&mut self, room: &str, content: &str) -> Value {
        let sent = self.message(room, content);
        self.packets.request("client_sends_message", sent)
    }

    /// The next message: its sender and content.
    #[track_caller]
    pub fn receive(&mut self) -> (String, String) {
        let received = self.packets.expect("received_message");
        assert_eq!(received.as_object().unwrap().len(), 2, "{received}");
        (text(&received, "sender").to_owned(), text(&received, "content").to_owned())
    }

    /// The next presence event: online or not, and the username.
    #[track_caller]
    pub fn expect_presence(&mut self) -> (bool, String) {
        let (online_event, received) = self.packets.wait_for("presence", |packet| {
            let event: Value = serde_json::from_str(packet.strip_prefix('2')?).ok()?;
            let online_event = event[0] == "new_user_online";
            (online_event || event[0] == "user_has_gone_offline").then(|| (online_event, event[1].clone()))
        });
        assert_eq!(received.as_object().unwrap().len(), 1, "{received}");
        (online_event, text(&received, "username").to_owned())
    }
}

/// What a good join is acknowledged with, and a message that is kept.
pub fn success() -> Value {
    json!({"result": "success"})
}

/// What a bad token is acknowledged with.
pub fn invalid_jwt() -> Value {
    json!({"error": "Invalid JWT"})
}

/// The presence event of a user who came online.
pub fn online_event(name: &str) -> (bool, String) {
    (true, name.to_owned())
}

/// The presence event of a user who went offline.
pub fn offline_event(name: &str) -> (bool, String) {
    (false, name.to_owned())
}
