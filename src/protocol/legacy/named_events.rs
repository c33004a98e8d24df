//! What the dialects of older systems have in common: their clients send named events and know no `rev`. Each of them is an
//! [`EventProtocol`], and by that a [`Protocol`].

use std::borrow::Cow;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{Answer, Event, Identity, Message, Refusal, RequestId, Tongue, malformed};
use crate::protocol::{Arrival, Beginning, CatchUp, ClientFrame, Protocol, Received, Response, Step, Tag};
use crate::socketio::codec::packet::{self, Namespace};

/// What a client sends: an event, or a frame that is named by its `type`.
#[derive(Clone, Copy)]
pub(crate) struct NamedEvent<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its first argument, or the whole frame, as JSON.
    pub json: &'a str,
    /// The number under which an acknowledgement is asked for.
    pub ack: Option<u64>,
}

impl NamedEvent<'_> {
    /// What it says.
    ///
    /// # Errors
    /// `invalid_request` naming the field where it does not say that.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let whole = format!("what `{}` carries", self.name);
        // An array would pass for an object whose fields stand in order.
        if !self.json.trim_start().starts_with('{') {
            return Err(Refusal::invalid(format!("{whole} must be an object")));
        }
        let mut reader = serde_json::Deserializer::from_str(self.json);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            if error.inner().is_data() {
                malformed(&whole, &error.path().to_string(), &error.inner().to_string())
            } else {
                Refusal::invalid(format!("{whole} is not valid JSON"))
            }
        })
    }
}

/// One connection in the dialect of an older system.
pub(crate) trait EventProtocol {
    /// The dialect.
    fn dialect(&self) -> Tongue;

    /// True where it has words for every session and for invites, and not only for direct sessions.
    fn has_all_sessions(&self) -> bool {
        false
    }

    /// See [`Protocol::arrives_by_handshake`].
    fn arrives_by_handshake(&self) -> bool {
        false
    }

    /// The connection takes part; what happened since it was let in follows.
    fn begin(&mut self, arrival: Arrival<'_>, now: Instant) -> Vec<Step>;

    /// True for the name of something that a client may send. Everything else is ignored: these clients send what their own
    /// server knew.
    fn knows(&self, name: &str) -> bool;

    /// What follows from an event whose name the dialect [knows](Self::knows).
    fn receive_event(&mut self, event: NamedEvent<'_>, now: Instant) -> Vec<Step>;

    /// See [`Protocol::message`].
    fn message(&self, message: &Message) -> Option<Vec<u8>>;

    /// See [`Protocol::happened`].
    fn happened(&mut self, event: &Event, now: Instant) -> Vec<Step>;

    /// What became of what was asked for under `tag`; `None`: of something that the connection itself refused.
    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step>;

    /// See [`Protocol::recognised`].
    fn recognised(&mut self, tag: Tag, who: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        let _ = (tag, who, now);
        Vec::new()
    }

    /// See [`Protocol::ended`].
    fn ended(&mut self) -> Vec<Step> {
        Vec::new()
    }

    /// See [`Protocol::outlives_its_token`].
    fn outlives_its_token(&self) -> bool {
        false
    }

    /// See [`Protocol::due`].
    fn due(&self) -> Option<Instant> {
        None
    }

    /// See [`Protocol::tick`].
    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let _ = now;
        Vec::new()
    }
}

impl<T: EventProtocol> Protocol for T {
    fn dialect(&self) -> Tongue {
        EventProtocol::dialect(self)
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Replay { all_sessions: self.has_all_sessions() }
    }

    fn arrives_by_handshake(&self) -> bool {
        EventProtocol::arrives_by_handshake(self)
    }

    fn receive(&mut self, frame: ClientFrame<'_>, received: Received<'_>) -> Option<Vec<Step>> {
        let wrong = |refusal| Some(vec![Step::Wrong(None, refusal)]);
        let (name, json, ack) = match frame {
            ClientFrame::Text(text) => match frame_type(text) {
                Ok(name) => (name, text, None),
                Err(refusal) => return wrong(refusal),
            },
            ClientFrame::Binary(_) => return wrong(Refusal::invalid("binary frames are not supported; send text")),
            ClientFrame::Event(event) if !event.attachments.is_empty() && self.knows(&event.name) => {
                return wrong(Refusal::invalid("binary events are not supported; send text"));
            }
            ClientFrame::Event(event) => {
                let first = event.arguments().first().copied().map_or("null", RawValue::get);
                (Cow::Borrowed(event.name.as_str()), first, event.id)
            }
        };
        let event = NamedEvent { name: &name, json, ack };
        self.knows(event.name).then(|| self.receive_event(event, received.now))
    }

