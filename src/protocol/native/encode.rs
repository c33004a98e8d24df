//! Encoding of the server's frames as JSON, without the WebSocket frame.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::frame_types::ServerFrame;
use crate::domain::reply::{Hits, InviteAnswer, Invites, Members, Messages, Presence, SessionAnswer, Sessions, Step};
use crate::domain::{Answer, Event, MemberChange, Receipt, Refusal, Removal, RequestId, Resync, SessionId, Time};
use crate::protocol::json::write;

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum ListPage {
    Messages(Messages),
    Sessions(Sessions),
    Members(Members),
    Hits(Hits),
    Invites(Invites),
}

impl ListPage {
    /// Removes entries of sessions that the user has left since the page was read.
    pub(crate) fn forget(&mut self, parted: &HashSet<SessionId>) {
        match self {
            Self::Sessions(page) => page.sessions.retain(|session| !parted.contains(&session.id)),
            Self::Hits(page) => page.messages.retain(|hit| !parted.contains(&hit.message.session)),
            Self::Messages(_) | Self::Members(_) | Self::Invites(_) => {}
        }
    }
}

/// A stored message.
#[derive(Serialize, ToSchema)]
pub(super) struct Sent {
    /// The session.
    session: SessionId,
    /// Its number in the session.
    seq: i64,
    /// The `rev` of the change.
    rev: i64,
    /// When it was stored.
    at: Time,
    /// It had been stored before, under the same key.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

/// A member joined, left or has another role.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberFrame<'a> {
    /// The session.
    session: SessionId,
    #[serde(flatten)]
    change: &'a MemberChange,
}

/// A session has another title or code.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionChangedFrame<'a> {
    /// The session.
    session: SessionId,
    /// The `rev` of the change.
    rev: i64,
    /// Its present title.
    title: &'a str,
    /// The present code of a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// The user is no longer a member of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionRemovedFrame {
    /// The session.
    session: SessionId,
    /// The reason.
    reason: Removal,
}

/// The marks of a member.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptFrame<'a> {
    /// The session.
    session: SessionId,
    #[serde(flatten)]
    receipt: &'a Receipt,
}

/// A member is typing.
#[derive(Serialize, ToSchema)]
pub(super) struct TypingFrame<'a> {
    /// The session.
    session: SessionId,
    /// The member.
    username: &'a str,
}

/// A refusal.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorFrame<'a> {
    /// A stable code, for programs.
    code: &'a str,
    /// A text for people.
    message: String,
    /// Milliseconds until a retry may succeed; left out where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// Appends the frame of an event; false where the event is not sent to connections.
pub(crate) fn event(event: &Event, to: &mut Vec<u8>) -> bool {
    match event {
        Event::Posted(message) => frame(to, ServerFrame::Message, message.as_ref()),
        Event::Changed(message) => frame(to, ServerFrame::MessageChanged, message.as_ref()),
        Event::Member { session, change } => frame(to, ServerFrame::Member, &MemberFrame { session: *session, change }),
        Event::SessionChanged { session, rev, title, code } => {
            let body = SessionChangedFrame { session: *session, rev: *rev, title, code: code.as_deref() };
            frame(to, ServerFrame::SessionChanged, &body);
        }
        Event::SessionRemoved { session, reason, .. } => {
            frame(to, ServerFrame::SessionRemoved, &SessionRemovedFrame { session: *session, reason: *reason });
        }
        Event::SessionAdded(session) => {
            frame(to, ServerFrame::SessionAdded, &SessionAnswer::from(session.as_ref()));
        }
        Event::Marked { session, receipt } => {
            frame(to, ServerFrame::Receipt, &ReceiptFrame { session: *session, receipt });
        }
        Event::Typing { session, username } => {
            frame(to, ServerFrame::Typing, &TypingFrame { session: *session, username });
        }
        Event::Presence { username, status, last_seen } => {
            let body = Presence { username: username.as_ref().into(), status: *status, last_seen: *last_seen };
            frame(to, ServerFrame::Presence, &body);
        }
        Event::Invited(invite) => frame(to, ServerFrame::Invite, &InviteAnswer::from(invite.as_ref())),
        Event::InviteAnswered(invite) => frame(to, ServerFrame::InviteAnswered, &InviteAnswer::from(invite.as_ref())),
        Event::Reply(reply) => return answer(reply.request_id.as_ref(), &reply.outcome, to),
        Event::PresenceFeed(_) | Event::LobbyRoster(_) => return false,
    }
    true
}

