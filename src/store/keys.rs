//! Keys of sends: a retry is recognised by its key, and told from another message under the same key by what it says.

use crate::store::limited::Limited;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::schema::messages;
use super::{Db, Error};
use crate::domain::{Answer, Draft, Key, MessageId, Refusal, SessionId, Time, UserId};

/// An earlier message with the same key.
#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct Known {
    id: MessageId,
    seq: i64,
    rev: i64,
    at: Time,
    fingerprint: Option<i64>,
}

/// What became of an earlier send with this key.
///
/// # Errors
/// `key_conflict` where it had another text or `reply_to`.
pub(super) fn known(
    db: &mut Db,
    session: SessionId,
    sender: UserId,
    key: Option<&Key>,
    fingerprint: Option<i64>,
) -> Result<Option<Answer>, Error> {
    let Some(key) = key else {
        return Ok(None);
    };
    let row: Option<Known> = messages::table
        .filter(messages::session_id.eq(session))
        .filter(messages::sender_id.eq(sender))
        .filter(messages::key.eq(key.as_str()))
        .select(Known::as_select())
        .one(db)
        .optional()?;
    match row {
        None => Ok(None),
        Some(known) if known.fingerprint != fingerprint => Err(Refusal::KeyConflict.into()),
        Some(Known { id, seq, rev, at, .. }) => Ok(Some(Answer::Sent { session, id, seq, rev, at, duplicate: true })),
    }
}

/// Tells one content from another after the text itself may have been edited away.
pub(super) fn fingerprint(draft: &Draft) -> i64 {
    let mut hash = Sha256::new();
    hash.update(draft.reply_to.unwrap_or_default().to_le_bytes());
    hash.update(draft.text.as_str());
    let mut first = [0_u8; 8];
    for (to, from) in first.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    i64::from_le_bytes(first)
}
