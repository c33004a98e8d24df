//! Encoding of replies and events.

use serde::Serialize;
use serde_json::json;

use super::super::named_event::{acknowledge, event, refusal_text};
use super::login_state::PresenceChange;
use super::requests::{ADMIN_REPLY, ContactsEvent, ContactsRequest, ack};
use crate::domain::{Refusal, Status};
use crate::protocol::{Step, Tag};

/// The sender of the server's own messages.
pub(super) const ADMIN: &str = "Admin";

/// The error for a token that is invalid, or of another user than the event names.
const INVALID_JWT: &str = "Invalid JWT";

/// The dialect's names for native fields.
const FIELDS: [(&str, &str); 2] = [("text", "content"), ("username", "conversation_room")];

#[derive(Serialize)]
struct ReceivedMessage<'a> {
    sender: &'a str,
    content: &'a str,
}

/// Refuses a request. A message with an invalid token also receives instructions from Admin.
pub(super) fn refuse(request: &ContactsRequest, refusal: Refusal) -> Vec<Step> {
    match refusal {
        Refusal::Unauthenticated => {}
        Refusal::Invalid(_) | Refusal::TooLarge(_) => {
            return vec![Step::RejectMalformed(Some(request.tag().into()), refusal)];
        }
        refusal => return refuse_tag(request.tag(), &refusal),
    }
    let mut steps = acknowledge(request.ack, &json!({"error": INVALID_JWT}));
    if let ContactsEvent::Message(event) = &request.event {
        let sender = event.sender.as_deref().unwrap_or_default();
        steps.push(Step::Send(message(ADMIN, &must_log_in_again(sender))));
    }
    steps
}

/// Refuses by the acknowledgement. Without one Admin reports the refusal of a message, unless its receiver is unknown.
pub(super) fn refuse_tag(tag: Tag, refusal: &Refusal) -> Vec<Step> {
    let text = refusal_text(refusal, &FIELDS);
    match tag {
        ADMIN_REPLY if *refusal != Refusal::UnknownUser => vec![Step::Send(message(ADMIN, &text))],
        tag => acknowledge(ack(tag), &json!({"error": text})),
    }
}

/// Acknowledges success where that is requested.
pub(super) fn confirm(ack: Option<u64>) -> Vec<Step> {
    acknowledge(ack, &json!({"result": "success"}))
}

pub(super) fn message(sender: &str, content: &str) -> Vec<u8> {
    event("received_message", &ReceivedMessage { sender, content })
}

pub(super) fn presence((_, username, status): &PresenceChange) -> Step {
    let name = if *status == Status::Online { "new_user_online" } else { "user_has_gone_offline" };
    Step::Send(event(name, &json!({"username": **username})))
}

pub(super) fn must_log_in_again(username: &str) -> String {
    format!("Error! User '{username}' must disconnect, re login and reconnect so the conversation can be resumed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_admin_is_that_of_the_older_system() {
        let text = "Error! User 'Avi' must disconnect, re login and reconnect so the conversation can be resumed.";
        assert_eq!(must_log_in_again("Avi"), text);
    }
}
