//! Frames of the server: the JSON of each, without the WebSocket frame around it.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::words::Tell;
use crate::domain::reply::{Hits, InviteAnswer, Invites, Members, Messages, Presence, SessionAnswer, Sessions, Step};
use crate::domain::{Answer, Event, MemberChange, Receipt, Refusal, Removal, RequestId, Resync, SessionId, Time};

/// What a list answers beside its `id`.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Listing {
    /// To `history`.
    Messages(Messages),
    /// To `sessions`.
    Sessions(Sessions),
    /// To `members`.
    Members(Members),
    /// To `search`.
    Hits(Hits),
    /// To `invites`.
    Invites(Invites),
}

impl Listing {
    /// Leaves out what belongs to sessions that one has gone from since it was read.
    pub(crate) fn forget(&mut self, parted: &HashSet<SessionId>) {
        match self {
            Self::Sessions(page) => page.sessions.retain(|session| !parted.contains(&session.id)),
            Self::Hits(page) => page.messages.retain(|hit| !parted.contains(&hit.message.session)),
            Self::Messages(_) | Self::Members(_) | Self::Invites(_) => {}
        }
    }
}

/// A kept message's place.
#[derive(Serialize, ToSchema)]
pub(super) struct Sent {
    /// Where.
    session: SessionId,
    /// Its name and place there.
    seq: i64,
    /// Its step.
    rev: i64,
    /// When it was kept.
    at: Time,
    /// It had been kept before, under the same key.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

/// Somebody came, went or has another role.
#[derive(Serialize, ToSchema)]
pub(super) struct Moved<'a> {
    /// Where.
    session: SessionId,
    #[serde(flatten)]
    change: &'a MemberChange,
}

/// A session is called otherwise.
#[derive(Serialize, ToSchema)]
pub(super) struct Renamed<'a> {
    /// Which.
    session: SessionId,
    /// The step.
    rev: i64,
    /// Its title now.
    title: &'a str,
    /// A room's code now.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// A session is no longer mine.
#[derive(Serialize, ToSchema)]
pub(super) struct Removed {
    /// Which.
    session: SessionId,
    /// Why.
    reason: Removal,
}

/// Somebody's marks.
#[derive(Serialize, ToSchema)]
pub(super) struct Marked<'a> {
    /// Where.
    session: SessionId,
    #[serde(flatten)]
    receipt: &'a Receipt,
}

/// Somebody is writing.
#[derive(Serialize, ToSchema)]
pub(super) struct Typing<'a> {
    /// Where.
    session: SessionId,
    /// Who.
    username: &'a str,
}

/// A refusal.
#[derive(Serialize, ToSchema)]
pub(super) struct No<'a> {
    /// What is wrong, for programs. Stable.
    code: &'a str,
    /// What is wrong, for people.
    message: String,
    /// After how long trying again helps; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// The frame of an event, added to `to`; false where the event is not said to connections.
pub(crate) fn event(event: &Event, to: &mut Vec<u8>) -> bool {
    match event {
        Event::Posted(message) => tagged(to, Tell::Message, None, Some(message.as_ref())),
        Event::Changed(message) => tagged(to, Tell::MessageChanged, None, Some(message.as_ref())),
        Event::Member { session, change } => {
            tagged(to, Tell::Member, None, Some(&Moved { session: *session, change }));
        }
        Event::SessionChanged { session, rev, title, code } => {
            let body = Renamed { session: *session, rev: *rev, title, code: code.as_deref() };
            tagged(to, Tell::SessionChanged, None, Some(&body));
        }
        Event::SessionRemoved { session, reason, .. } => {
            tagged(to, Tell::SessionRemoved, None, Some(&Removed { session: *session, reason: *reason }));
        }
        Event::SessionAdded(session) => {
            tagged(to, Tell::SessionAdded, None, Some(&SessionAnswer::from(session.as_ref())))
        }
        Event::Marked { session, receipt } => {
            tagged(to, Tell::Receipt, None, Some(&Marked { session: *session, receipt }));
        }
        Event::Typing { session, username } => {
            tagged(to, Tell::Typing, None, Some(&Typing { session: *session, username }))
        }
        Event::Presence { username, status, last_seen, .. } => {
            let body = Presence { username: username.as_ref().into(), status: *status, last_seen: *last_seen };
            tagged(to, Tell::Presence, None, Some(&body));
        }
        Event::Invited(invite) => tagged(to, Tell::Invite, None, Some(&InviteAnswer::from(invite.as_ref()))),
        Event::InviteAnswered(invite) => {
            tagged(to, Tell::InviteAnswered, None, Some(&InviteAnswer::from(invite.as_ref())))
        }
        Event::Answered(reply) => return answer(reply.reference.as_ref(), &reply.outcome, to),
        Event::Sighted(_)
        | Event::Active(_)
        | Event::Acquainted { .. }
        | Event::BlockChanged { .. }
        | Event::Parted(_)
        | Event::InviteDeferred(_)
        | Event::Vanishing { .. }
        | Event::Expected { .. }
        | Event::RoomOverdue { .. }
        | Event::GuestOverdue(_)
        | Event::TokenEnded(_)
        | Event::CaughtUp => {
            return false;
        }
    }
    true
}

