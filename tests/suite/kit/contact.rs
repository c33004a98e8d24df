//! A client of the contacts system on its Socket.IO connection: every event of it carries the token.

use serde_json::{Value, json};

use super::packets::{Carrier, Packets};
use super::people::Person;
use super::server::Server;
use super::text;

/// Settings for tests that are not about the time in which clients attach their handlers.
pub const SETTLED: [(&str, &str); 1] = [("PARLOR_CONTACTS_SETTLE_SECONDS", "0")];

/// One client.
pub struct Contact {
    pub packets: Packets,
    pub username: String,
    pub jwt: String,
}

impl Contact {
    /// A connection that has said nothing yet.
    #[track_caller]
    pub fn open(server: &Server, carrier: Carrier, person: &Person) -> Self {
        let mut packets = Packets::open(server.door(), carrier, &[]).expect("a handshake");
        packets.enter(json!({})).expect("it is let in");
        Self { packets, username: person.username.clone(), jwt: person.token.clone() }
    }

    /// One that has joined the room with `other`, and has been told of itself.
    #[track_caller]
    pub fn joined(server: &Server, carrier: Carrier, person: &Person, other: &str) -> Self {
        let mut contact = Self::open(server, carrier, person);
        contact.joins(other);
        assert_eq!(contact.sees(), came(&person.username));
        contact
    }

    /// The room with `other`.
    pub fn room(&self, other: &str) -> String {
        let mut names = [self.username.as_str(), other];
        names.sort_unstable();
        names.join("&")
    }

    /// What a join says.
    pub fn join(&self, room: &str) -> Value {
        json!({"room": room, "client": self.username, "jwt": self.jwt})
    }

    /// What a message says.
    pub fn message(&self, room: &str, content: &str) -> Value {
        json!({"sender": self.username, "content": content, "conversation_room": room, "jwt": self.jwt})
    }

    /// Joins the room with `other`; only success will do.
    #[track_caller]
    pub fn joins(&mut self, other: &str) {
        let said = self.join(&self.room(other));
        assert_eq!(self.packets.ask("join", said), success());
    }

    /// Says something in a room, and waits for nothing.
    #[track_caller]
    pub fn say(&mut self, room: &str, content: &str) {
        let said = self.message(room, content);
        self.packets.emit("client_sends_message", said);
    }

    /// The same; what the acknowledgement says.
    #[track_caller]
    pub fn ask(&mut self, room: &str, content: &str) -> Value {
        let said = self.message(room, content);
        self.packets.ask("client_sends_message", said)
    }

    /// The next message: who, and what.
    #[track_caller]
    pub fn hear(&mut self) -> (String, String) {
        let told = self.packets.expect("received_message");
        assert_eq!(told.as_object().unwrap().len(), 2, "{told}");
        (text(&told, "sender").to_owned(), text(&told, "content").to_owned())
    }

    /// The next who came or went.
    #[track_caller]
    pub fn sees(&mut self) -> (bool, String) {
        let (came, told) = self.packets.wait_for("presence", |packet| {
            let event: Value = serde_json::from_str(packet.strip_prefix('2')?).ok()?;
            let came = event[0] == "new_user_online";
            (came || event[0] == "user_has_gone_offline").then(|| (came, event[1].clone()))
        });
        assert_eq!(told.as_object().unwrap().len(), 1, "{told}");
        (came, text(&told, "username").to_owned())
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

/// Somebody is here.
pub fn came(name: &str) -> (bool, String) {
    (true, name.to_owned())
}

/// Somebody is gone.
pub fn went(name: &str) -> (bool, String) {
    (false, name.to_owned())
}
