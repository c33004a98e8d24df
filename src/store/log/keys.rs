//! Idempotency keys of sends: a retry has a known key and the same content; other content under the same key is a conflict.

use sha2::{Digest, Sha256};

use super::posting::Posting;
use crate::domain::{Answer, Draft, Key, MessageId, Refusal, SessionId, Time, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::messages;

pub(super) struct SendKey<'a> {
    session: SessionId,
    sender: UserId,
    key: Option<(&'a Key, i64)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(super) struct StoredSend {
    pub id: MessageId,
    pub seq: i64,
    pub rev: i64,
    pub at: Time,
    pub fingerprint: Option<i64>,
}

impl<'a> SendKey<'a> {
    pub(super) fn of(session: SessionId, posting: &'a Posting) -> Self {
        let draft = &posting.draft;
        Self { session, sender: posting.sender, key: draft.key.as_ref().map(|key| (key, fingerprint(draft))) }
    }

    pub(super) const fn stored(&self) -> Option<(&'a Key, i64)> {
        self.key
    }

    /// The reply to an earlier send with this key. Fails with `key_conflict` where it had other content.
    pub(super) fn duplicate(&self, db: &mut Db) -> Result<Option<Answer>, Error> {
        let Some((key, fingerprint)) = self.key else { return Ok(None) };
        let row: Option<StoredSend> = messages::table
            .filter(messages::session_id.eq(self.session))
            .filter(messages::sender_id.eq(self.sender))
            .filter(messages::key.eq(key.as_str()))
            .select(StoredSend::as_select())
            .maybe(db)?;
        row.map(|stored| self.answer(&stored, fingerprint)).transpose()
    }

    /// What the send is looked up by, and the fingerprint of its content; `None` without a key.
    pub(super) fn name(&self) -> Option<((SessionId, UserId, Key), i64)> {
        let (key, fingerprint) = self.key?;
        Some(((self.session, self.sender, key.clone()), fingerprint))
    }

    /// The reply to the `stored` send. Fails with `key_conflict` where it had other content.
    pub(super) fn answer(&self, stored: &StoredSend, fingerprint: i64) -> Result<Answer, Error> {
        if stored.fingerprint != Some(fingerprint) {
            return Err(Refusal::KeyConflict.into());
        }
        let StoredSend { id, seq, rev, at, .. } = *stored;
        Ok(Answer::Sent { session: self.session, id, seq, rev, at, duplicate: true })
    }
}

/// Distinguishes contents, also after the text was edited.
fn fingerprint(draft: &Draft) -> i64 {
    let mut hash = Sha256::new();
    hash.update(draft.reply_to.unwrap_or_default().to_le_bytes());
    hash.update(draft.text.as_str());
    let mut first = [0_u8; 8];
    for (to, from) in first.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    i64::from_le_bytes(first)
}
