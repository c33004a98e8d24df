//! What the dialects of older systems have in common: a connection's state in each of them is a [`Translation`], from what
//! its client says to commands and from what happens to what it is told.
//!
//! Pure: no clock and no I/O. What is to be done is given back as [`Step`]s, and carried out by the connection with the same
//! desks and the same ChatServer as for every other dialect. So no rule stands here.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Instant;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{
    Answer, Claim, Command, Conversation, Disconnect, Event, Identity, Message, Refusal, SessionId, User, malformed,
};
use crate::socketio::codec::packet::{self, Namespace};

/// The translation's own name for something that it waits for.
pub type Tag = u64;

/// What follows from something that was said or that happened.
#[derive(Debug)]
pub enum Step {
    /// Tells the client: a packet of the namespace `/`, or the text of a frame.
    Tell(Vec<u8>),
    /// From here on messages are told: those that wait first. Said once for each arrival, when the client is ready for them.
    TellMessages,
    /// Does this for the client; the outcome comes back to [`Translation::answered`].
    Do(Tag, Command),
    /// Looks whom a token speaks for. The outcome comes back to [`Translation::recognised`]; until then nothing more is heard.
    Recognise(Tag, Claim),
    /// The connection is this user's from now on, whosever it was before. [`Translation::begin`] or a refusal in
    /// [`Translation::answered`] follows, under this number; until then nothing more is heard.
    Arrive(Tag, Box<Identity>),
    /// The same with a token that has not been looked at, or without one where the handshake carried it.
    ArriveWith(Tag, Option<Claim>),
    /// The client has said what is no word of the dialect. The tenth in a row ends the connection.
    Wrong(Option<Tag>, Refusal),
    /// The token ends, and with it the connection's part in everything; [`Translation::ended`] follows, and until then nothing
    /// more is heard.
    EndToken,
    /// Another login ends than the one by which the connection takes part. The outcome comes back to
    /// [`Translation::answered`]; until then nothing more is heard.
    EndLogin(Tag, Box<Identity>),
    /// The connection ends.
    Close(Disconnect),
}

/// What a connection that takes part begins with.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Whose connection it is.
    pub me: &'a User,
    /// All direct sessions, and the room for which a guest is here; of the sessions dialect all sessions but the lobby.
    pub conversations: &'a [Conversation],
    /// Every session they are in.
    pub sessions: &'a HashSet<SessionId>,
}

/// What a client says: an event, or a frame that is named by its `type`.
#[derive(Clone, Copy)]
pub struct Heard<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its first argument, or the whole frame, as JSON.
    pub json: &'a str,
    /// The number under which an acknowledgement is asked for.
    pub ack: Option<u64>,
}

impl Heard<'_> {
    /// What it says.
    ///
    /// # Errors
    /// `invalid_request` naming the field where it does not say that.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
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

/// One connection in the words of an older system.
pub trait Translation {
    /// The connection takes part; what happened since it was let in follows.
    fn begin(&mut self, tag: Tag, arrival: Arrival<'_>, now: Instant) -> Vec<Step>;

    /// True for the name of something that a client may say. Everything else is ignored: these clients say what their own
    /// server knew.
    fn knows(&self, name: &str) -> bool;

    /// What the client says, under a name that the dialect [knows](Self::knows).
    fn hear(&mut self, said: Heard<'_>, now: Instant) -> Vec<Step>;

    /// A message as the client is told of it; `None` where it is not told.
    fn message(&self, message: &Message) -> Option<Vec<u8>>;

    /// What happened, messages apart.
    fn told(&mut self, event: &Event, now: Instant) -> Vec<Step>;

    /// What became of what was asked for under `tag`; `None`: of something that the connection itself refused.
    fn answered(&mut self, tag: Option<Tag>, outcome: &Result<Answer, Refusal>) -> Vec<Step>;

    /// Whom a token speaks for.
    fn recognised(&mut self, tag: Tag, who: Result<Identity, Refusal>, now: Instant) -> Vec<Step> {
        let _ = (tag, who, now);
        Vec::new()
    }

    /// The token has ended: the connection takes part in nothing any more, but goes on. Only where [`Self::outlives_its_token`].
    fn ended(&mut self) -> Vec<Step> {
        Vec::new()
    }

    /// True where the connection does not end with its token.
    fn outlives_its_token(&self) -> bool {
        false
    }

    /// When [`Self::tick`] has something to do; `None`: not before something else happens.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Does what is due by `now`.
    fn tick(&mut self, now: Instant) -> Vec<Step> {
        let _ = now;
        Vec::new()
    }
}

/// The tag of what is answered where an acknowledgement is asked for: its number and one, so that 0 is none.
pub const fn tag(ack: Option<u64>) -> Tag {
    match ack {
        Some(ack) => ack.saturating_add(1),
        None => 0,
    }
}

/// The number of the acknowledgement that was asked for under such a tag.
pub fn ack(tag: Option<Tag>) -> Option<u64> {
    tag.and_then(|tag| tag.checked_sub(1))
}

/// The name of a frame: its `type`.
///
/// # Errors
/// `invalid_request` for what is no JSON object, or has none.
pub fn frame_type(frame: &str) -> Result<Cow<'_, str>, Refusal> {
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
pub fn worded(refusal: &Refusal, names: &[(&str, &str)]) -> String {
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
pub fn event(name: &str, argument: &impl Serialize) -> Vec<u8> {
    let mut to = Vec::with_capacity(128);
    packet::event(&Namespace::main(), None, name, &mut to, |to| write(to, argument));
    to
}

/// The packet that acknowledges an event with one argument.
pub fn acknowledgement(ack: u64, argument: &impl Serialize) -> Vec<u8> {
    let mut to = Vec::with_capacity(64);
    packet::acknowledge(&Namespace::main(), ack, &mut to, |to| write(to, argument));
    to
}

fn write(to: &mut Vec<u8>, argument: &impl Serialize) {
    // Writing to memory cannot fail, and what is said here can all be serialized.
    let written = serde_json::to_writer(to, argument);
    debug_assert!(written.is_ok());
}
