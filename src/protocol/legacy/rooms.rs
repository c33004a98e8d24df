//! The rooms dialect: one event in both directions, `message`, with a name and a text.
//!
//! Its clients know one room, so messages of a guest's other sessions appear in it too.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::named_event::{self, NamedEvent, ack, acknowledge, event, refusal_text, tag};
use crate::config::Limits;
use crate::domain::{Command, Dialect, Draft, Message, MessageKind, Refusal, RequestId, SessionId, Target, Text};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step};

const MESSAGE: &str = "message";
/// How the text of a notice ends, and its text in this dialect.
const NOTICES: [(&str, &str); 2] = [(" has entered", "has entered the room"), (" left", "has left the room")];

/// A `message` of the client.
#[derive(Deserialize)]
struct RoomMessageOut {
    data: String,
}

/// A `message` of the server.
#[derive(Serialize)]
struct RoomMessageIn<'a> {
    name: &'a str,
    message: &'a str,
}

pub(crate) struct RoomsProtocol {
    room: SessionId,
    text_bytes: usize,
}

impl RoomsProtocol {
    pub(crate) const fn new(room: SessionId, limits: &Limits) -> Self {
        Self { room, text_bytes: limits.text_bytes }
    }

    fn receive_event(&self, event: NamedEvent<'_>) -> Vec<Step> {
        let request = Some(tag(event.ack).into());
        vec![match self.draft(event) {
            Ok(draft) => Step::Execute(request, Command::Send(draft)),
            Err(refusal) => Step::RejectMalformed(request, refusal),
        }]
    }

    fn draft(&self, event: NamedEvent<'_>) -> Result<Draft, Refusal> {
        let text = Text::parse(event.deserialize::<RoomMessageOut>()?.data, self.text_bytes)?;
        Ok(Draft { target: Target::Session(Some(self.room)), text, key: None, reply_to: None })
    }
}

impl Protocol for RoomsProtocol {
    fn dialect(&self) -> Dialect {
        Dialect::Rooms
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Replay { all_sessions: false }
    }

    fn receive(&mut self, frame: ClientFrame<'_>, _: FrameContext<'_>) -> Option<Vec<Step>> {
        named_event::receive(frame, |name| name == MESSAGE, |event| self.receive_event(event))
    }

    fn start(&mut self, _: Option<&RequestId>, _: InitialState<'_>, _: Instant) -> Vec<Step> {
        vec![Step::StartReplay]
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        let Response::Outcome(outcome) = response else { return Vec::new() };
        // The dialect documents no acknowledgements, but its clients may request them.
        let result = match outcome {
            Ok(_) => json!({"result": "success"}),
            Err(refusal) => json!({"error": refusal_text(refusal, &[("text", "data")])}),
        };
        acknowledge(ack(request.and_then(RequestId::number)), &result)
    }

    fn encode_message(&self, message: &Message) -> Option<Vec<u8>> {
        if message.deleted {
            return None;
        }
        let name = message.shown.as_ref();
        let rest = message.text.strip_prefix(name).filter(|_| message.kind == MessageKind::Notice);
        let notice = rest.and_then(|rest| NOTICES.iter().find(|(end, _)| *end == rest));
        let text = notice.map_or(message.text.as_str(), |(_, text)| text);
        Some(event(MESSAGE, &RoomMessageIn { name, message: text }))
    }
}