    fn begin(&mut self, _: Option<&RequestId>, beginning: Beginning<'_>, now: Instant) -> Vec<Step> {
        match beginning {
            Beginning::Replay(arrival) => EventProtocol::begin(self, arrival, now),
            Beginning::Snapshot(..) => Vec::new(),
        }
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        match response {
            Response::Outcome(outcome) => self.answered(request.and_then(RequestId::number), outcome),
            // Nothing is listed here, and nothing synced.
            Response::Listing(_) | Response::Resync(_) => Vec::new(),
        }
    }

    fn message(&self, message: &Message) -> Option<Vec<u8>> {
        EventProtocol::message(self, message)
    }

    fn happened(&mut self, event: &Event, now: Instant) -> Vec<Step> {
        EventProtocol::happened(self, event, now)
    }

    fn recognised(&mut self, tag: Tag, who: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        EventProtocol::recognised(self, tag, who, now)
    }

    fn ended(&mut self) -> Vec<Step> {
        EventProtocol::ended(self)
    }

    fn outlives_its_token(&self) -> bool {
        EventProtocol::outlives_its_token(self)
    }

    fn due(&self) -> Option<Instant> {
        EventProtocol::due(self)
    }

    fn tick(&mut self, now: Instant) -> Vec<Step> {
        EventProtocol::tick(self, now)
    }
}

/// The tag of what is answered where an acknowledgement is asked for: its number and one, so that 0 is none.
pub(crate) const fn tag(ack: Option<u64>) -> Tag {
    match ack {
        Some(ack) => ack.saturating_add(1),
        None => 0,
    }
}

/// The number of the acknowledgement that was asked for under such a tag.
pub(crate) fn ack(tag: Option<Tag>) -> Option<u64> {
    tag.and_then(|tag| tag.checked_sub(1))
}

/// The name of a frame: its `type`.
///
/// # Errors
/// `invalid_request` for what is no JSON object, or has none.
pub(crate) fn frame_type(frame: &str) -> Result<Cow<'_, str>, Refusal> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        r#type: Cow<'a, str>,
    }
    // An array would pass for an object whose fields stand in order.
    if !frame.trim_start().starts_with('{') {
        return Err(Refusal::invalid("a frame must be a JSON object"));
    }
    let typed = serde_json::from_str::<Typed<'_>>(frame);
    typed.map(|typed| typed.r#type).map_err(|error| {
        if error.is_data() {
            Refusal::invalid("a frame must have a `type`, a string")
        } else {
            Refusal::invalid("the frame is not valid JSON")
        }
    })
}

/// A refusal in the words of a dialect: fields under the names that they have there (`names`: ours, theirs), and nothing of
/// what its clients do not have, keys for example.
pub(crate) fn worded(refusal: &Refusal, names: &[(&str, &str)]) -> String {
    let words = match refusal {
        Refusal::Busy => "The server is overloaded. Nothing was stored; try again later.".to_owned(),
        Refusal::Unavailable => "The database is unavailable. Try again later.".to_owned(),
        Refusal::Unknown => "It is not known whether this was stored.".to_owned(),
        Refusal::Internal => "Something went wrong on the server. Try again later.".to_owned(),
        other => other.to_string(),
    };
    let name =
        |words: String, (ours, theirs): &(&str, &str)| words.replace(&format!("`{ours}`"), &format!("`{theirs}`"));
    names.iter().fold(words, name)
}

/// The packet of an event with one argument.
pub(crate) fn event(name: &str, argument: &impl Serialize) -> Vec<u8> {
    let mut to = Vec::with_capacity(128);
    packet::event(&Namespace::main(), None, name, &mut to, |to| write(to, argument));
    to
}

/// The packet that acknowledges an event with one argument.
pub(crate) fn acknowledgement(ack: u64, argument: &impl Serialize) -> Vec<u8> {
    let mut to = Vec::with_capacity(64);
    packet::acknowledge(&Namespace::main(), ack, &mut to, |to| write(to, argument));
    to
}

fn write(to: &mut Vec<u8>, argument: &impl Serialize) {
    // Writing to memory cannot fail, and what is said here can all be serialized.
    let written = serde_json::to_writer(to, argument);
    debug_assert!(written.is_ok());
}
