//! The words of the room-code dialect: everybody in the room is told the same, `message` with a name and a text.
//!
//! Its clients have one room, so what is said to a guest elsewhere comes among the rest.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::named_events::{EventProtocol, NamedEvent, ack, acknowledgement, event, tag, worded};
use crate::config::Limits;
use crate::domain::{Answer, Command, Draft, Event, Message, MessageKind, Refusal, SessionId, Target, Text, Tongue};
use crate::protocol::{Arrival, Step, Tag};

/// The one event, both ways.
const MESSAGE: &str = "message";
/// What the session says of somebody who comes or goes, and what this system says of them.
const NOTICES: [(&str, &str); 2] = [(" has entered", "has entered the room"), (" left", "has left the room")];

/// What a client says.
#[derive(Deserialize)]
struct Data {
    data: String,
}

/// What a client is told.
#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    message: &'a str,
}

/// The acknowledgement of a message, which the document does not know; where a client asks for one it is told the truth.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a> {
    Result(&'a str),
    Error(String),
}

/// One guest's connection.
pub(crate) struct Rooms {
    room: SessionId,
    text_bytes: usize,
}

impl Rooms {
    /// The connection of a guest of this room.
    pub(crate) const fn new(room: SessionId, limits: &Limits) -> Self {
        Self { room, text_bytes: limits.text_bytes }
    }

    fn draft(&self, said: NamedEvent<'_>) -> Result<Draft, Refusal> {
        let text = Text::parse(said.read::<Data>()?.data, self.text_bytes)?;
        Ok(Draft { target: Target::Session(Some(self.room)), text, key: None, reply_to: None })
    }
}

impl EventProtocol for Rooms {
    fn dialect(&self) -> Tongue {
        Tongue::Rooms
    }

    fn begin(&mut self, _: Arrival<'_>, _: Instant) -> Vec<Step> {
        vec![Step::StartReplay]
    }

    fn knows(&self, name: &str) -> bool {
        name == MESSAGE
    }

    fn receive_event(&mut self, said: NamedEvent<'_>, _: Instant) -> Vec<Step> {
        let request = Some(tag(said.ack).into());
        match self.draft(said) {
            Ok(draft) => vec![Step::Do(request, Command::Send(draft))],
            Err(refusal) => vec![Step::Wrong(request, refusal)],
        }
    }

    fn message(&self, message: &Message) -> Option<Vec<u8>> {
        if message.deleted {
            return None;
        }
        let shown = message.shown.as_ref();
        let rest = message.text.strip_prefix(shown).filter(|_| message.kind == MessageKind::Notice);
        let notice = rest.and_then(|rest| NOTICES.iter().find(|(kept, _)| *kept == rest));
        let text = notice.map_or(message.text.as_str(), |(_, said)| said);
        Some(event(MESSAGE, &Told { name: shown, message: text }))
    }

    fn happened(&mut self, _: &Event, _: Instant) -> Vec<Step> {
        Vec::new()
    }

    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step> {
        let Some(ack) = ack(tag) else { return Vec::new() };
        let outcome = match outcome {
            Ok(_) => Outcome::Result("success"),
            Err(refusal) => Outcome::Error(worded(refusal, &[("text", "data")])),
        };
        vec![Step::Send(acknowledgement(ack, &outcome))]
    }
}
