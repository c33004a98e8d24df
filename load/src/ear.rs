//! What a text frame is, in either dialect, without parsing it. All else that matters in it (`sight`) has the same names and
//! the same form in both.

use crate::dialect::Dialect;
use crate::sight::{self, Sight};

/// What answers [`Heard::Ping`].
pub const PONG: &str = "3";

/// What a text frame is. An answer carries the client's own number for the send, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What comes before `ready`: the session is open, the namespace is entered.
    Greeting,
    /// The snapshot; from here on the connection takes part.
    Ready,
    /// A message of a session.
    Message,
    /// A yes.
    Ok(Option<u64>),
    /// A no.
    Error(Option<u64>),
    /// Engine.IO's own sign of life, which must be answered.
    Ping,
    /// Nothing that a play is about.
    Other,
}

/// Sorts the frames of one connection.
#[derive(Debug)]
pub struct Ear {
    dialect: Dialect,
    kind: Sight,
    id: Sight,
}

impl Ear {
    /// For a connection that speaks this.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, kind: Sight::new(b"\"type\":\""), id: Sight::new(b"\"id\":\"") }
    }

    /// What this frame is.
    pub fn hear(&mut self, text: &[u8]) -> Heard {
        match self.dialect {
            Dialect::Native => self.frame(text),
            Dialect::Socketio => packet(text),
        }
    }

    fn frame(&mut self, json: &[u8]) -> Heard {
        match self.kind.text(json) {
            Some(b"message") => Heard::Message,
            Some(b"ok") => Heard::Ok(self.id.number(json)),
            Some(b"error") => Heard::Error(self.id.number(json)),
            Some(b"ready") => Heard::Ready,
            _ => Heard::Other,
        }
    }
}

/// The first digit is Engine.IO's, the second Socket.IO's: an event is `42["<name>",{…}]`, an answer `43<number>[{"ok":…}]`.
fn packet(text: &[u8]) -> Heard {
    match text {
        [b'4', b'2', event @ ..] => match Sight::new(b"[\"").text(event) {
            Some(b"message") => Heard::Message,
            Some(b"error") => Heard::Error(None),
            Some(b"ready") => Heard::Ready,
            _ => Heard::Other,
        },
        [b'4', b'3', answer @ ..] => {
            let digits = answer.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (number, said) = answer.split_at(digits);
            let id = sight::number(number);
            if said.starts_with(b"[{\"ok\":true") { Heard::Ok(id) } else { Heard::Error(id) }
        }
        [b'0', ..] | [b'4', b'0', ..] => Heard::Greeting,
        [b'2'] => Heard::Ping,
        _ => Heard::Other,
    }
}
