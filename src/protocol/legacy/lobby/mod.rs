//! The lobby dialect: the list of active users, and messages to one of them or to all. All participants receive a message as
//! the same event, the sender too, as its confirmation.

mod active_users;
mod receivers;
#[cfg(test)]
mod tests;

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::named_event::{self, NamedEvent, ack, acknowledge, event, refusal_text, tag};
use crate::domain::{
    Answer, Command, Dialect, Draft, Event, Message, MessageKind, Refusal, RequestId, SessionId, Text,
};
use crate::protocol::{CatchUp, ClientFrame, FrameContext, InitialState, Protocol, Response, Step};
use active_users::RosterDiff;
use receivers::Receivers;

/// The receiver of messages to all. Reserved: no username.
const GROUP: &str = "group";

const MESSAGE_OUT: &str = "message_out";
const MESSAGE_IN: &str = "message_in";
const USER_CHANGE_OUT: &str = "user_change_out";
const USER_CHANGE_IN: &str = "user_change_in";

/// The dialect's names for native fields.
const FIELDS: [(&str, &str); 2] = [("text", "message_text"), ("username", "receiver")];

#[derive(Deserialize)]
struct MessageOut {
    receiver: String,
    message_text: String,
}

#[derive(Serialize)]
struct MessageIn<'a> {
    sender: &'a str,
    receiver: &'a str,
    message_id: i64,
    message_text: &'a str,
}

/// A client announces whether it is active; the acknowledgement repeats it.
#[derive(Serialize, Deserialize)]
struct UserChangeOut {
    active: bool,
}

#[derive(Serialize)]
struct RefusalAck {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl From<&Refusal> for RefusalAck {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::UnknownUser => Self { error: "user_not_found", message: None, retry_after_ms: None },
            other => Self {
                error: other.code(),
                message: Some(refusal_text(other, &FIELDS)),
                retry_after_ms: other.retry_after_ms(),
            },
        }
    }
}

pub(crate) struct LobbyProtocol {
    receivers: Receivers,
    active_users: RosterDiff,
    text_bytes: usize,
}

impl LobbyProtocol {
    /// `lobby`: `None` where it is disabled. `text_bytes`: the limit of a text.
    pub(crate) fn new(lobby: Option<SessionId>, text_bytes: usize) -> Self {
        Self { receivers: Receivers::new(lobby), active_users: RosterDiff::default(), text_bytes }
    }

    fn receive_event(&self, event: NamedEvent<'_>) -> Vec<Step> {
        let steps = if event.name == MESSAGE_OUT { self.send(event) } else { self.change_user(event) };
        steps.unwrap_or_else(|refusal| vec![Step::RejectMalformed(Some(tag(event.ack).into()), refusal)])
    }

    fn send(&self, event: NamedEvent<'_>) -> Result<Vec<Step>, Refusal> {
        let MessageOut { receiver, message_text } = event.deserialize()?;
        let text = Text::parse(message_text, self.text_bytes)?;
        let draft = Draft { target: self.receivers.target(&receiver), text, key: None, reply_to: None };
        Ok(vec![Step::Execute(Some(tag(event.ack).into()), Command::Send(draft))])
    }

    fn change_user(&self, event: NamedEvent<'_>) -> Result<Vec<Step>, Refusal> {
        let change: UserChangeOut = event.deserialize()?;
        let mut steps = acknowledge(event.ack, &change);
        if !change.active {
            steps.push(Step::Execute(Some(tag(None).into()), Command::Goodbye));
        }
        Ok(steps)
    }
}

fn is_known(event: &str) -> bool {
    [MESSAGE_OUT, USER_CHANGE_OUT].contains(&event)
}

impl Protocol for LobbyProtocol {
    fn dialect(&self) -> Dialect {
        Dialect::Lobby
    }

    fn catch_up(&self) -> CatchUp {
        CatchUp::Replay { all_sessions: false }
    }

    fn receive(&mut self, frame: ClientFrame<'_>, _: FrameContext<'_>) -> Option<Vec<Step>> {
        named_event::receive(frame, is_known, |event| self.receive_event(event))
    }

    fn start(&mut self, _: Option<&RequestId>, state: InitialState<'_>, _: Instant) -> Vec<Step> {
        let InitialState::Replay(context) = state else { return Vec::new() };
        self.receivers.reset(context);
        vec![Step::StartReplay]
    }

    fn respond(&mut self, request: Option<&RequestId>, response: Response<'_>) -> Vec<Step> {
        let Response::Outcome(outcome) = response else { return Vec::new() };
        let ack = ack(request.and_then(RequestId::number));
        match outcome {
            Ok(Answer::Sent { id, .. }) => acknowledge(ack, &json!({"message_id": id.0})),
            Ok(_) => Vec::new(),
            Err(refusal) => acknowledge(ack, &RefusalAck::from(refusal)),
        }
    }

    fn encode_message(&self, message: &Message) -> Option<Vec<u8>> {
        if message.deleted || message.kind == MessageKind::Notice {
            return None;
        }
        let message_in = MessageIn {
            sender: &message.username,
            receiver: &self.receivers.receiver(message),
            message_id: message.id.0,
            message_text: &message.text,
        };
        Some(event(MESSAGE_IN, &message_in))
    }

    fn handle_event(&mut self, domain_event: &Event, _: Instant) -> Vec<Step> {
        match domain_event {
            Event::LobbyRoster(active) => {
                let update = self.active_users.update(active, self.receivers.me());
                let step = update.map(|users| Step::Send(event(USER_CHANGE_IN, &json!({"users": users}))));
                return step.into_iter().collect();
            }
            Event::SessionAdded(session) => self.receivers.add(session),
            Event::SessionRemoved { session, .. } => self.receivers.remove(*session),
            _ => {}
        }
        Vec::new()
    }
}
