//! Decoding of the client's events, as far as possible without knowing the user.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::named_event::NamedEvent;
use super::room_names::partner;
use crate::domain::{Command, Draft, Refusal, SessionId, Target, Text, Username};
use crate::protocol::Tag;

const JOIN: &str = "join";
const SEND: &str = "client_sends_message";
const KEEP_ALIVE: &str = "connection_alive";
const LEAVE: &str = "client_disconnection";

/// The tag of a request that receives no reply.
const NO_REPLY: Tag = 0;
/// The tag of a message without an acknowledgement: Admin reports a refusal.
pub(super) const ADMIN_REPLY: Tag = 1;
/// The tag of the request that waits for authentication. No acknowledgement has it.
pub(super) const AUTHENTICATION: Tag = Tag::MAX;

#[derive(Deserialize)]
pub(super) struct JoinEvent {
    room: String,
    #[serde(default, deserialize_with = "lenient")]
    client: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MessageEvent {
    #[serde(default, deserialize_with = "lenient")]
    pub sender: Option<String>,
    content: String,
    conversation_room: String,
}

#[derive(Deserialize)]
pub(super) struct ClientEvent {
    #[serde(default, deserialize_with = "lenient")]
    client: Option<String>,
}

#[derive(Deserialize)]
struct EventToken {
    #[serde(default, deserialize_with = "lenient")]
    jwt: Option<String>,
}

pub(super) enum ContactsEvent {
    /// Subscribes to a room.
    Join(JoinEvent),
    Message(MessageEvent),
    /// Extends the keep-alive timeout.
    KeepAlive(ClientEvent),
    /// Ends the token.
    Leave(ClientEvent),
}

pub(super) struct ContactsRequest {
    pub event: ContactsEvent,
    /// The token; empty where the event has none.
    pub jwt: String,
    pub ack: Option<u64>,
}

pub(super) fn is_known(event: &str) -> bool {
    [JOIN, SEND, KEEP_ALIVE, LEAVE].contains(&event)
}

impl ContactsRequest {
    pub(super) fn decode(event: NamedEvent<'_>) -> Result<Self, Refusal> {
        let decoded = match event.name {
            JOIN => ContactsEvent::Join(event.deserialize()?),
            SEND => ContactsEvent::Message(event.deserialize()?),
            LEAVE => ContactsEvent::Leave(event.deserialize()?),
            _ => ContactsEvent::KeepAlive(event.deserialize()?),
        };
        let EventToken { jwt } = event.deserialize()?;
        Ok(Self { event: decoded, jwt: jwt.unwrap_or_default(), ack: event.ack })
    }

    /// The domain command of the user `me`; `None` where the request needs none.
    ///
    /// # Errors
    /// `unauthenticated` where the request names another user, or a room of others. Otherwise why the message is refused.
    pub(super) fn to_command(&self, me: &str, text_bytes: usize) -> Result<Option<Command>, Refusal> {
        let is_own = match &self.event {
            ContactsEvent::Join(JoinEvent { room, client }) => {
                is_me(me, client.as_deref()) && target(room, me).is_some()
            }
            ContactsEvent::KeepAlive(event) | ContactsEvent::Leave(event) => is_me(me, event.client.as_deref()),
            ContactsEvent::Message(message) => {
                let text = Text::parse(message.content.clone(), text_bytes)?;
                let target = target(&message.conversation_room, me).ok_or(Refusal::NotFound)?;
                return Ok(Some(Command::Send(Draft { target, text, key: None, reply_to: None })));
            }
        };
        if is_own { Ok(None) } else { Err(Refusal::Unauthenticated) }
    }

    pub(super) const fn tag(&self) -> Tag {
        tag(matches!(self.event, ContactsEvent::Message(_)), self.ack)
    }
}

const fn tag(is_message: bool, ack: Option<u64>) -> Tag {
    match ack {
        Some(ack) => ack.saturating_add(ADMIN_REPLY + 1),
        None if is_message => ADMIN_REPLY,
        None => NO_REPLY,
    }
}

/// The tag of an event that may be malformed.
pub(super) fn event_tag(event: NamedEvent<'_>) -> Tag {
    tag(event.name == SEND, event.ack)
}

pub(super) fn ack(tag: Tag) -> Option<u64> {
    tag.checked_sub(ADMIN_REPLY + 1)
}

/// A room is the direct session with the partner in its name, or a session by its id.
fn target(room: &str, me: &str) -> Option<Target> {
    match partner(room, me) {
        Some(partner) => Some(Target::User(partner.to_owned())),
        None => room.parse::<SessionId>().ok().map(|session| Target::Session(Some(session))),
    }
}

/// True for the own name, and for none.
fn is_me(me: &str, client: Option<&str>) -> bool {
    client.is_none_or(|client| Username::fold(client) == Username::fold(me))
}

/// A string; any other value counts as missing.
fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}