/// The frame of an answer to the command `id`, added to `to`; false where nobody waits for it: a mark without a name is
/// answered only when refused.
pub(super) fn answer(id: Option<&RequestId>, outcome: &Result<Answer, Refusal>, to: &mut Vec<u8>) -> bool {
    match outcome {
        Err(refusal) => error(id, refusal, to),
        Ok(Answer::Sent { session, seq, rev, at, duplicate, .. }) => {
            let body = Sent { session: *session, seq: *seq, rev: *rev, at: *at, duplicate: *duplicate };
            tagged(to, Tell::Ok, id, Some(&body));
        }
        Ok(Answer::Changed(rev)) => tagged(to, Tell::Ok, id, Some(&Step { rev: *rev })),
        Ok(Answer::Session(session)) => tagged(to, Tell::Ok, id, Some(&SessionAnswer::from(session.as_ref()))),
        Ok(Answer::Invite(invite)) => tagged(to, Tell::Ok, id, Some(&InviteAnswer::from(invite.as_ref()))),
        Ok(Answer::Marked { .. }) if id.is_none() => return false,
        Ok(Answer::Marked { .. } | Answer::Done) => tagged::<()>(to, Tell::Ok, id, None),
        Ok(Answer::Pong) => tagged::<()>(to, Tell::Pong, id, None),
    }
    true
}

/// The frame of a refusal, added to `to`.
pub(crate) fn error(id: Option<&RequestId>, refusal: &Refusal, to: &mut Vec<u8>) {
    let no = No { code: refusal.code(), message: refusal.to_string(), retry_after_ms: refusal.retry_after_ms() };
    tagged(to, Tell::Error, id, Some(&no));
}

/// The answer to a list, added to `to`.
pub(super) fn listing(id: Option<&RequestId>, listing: &Listing, to: &mut Vec<u8>) {
    tagged(to, Tell::Ok, id, Some(listing));
}

/// The answer to one session of a `sync`, added to `to`.
pub(super) fn resync(resync: &Resync, to: &mut Vec<u8>) {
    write(to, resync);
}

/// Writes `{"type":…,"id":…,` and the fields of `body`, which must have one at least.
pub(super) fn tagged<T: Serialize>(to: &mut Vec<u8>, kind: Tell, id: Option<&RequestId>, body: Option<&T>) {
    to.extend_from_slice(b"{\"type\":\"");
    to.extend_from_slice(kind.as_str().as_bytes());
    to.push(b'"');
    if let Some(id) = id {
        to.extend_from_slice(b",\"id\":");
        write(to, id);
    }
    match body {
        None => to.push(b'}'),
        Some(body) => {
            // The body's own brace becomes the comma between the tag and its first field: one pass, and no map in
            // between as serde's `flatten` would make.
            let brace = to.len();
            write(to, body);
            if let Some(byte) = to.get_mut(brace) {
                *byte = b',';
            }
        }
    }
}

fn write<T: Serialize + ?Sized>(to: &mut Vec<u8>, body: &T) {
    // Writing to memory cannot fail, and no type here refuses to be serialized.
    let written = serde_json::to_writer(to, body);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Message, UserId, sample};

    fn said(what: impl Fn(&mut Vec<u8>)) -> String {
        let mut to = Vec::new();
        what(&mut to);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn a_message_is_said_flat() {
        let plain = sample::message(SessionId(1), UserId(4), "avi");
        let message = Message { seq: 2, rev: 3, text: "hi \"you\"".to_owned(), reply_to: Some(1), ..plain };
        let frame = said(|to| assert!(event(&Event::Posted(message.clone().into()), to)));
        assert_eq!(
            frame,
            r#"{"type":"message","session":"0000000000001","seq":2,"rev":3,"sender":"0000000000004","username":"avi","kind":"text","text":"hi \"you\"","at":"1970-01-01T00:00:00.000Z","reply_to":1}"#
        );
    }

    #[test]
    fn answers_carry_the_name_of_their_command() {
        let id = RequestId::Text("\"7".to_owned());
        let frame = said(|to| assert!(answer(Some(&id), &Ok(Answer::Done), to)));
        assert_eq!(frame, r#"{"type":"ok","id":"\"7"}"#);
        let frame = said(|to| assert!(answer(Some(&id), &Err(Refusal::RateLimited(250)), to)));
        assert_eq!(
            frame,
            r#"{"type":"error","id":"\"7","code":"rate_limited","message":"Too many requests. Try again later.","retry_after_ms":250}"#
        );
    }
}
