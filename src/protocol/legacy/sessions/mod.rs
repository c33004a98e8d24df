//! The sessions dialect: what a client loads over HTTP ([`Load`]), and its plain WebSocket ([`SessionsProtocol`]), whose frames
//! are named by their `type`.
//!
//! It has no tombstones: deleted messages are left out.

mod connection;
mod load;
mod requests;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub(crate) use connection::SessionsProtocol;
pub(crate) use load::Load;

use crate::domain::{Message, Time, UserId};

/// The id of a message: its session and number.
fn message_id(message: &Message) -> String {
    format!("{}:{}", message.session, message.seq)
}

#[derive(Serialize)]
struct MessageBody<'a> {
    data: &'a str,
    #[serde(rename = "TimeStamp")]
    at: Time,
    #[serde(rename = "Sender")]
    sender: UserId,
}

impl<'a> MessageBody<'a> {
    fn of(message: &'a Message) -> Self {
        Self { data: &message.text, at: message.at, sender: message.sender }
    }
}

/// For types whose serialization cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
