//! What clients say, as far as it can be understood without knowing who they are.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::words::partner;
use crate::domain::{Command, Draft, Refusal, SessionId, Target, Text, Username};
use crate::protocol::Tag;
use crate::protocol::legacy::named_events::NamedEvent;

/// The tag of what is answered with nothing.
const SILENT: Tag = 0;
/// The tag of a message whose client asks for no acknowledgement: a no is said by Admin.
pub(super) const UNASKED: Tag = 1;
/// The tag of what waits until it is known who asks. No acknowledgement has it.
pub(super) const ASKED: Tag = Tag::MAX;

/// What a client wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To be told what is said in a room.
    Join { room: String, client: Option<String> },
    /// To say something in a room.
    Send { sender: String, content: String, room: String },
    /// To be known to be there still.
    StayAlive { client: Option<String> },
    /// To be gone, and the token with it.
    Leave { client: Option<String> },
}

/// A wish, with the token that it was said with and the number under which it is to be acknowledged.
pub(super) struct Request {
    /// What is wanted.
    pub wish: Wish,
    /// Whom it speaks for; empty where none was said.
    pub jwt: String,
    /// The client's own number.
    pub ack: Option<u64>,
}

#[derive(Deserialize)]
struct Join {
    room: String,
    #[serde(default, deserialize_with = "lenient")]
    client: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    jwt: Option<String>,
}

#[derive(Deserialize)]
struct Send {
    #[serde(default, deserialize_with = "lenient")]
    sender: Option<String>,
    content: String,
    conversation_room: String,
    #[serde(default, deserialize_with = "lenient")]
    jwt: Option<String>,
}

#[derive(Deserialize)]
struct Oneself {
    #[serde(default, deserialize_with = "lenient")]
    client: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    jwt: Option<String>,
}

impl Request {
    /// What was said.
    ///
    /// # Errors
    /// `invalid_request` for what is no event of this system, or lacks something.
    pub(super) fn read(said: NamedEvent<'_>) -> Result<Self, Refusal> {
        let (wish, jwt) = match said.name {
            "join" => {
                let Join { room, client, jwt } = said.read()?;
                (Wish::Join { room, client }, jwt)
            }
            "client_sends_message" => {
                let Send { sender, content, conversation_room: room, jwt } = said.read()?;
                (Wish::Send { sender: sender.unwrap_or_default(), content, room }, jwt)
            }
            "connection_alive" => {
                let Oneself { client, jwt } = said.read()?;
                (Wish::StayAlive { client }, jwt)
            }
            "client_disconnection" => {
                let Oneself { client, jwt } = said.read()?;
                (Wish::Leave { client }, jwt)
            }
            name => return Err(Refusal::invalid(format!("there is no event `{name}`"))),
        };
        Ok(Self { wish, jwt: jwt.unwrap_or_default(), ack: said.ack })
    }

    /// What it asks of the server where it is `me` who asks; `None`: nothing but to be heard.
    ///
    /// # Errors
    /// `unauthenticated` where it is said in another name than the token's or of a room of others. Otherwise what is wrong
    /// with the message.
    pub(super) fn command(&self, me: &str, text_bytes: usize) -> Result<Option<Command>, Refusal> {
        let fits = match &self.wish {
            Wish::Join { room, client } => is(me, client.as_deref()) && target(room, me).is_some(),
            Wish::StayAlive { client } | Wish::Leave { client } => is(me, client.as_deref()),
            Wish::Send { content, room, .. } => {
                let text = Text::parse(content.clone(), text_bytes)?;
                let target = target(room, me).ok_or(Refusal::NotFound)?;
                return Ok(Some(Command::Send(Draft { target, text, key: None, reply_to: None })));
            }
        };
        if fits { Ok(None) } else { Err(Refusal::Unauthenticated) }
    }

    /// What its outcome is known by.
    pub(super) const fn tag(&self) -> Tag {
        tag(matches!(self.wish, Wish::Send { .. }), self.ack)
    }
}

/// What the outcome of something is known by that was said: a message or another event.
pub(super) const fn tag(is_message: bool, ack: Option<u64>) -> Tag {
    match ack {
        Some(ack) => ack.saturating_add(UNASKED + 1),
        None if is_message => UNASKED,
        None => SILENT,
    }
}

/// The number of the acknowledgement that a tag stands for.
pub(super) fn acknowledged(tag: Tag) -> Option<u64> {
    tag.checked_sub(UNASKED + 1)
}

/// Everything that a client may say.
pub(super) const EVENTS: [&str; 4] = ["join", "client_sends_message", "connection_alive", "client_disconnection"];

/// The name of the message event, which even a malformed one is known by.
pub(super) fn is_message(said: NamedEvent<'_>) -> bool {
    said.name == "client_sends_message"
}

/// Where a room's messages go: to its other end, or to a session that is called by its id.
fn target(room: &str, me: &str) -> Option<Target> {
    match partner(room, me) {
        Some(partner) => Some(Target::User(partner.to_owned())),
        None => room.parse::<SessionId>().ok().map(|session| Target::Session(Some(session))),
    }
}

/// True where a client says no name, or its own.
fn is(me: &str, client: Option<&str>) -> bool {
    client.is_none_or(|client| Username::fold(client) == Username::fold(me))
}

/// A text; whatever else stands in its place is as good as nothing.
fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}
