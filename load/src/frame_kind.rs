//! The kind of a text frame, in either dialect, without parsing it. The fields that matter (`field`) have the same names and
//! form in both.

use crate::dialect::Dialect;
use crate::field::{self, Field};

/// The answer to [`FrameKind::Ping`].
pub const PONG: &str = "3";

/// The kind of a text frame. An answer carries the client's own number for the send, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Before `ready`: the session is open, the namespace is entered.
    Greeting,
    /// The snapshot; from here on the connection takes part.
    Ready,
    Message,
    Ok(Option<u64>),
    Error(Option<u64>),
    /// Engine.IO's heartbeat, which must be answered.
    Ping,
    Other,
}

#[derive(Debug)]
pub struct Classifier {
    dialect: Dialect,
    kind: Field,
    id: Field,
}

impl Classifier {
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, kind: Field::new(b"\"type\":\""), id: Field::new(b"\"id\":\"") }
    }

    pub fn classify(&mut self, text: &[u8]) -> FrameKind {
        match self.dialect {
            Dialect::Native => self.frame(text),
            Dialect::Socketio => packet(text),
        }
    }

    fn frame(&mut self, json: &[u8]) -> FrameKind {
        match self.kind.text(json) {
            Some(b"message") => FrameKind::Message,
            Some(b"ok") => FrameKind::Ok(self.id.number(json)),
            Some(b"error") => FrameKind::Error(self.id.number(json)),
            Some(b"ready") => FrameKind::Ready,
            _ => FrameKind::Other,
        }
    }
}

/// The first digit is Engine.IO's, the second Socket.IO's: an event is `42["<name>",{…}]`, an answer `43<number>[{"ok":…}]`.
fn packet(text: &[u8]) -> FrameKind {
    match text {
        [b'4', b'2', event @ ..] => match Field::new(b"[\"").text(event) {
            Some(b"message") => FrameKind::Message,
            Some(b"error") => FrameKind::Error(None),
            Some(b"ready") => FrameKind::Ready,
            _ => FrameKind::Other,
        },
        [b'4', b'3', answer @ ..] => {
            let digits = answer.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (number, arguments) = answer.split_at(digits);
            let id = field::number(number);
            if arguments.starts_with(b"[{\"ok\":true") { FrameKind::Ok(id) } else { FrameKind::Error(id) }
        }
        [b'0', ..] | [b'4', b'0', ..] => FrameKind::Greeting,
        [b'2'] => FrameKind::Ping,
        _ => FrameKind::Other,
    }
}
