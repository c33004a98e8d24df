//! What the dialects of older systems have in common: their clients send named events and know no `rev`.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::Refusal;
use crate::protocol::json::{self, is_object};
use crate::protocol::{ClientFrame, Step, Tag};
use crate::socketio::codec::packet::{self, Namespace};

/// A Socket.IO event, or a WebSocket frame that is named by its `type`.
#[derive(Clone, Copy)]
pub(super) struct NamedEvent<'a> {
    pub name: &'a str,
    /// The first argument, or the whole frame.
    pub json: &'a str,
    /// The number of the acknowledgement that the client requests.
    pub ack: Option<u64>,
}

impl NamedEvent<'_> {
    /// Deserializes the JSON object; an error names the field.
    pub(super) fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let whole = format!("what `{}` carries", self.name);
        if !is_object(self.json) {
            return Err(Refusal::invalid(format!("{whole} must be an object")));
        }
        json::read(&whole, self.json)
    }
}

/// Decodes a frame and handles its event. Events with an unknown name are ignored: the clients send more than their dialect
/// needs.
pub(super) fn receive(
    frame: ClientFrame<'_>,
    is_known: impl Fn(&str) -> bool,
    handle: impl FnOnce(NamedEvent<'_>) -> Vec<Step>,
) -> Option<Vec<Step>> {
    let reject = |refusal| Some(vec![Step::RejectMalformed(None, refusal)]);
    let (name, json, ack) = match frame {
        ClientFrame::Text(text) => match frame_type(text) {
            Ok(name) => (name, text, None),
            Err(refusal) => return reject(refusal),
        },
        ClientFrame::Binary(_) => return reject(Refusal::invalid("binary frames are not supported; send text")),
        ClientFrame::Event(event) if !event.attachments.is_empty() && is_known(&event.name) => {
            return reject(Refusal::invalid("binary events are not supported; send text"));
        }
        ClientFrame::Event(event) => {
            let first = event.arguments().first().copied().map_or("null", RawValue::get);
            (Cow::Borrowed(event.name.as_str()), first, event.id)
        }
    };
    is_known(&name).then(|| handle(NamedEvent { name: &name, json, ack }))
}

/// The tag of a request whose client may request an acknowledgement; 0 where it does not.
pub(super) const fn tag(ack: Option<u64>) -> Tag {
    match ack {
        Some(ack) => ack.saturating_add(1),
        None => 0,
    }
}

/// The acknowledgement that a [`tag`] stands for.
pub(super) fn ack(tag: Option<Tag>) -> Option<u64> {
    tag.and_then(|tag| tag.checked_sub(1))
}

fn frame_type(frame: &str) -> Result<Cow<'_, str>, Refusal> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow)]
        r#type: Cow<'a, str>,
    }
    if !is_object(frame) {
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

/// The text of a refusal with the dialect's own names of fields (`names`: native, theirs), and without concepts that its
/// clients do not have, such as keys.
pub(super) fn refusal_text(refusal: &Refusal, names: &[(&str, &str)]) -> String {
    let text = match refusal {
        Refusal::Busy => "The server is overloaded. Nothing was stored; try again later.".to_owned(),
        Refusal::Unavailable => "The database is unavailable. Try again later.".to_owned(),
        Refusal::Unknown => "It is not known whether this was stored.".to_owned(),
        Refusal::Internal => "Something went wrong on the server. Try again later.".to_owned(),
        other => other.to_string(),
    };
    names.iter().fold(text, |text, (native, theirs)| text.replace(&format!("`{native}`"), &format!("`{theirs}`")))
}

/// The packet of an event with one argument.
pub(super) fn event(name: &str, argument: &impl Serialize) -> Vec<u8> {
    let mut to = Vec::with_capacity(128);
    packet::event(&Namespace::main(), name, &mut to, |to| json::write(to, argument));
    to
}

/// The step that acknowledges an event with one argument; none where no acknowledgement is requested.
pub(super) fn acknowledge(ack: Option<u64>, argument: &impl Serialize) -> Vec<Step> {
    let packet = |ack| {
        let mut to = Vec::with_capacity(64);
        packet::acknowledge(&Namespace::main(), ack, &mut to, |to| json::write(to, argument));
        Step::Send(to)
    };
    ack.map(packet).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_frame_without_a_type_is_refused() {
        for frame in ["", "hello", "[]", r#"["Auth"]"#, "{}", r#"{"type":1}"#, r#"{"type":"Auth""#] {
            assert!(matches!(frame_type(frame), Err(Refusal::Invalid(_))), "{frame}");
        }
        assert_eq!(frame_type(r#" {"a":[],"type":"Au\u0074h"}"#).unwrap(), "Auth");
    }

    proptest! {
        #[test]
        fn no_frame_makes_the_decoder_panic(frame in any::<String>()) {
            let _ = frame_type(&frame);
        }
    }
}
