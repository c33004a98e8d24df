//! Revisions of a session other than new messages: several changes in one transaction, some announced by a notice.

use crate::domain::{Message, MessageKind, Reactions, SessionId, SessionKind, Time, User};
use crate::store::db::prelude::*;
use crate::store::db::schema::sessions;
use crate::store::tables::messages;
use crate::store::tables::sessions::Head;

/// Gives out the next revisions of a session. They count only once they are [saved](Self::save).
#[derive(Debug)]
#[must_use = "revisions count only once they are saved"]
pub(crate) struct Revisions {
    pub session: SessionId,
    pub kind: SessionKind,
    seq: i64,
    rev: i64,
    at: Time,
}

impl Revisions {
    /// Locks the session.
    pub(crate) fn of(db: &mut Db, session: SessionId) -> Result<Self, Error> {
        let Head { kind, seq, rev, last_at, .. } = Head::locked(db, session)?;
        Ok(Self { session, kind, seq, rev, at: last_at })
    }

    pub(crate) const fn rev(&self) -> i64 {
        self.rev
    }

    pub(crate) const fn next(&mut self) -> i64 {
        self.rev += 1;
        self.rev
    }

    /// Stores a notice by `sender`, who caused it, at the next `rev`.
    pub(crate) fn notice(&mut self, db: &mut Db, sender: &User, text: String, now: Time) -> Result<Message, Error> {
        self.seq += 1;
        self.at = self.at.max(now);
        let message = Message {
            id: messages::next_id(db)?,
            session: self.session,
            seq: self.seq,
            rev: self.next(),
            sender: sender.id,
            username: sender.username.clone(),
            shown: sender.display_name.as_str().into(),
            kind: MessageKind::Notice,
            text,
            at: self.at,
            reply_to: None,
            mentions: Vec::new(),
            edited_at: None,
            deleted: false,
            reactions: Reactions::default(),
            cut: false,
        };
        messages::insert(db, &message, None)?;
        Ok(message)
    }

    pub(crate) fn save(self, db: &mut Db) -> Result<(), Error> {
        diesel::update(sessions::table.find(self.session))
            .set((sessions::seq.eq(self.seq), sessions::rev.eq(self.rev), sessions::last_at.eq(self.at)))
            .run(db)
    }
}
