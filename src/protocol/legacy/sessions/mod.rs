//! The words of the sessions dialect: what a message is called in it, everything that a client loads ([`Load`]), and what is
//! said over its plain WebSocket ([`Sessions`]), whose frames are named by their `type`.
//!
//! It knows no tombstones: a message that was deleted is left out.

mod asking;
mod load;
mod talking;

use serde::Serialize;

pub(crate) use load::Load;
pub(crate) use talking::Sessions;

use crate::domain::{Message, Time, UserId};

/// What a message is called: its session and its number there.
fn message_id(message: &Message) -> String {
    format!("{}:{}", message.session, message.seq)
}

/// True for a message that there are words for.
const fn has_words(message: &Message) -> bool {
    !message.deleted
}

/// A message without its name.
#[derive(Serialize)]
struct Said<'a> {
    data: &'a str,
    #[serde(rename = "TimeStamp")]
    at: Time,
    #[serde(rename = "Sender")]
    sender: UserId,
}

impl<'a> Said<'a> {
    /// This one.
    fn of(message: &'a Message) -> Self {
        Self { data: &message.text, at: message.at, sender: message.sender }
    }
}
