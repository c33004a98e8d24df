//! Keys of sends: a retry is recognised by its key, and told from another message under the same key by what it says.

use crate::store::limited::Limited;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::schema::messages;
use super::{Db, Error};
use crate::model::{Answer, Draft, Key, MessageId, Refusal, SessionId, Time, UserId};

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
    let row: Option<(MessageId, i64, i64, Time, Option<i64>)> = messages::table
        .filter(messages::session_id.eq(session))
        .filter(messages::sender_id.eq(sender))
        .filter(messages::key.eq(key.as_str()))
        .select((messages::id, messages::seq, messages::rev, messages::at, messages::fingerprint))
        .one(db)
        .optional()?;
    match row {
        None => Ok(None),
        Some((.., first)) if first != fingerprint => Err(Refusal::KeyConflict.into()),
        Some((id, seq, rev, at, _)) => Ok(Some(Answer::Sent { session, id, seq, rev, at, duplicate: true })),
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
