//! What clients are told.

use serde::Serialize;

use super::said::{Request, UNASKED, Wish, acknowledged};
use super::seat::Seen;
use super::words::{ADMIN, must_log_in_again};
use crate::domain::{Refusal, Status};
use crate::protocol::legacy::named_events::{acknowledgement, event, worded};
use crate::protocol::{Step, Tag};

/// What is said of a token that speaks for nobody, or for somebody else than whom it is said to speak for.
const INVALID_JWT: &str = "Invalid JWT";

/// What our fields are called here.
const FIELDS: [(&str, &str); 2] = [("text", "content"), ("username", "conversation_room")];

/// What a client is told of a message.
#[derive(Serialize)]
struct Received<'a> {
    sender: &'a str,
    content: &'a str,
}

/// What a client is told of somebody who came or went.
#[derive(Serialize)]
struct Whose<'a> {
    username: &'a str,
}

/// An acknowledgement.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a> {
    Result(&'a str),
    Error(&'a str),
}

/// Says no. To whoever sends with a token that is no good, Admin says what to do.
pub(super) fn refuse(request: &Request, refusal: Refusal) -> Vec<Step> {
    match refusal {
        Refusal::Unauthenticated => {}
        Refusal::Invalid(_) | Refusal::TooLarge(_) => return vec![Step::Wrong(Some(request.tag().into()), refusal)],
        refusal => return tell_refusal(request.tag(), &refusal),
    }
    let mut steps = acknowledge(request.ack, &Outcome::Error(INVALID_JWT));
    if let Wish::Send { sender, .. } = &request.wish {
        steps.push(Step::Send(message(ADMIN, &must_log_in_again(sender))));
    }
    steps
}

/// Says no where an acknowledgement is asked for; otherwise Admin says it of a message, but for one to nobody.
pub(super) fn tell_refusal(tag: Tag, refusal: &Refusal) -> Vec<Step> {
    let words = worded(refusal, &FIELDS);
    match tag {
        UNASKED if *refusal != Refusal::UnknownUser => vec![Step::Send(message(ADMIN, &words))],
        tag => acknowledge(acknowledged(tag), &Outcome::Error(&words)),
    }
}

/// Says yes where an acknowledgement is asked for.
pub(super) fn agree(ack: Option<u64>) -> Vec<Step> {
    acknowledge(ack, &Outcome::Result("success"))
}

fn acknowledge(ack: Option<u64>, outcome: &Outcome<'_>) -> Vec<Step> {
    ack.map(|ack| Step::Send(acknowledgement(ack, outcome))).into_iter().collect()
}

/// A message.
pub(super) fn message(sender: &str, content: &str) -> Vec<u8> {
    event("received_message", &Received { sender, content })
}

/// Somebody who came or went.
pub(super) fn sighting((_, username, status): &Seen) -> Step {
    let name = if *status == Status::Online { "new_user_online" } else { "user_has_gone_offline" };
    Step::Send(event(name, &Whose { username }))
}
