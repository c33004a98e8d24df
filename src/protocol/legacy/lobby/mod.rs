//! The words of the lobby dialect: who is active, and messages to one of them or to all. Everybody is told of a message in the
//! same words, the sender too, who knows by it that the message was taken.

mod listed;
mod places;
#[cfg(test)]
mod tests;

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::named_events::{EventProtocol, NamedEvent, ack, acknowledgement, event, tag, worded};
use crate::domain::{Answer, Command, Draft, Event, Message, MessageKind, Refusal, SessionId, Text, Tongue};
use crate::protocol::{Arrival, Step, Tag};
use listed::Listed;
use places::Places;

/// The receiver of what is said to everybody. No user can be called so.
const GROUP: &str = "group";
/// Names in one list of active users.
const ACTIVE_UP_TO: usize = 1_000;

/// What a client says to somebody.
const MESSAGE_OUT: &str = "message_out";
/// What somebody has said.
const MESSAGE_IN: &str = "message_in";
/// What a client says of itself.
const USER_CHANGE_OUT: &str = "user_change_out";
/// Who is active.
const USER_CHANGE_IN: &str = "user_change_in";

/// What our fields are called here.
const FIELDS: [(&str, &str); 2] = [("text", "message_text"), ("username", "receiver")];

/// A message that a client sends.
#[derive(Deserialize)]
struct Out {
    receiver: String,
    message_text: String,
}

/// A message that a client is told of.
#[derive(Serialize)]
struct In<'a> {
    sender: &'a str,
    receiver: &'a str,
    message_id: i64,
    message_text: &'a str,
}

/// Whether somebody is active. The client says it of itself; what it says is acknowledged in the same words.
#[derive(Serialize, Deserialize)]
struct Change {
    active: bool,
}

/// All who are active.
#[derive(Serialize)]
struct Users<'a> {
    users: Vec<&'a str>,
}

/// The acknowledgement of a message that was kept.
#[derive(Serialize)]
struct Kept {
    message_id: i64,
}

/// The acknowledgement of what was refused.
#[derive(Serialize)]
struct Refused<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// One guest's connection.
pub(crate) struct Lobby {
    places: Places,
    listed: Listed,
    text_bytes: usize,
}

impl Lobby {
    /// A connection where this is the lobby, `None` where it is switched off, and a text has at most so many bytes.
    pub(crate) fn new(lobby: Option<SessionId>, text_bytes: usize) -> Self {
        Self { places: Places::new(lobby), listed: Listed::default(), text_bytes }
    }

    fn steps(&self, said: NamedEvent<'_>) -> Result<Vec<Step>, Refusal> {
        match said.name {
            MESSAGE_OUT => {
                let Out { receiver, message_text } = said.read()?;
                let text = Text::parse(message_text, self.text_bytes)?;
                let draft = Draft { target: self.places.target(&receiver), text, key: None, reply_to: None };
                Ok(vec![Step::Do(Some(tag(said.ack).into()), Command::Send(draft))])
            }
            USER_CHANGE_OUT => {
                let change: Change = said.read()?;
                let mut steps: Vec<Step> =
                    said.ack.map(|ack| Step::Send(acknowledgement(ack, &change))).into_iter().collect();
                if !change.active {
                    steps.push(Step::Do(Some(tag(None).into()), Command::Goodbye));
                }
                Ok(steps)
            }
            name => Err(Refusal::invalid(format!("there is no event `{name}`"))),
        }
    }
}

impl EventProtocol for Lobby {
    fn dialect(&self) -> Tongue {
        Tongue::Lobby
    }

    fn begin(&mut self, arrival: Arrival<'_>, _: Instant) -> Vec<Step> {
        self.places.arrive(arrival);
        vec![Step::StartReplay]
    }

    fn knows(&self, name: &str) -> bool {
        [MESSAGE_OUT, USER_CHANGE_OUT].contains(&name)
    }

    fn receive_event(&mut self, said: NamedEvent<'_>, _: Instant) -> Vec<Step> {
        self.steps(said).unwrap_or_else(|refusal| vec![Step::Wrong(Some(tag(said.ack).into()), refusal)])
    }

    fn message(&self, message: &Message) -> Option<Vec<u8>> {
        if message.deleted || message.kind == MessageKind::Notice {
            return None;
        }
        let receiver = self.places.receiver(message);
        let told = In {
            sender: &message.username,
            receiver: &receiver,
            message_id: message.id.0,
            message_text: &message.text,
        };
        Some(event(MESSAGE_IN, &told))
    }

    fn happened(&mut self, happened: &Event, _: Instant) -> Vec<Step> {
        match happened {
            Event::Active(active) => {
                let news = self.listed.news(active, self.places.me());
                return news.map(|users| Step::Send(event(USER_CHANGE_IN, &Users { users }))).into_iter().collect();
            }
            Event::SessionAdded(session) => self.places.added(session),
            Event::SessionRemoved { session, .. } => self.places.removed(*session),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step> {
        let Some(ack) = ack(tag) else { return Vec::new() };
        let words = match outcome {
            Ok(Answer::Sent { id, .. }) => acknowledgement(ack, &Kept { message_id: id.0 }),
            Ok(_) => return Vec::new(),
            Err(refusal) => acknowledgement(ack, &refused(refusal)),
        };
        vec![Step::Send(words)]
    }
}

/// A refusal in the words of the dialect. It has one of its own; the others are told by their codes, and why.
fn refused(refusal: &Refusal) -> Refused<'static> {
    match refusal {
        Refusal::UnknownUser => Refused { error: "user_not_found", message: None, retry_after_ms: None },
        other => Refused {
            error: other.code(),
            message: Some(worded(other, &FIELDS)),
            retry_after_ms: other.retry_after_ms(),
        },
    }
}
