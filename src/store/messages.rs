//! Reading the table `messages`. Writing it is [`super::append`]'s.

use diesel::prelude::*;

use super::schema::{messages, users};
use super::{Db, Error};
use crate::model::{Message, MessageKind, SessionId, Time, UserId};

pub(super) type Row = (i64, i64, i64, i64, i16, String, i64, Option<i64>, String);

pub(super) type Columns = (
    messages::session_id,
    messages::seq,
    messages::rev,
    messages::sender_id,
    messages::kind,
    messages::text,
    messages::at,
    messages::reply_to,
    users::username,
);

/// The columns of a [`Message`], from `messages` joined with its sender.
pub(super) const COLUMNS: Columns = (
    messages::session_id,
    messages::seq,
    messages::rev,
    messages::sender_id,
    messages::kind,
    messages::text,
    messages::at,
    messages::reply_to,
    users::username,
);

/// The message of a row.
pub(super) fn message((session, seq, rev, sender, kind, text, at, reply_to, username): Row) -> Message {
    Message {
        session: SessionId(session),
        seq,
        rev,
        sender: UserId(sender),
        username,
        kind: if kind == 1 { MessageKind::Notice } else { MessageKind::Text },
        text,
        at: Time(at),
        reply_to,
        mentions: Vec::new(),
        edited_at: None,
        deleted: false,
        reactions: crate::model::Reactions::default(),
        cut: false,
    }
}

/// Which part of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The newest below this `seq`; `i64::MAX` for the newest of all.
    Before(i64),
    /// The oldest above this `seq`.
    After(i64),
}

/// Messages ascending by `seq`, at most `limit` of them and about `bytes` in all, and whether nothing lies further that
/// way. The caller has looked at membership.
pub fn list(
    db: &mut Db,
    session: SessionId,
    span: Span,
    limit: i64,
    bytes: usize,
) -> Result<(Vec<Message>, bool), Error> {
    let all = messages::table.inner_join(users::table).filter(messages::session_id.eq(session.0)).select(COLUMNS);
    let rows: Vec<Row> = match span {
        Span::Before(seq) => all.filter(messages::seq.lt(seq)).order(messages::seq.desc()).limit(limit + 1).load(db)?,
        Span::After(seq) => all.filter(messages::seq.gt(seq)).order(messages::seq.asc()).limit(limit + 1).load(db)?,
    };
    let (mut page, complete) = fit(rows.into_iter().map(message), limit, bytes);
    if matches!(span, Span::Before(_)) {
        page.reverse();
    }
    Ok((page, complete))
}

/// As many of `all` as a page may hold, at least one, and whether that was all.
pub(super) fn fit(all: impl Iterator<Item = Message>, limit: i64, bytes: usize) -> (Vec<Message>, bool) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let (mut page, mut size) = (Vec::new(), 0_usize);
    for message in all {
        // JSON writes what it escapes in two bytes for one (texts have no other control characters); the fields beside the
        // text need less than 512.
        let escaped = message.text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\t')).count();
        size += message.text.len() + escaped + 512;
        if page.len() == limit || (size > bytes && !page.is_empty()) {
            return (page, false);
        }
        page.push(message);
    }
    (page, true)
}