/// Appends the reply to the command `id`; false where there is none: a mark without an id is answered only when refused.
pub(super) fn answer(id: Option<&RequestId>, outcome: &Result<Answer, Refusal>, to: &mut Vec<u8>) -> bool {
    match outcome {
        Err(refusal) => error(id, refusal, to),
        Ok(Answer::Sent { session, seq, rev, at, duplicate, .. }) => {
            let body = Sent { session: *session, seq: *seq, rev: *rev, at: *at, duplicate: *duplicate };
            tagged(to, ServerFrame::Ok, id, Some(&body));
        }
        Ok(Answer::Changed(rev)) => tagged(to, ServerFrame::Ok, id, Some(&Step { rev: *rev })),
        Ok(Answer::Session(session)) => tagged(to, ServerFrame::Ok, id, Some(&SessionAnswer::from(session.as_ref()))),
        Ok(Answer::Invite(invite)) => tagged(to, ServerFrame::Ok, id, Some(&InviteAnswer::from(invite.as_ref()))),
        Ok(Answer::Marked { .. }) if id.is_none() => return false,
        Ok(Answer::Marked { .. } | Answer::Done) => tagged::<()>(to, ServerFrame::Ok, id, None),
        Ok(Answer::Pong) => tagged::<()>(to, ServerFrame::Pong, id, None),
    }
    true
}

pub(crate) fn error(id: Option<&RequestId>, refusal: &Refusal, to: &mut Vec<u8>) {
    let frame =
        ErrorFrame { code: refusal.code(), message: refusal.to_string(), retry_after_ms: refusal.retry_after_ms() };
    tagged(to, ServerFrame::Error, id, Some(&frame));
}

pub(super) fn listing(id: Option<&RequestId>, listing: &ListPage, to: &mut Vec<u8>) {
    tagged(to, ServerFrame::Ok, id, Some(listing));
}

pub(super) fn resync(resync: &Resync, to: &mut Vec<u8>) {
    write(to, resync);
}

fn frame<T: Serialize>(to: &mut Vec<u8>, kind: ServerFrame, body: &T) {
    tagged(to, kind, None, Some(body));
}

/// Appends `{"type":…,"id":…,` and the fields of `body`, which must have at least one.
pub(super) fn tagged<T: Serialize>(to: &mut Vec<u8>, kind: ServerFrame, id: Option<&RequestId>, body: Option<&T>) {
    to.extend_from_slice(b"{\"type\":\"");
    to.extend_from_slice(kind.name().as_bytes());
    to.push(b'"');
    if let Some(id) = id {
        to.extend_from_slice(b",\"id\":");
        write(to, id);
    }
    match body {
        None => to.push(b'}'),
        Some(body) => {
            // The body's own brace becomes the comma before its first field. That is one pass, whereas serde's `flatten`
            // buffers in a map.
            let brace = to.len();
            write(to, body);
            if let Some(byte) = to.get_mut(brace) {
                *byte = b',';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Message, UserId, fixtures};

    fn encoded(encode: impl Fn(&mut Vec<u8>)) -> String {
        let mut to = Vec::new();
        encode(&mut to);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn the_fields_of_a_message_stand_beside_its_type() {
        let plain = fixtures::message(SessionId(1), UserId(4), "avi");
        let message = Message { seq: 2, rev: 3, text: "hi \"you\"".to_owned(), reply_to: Some(1), ..plain };
        let frame = encoded(|to| assert!(event(&Event::Posted(message.clone().into()), to)));
        assert_eq!(
            frame,
            r#"{"type":"message","session":"0000000000001","seq":2,"rev":3,"sender":"0000000000004","username":"avi","kind":"text","text":"hi \"you\"","at":"1970-01-01T00:00:00.000Z","reply_to":1}"#
        );
    }

    #[test]
    fn replies_carry_the_id_of_their_command() {
        let id = RequestId::Text("\"7".to_owned());
        let frame = encoded(|to| assert!(answer(Some(&id), &Ok(Answer::Done), to)));
        assert_eq!(frame, r#"{"type":"ok","id":"\"7"}"#);
        let frame = encoded(|to| assert!(answer(Some(&id), &Err(Refusal::RateLimited(250)), to)));
        assert_eq!(
            frame,
            r#"{"type":"error","id":"\"7","code":"rate_limited","message":"Too many requests. Try again later.","retry_after_ms":250}"#
        );
    }
}
