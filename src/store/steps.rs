//! Durable changes of a session, one after the other in one transaction: each is a step, and some are told by a notice.

use diesel::prelude::*;

use super::schema::sessions;
use super::sessions::Head;
use super::{Db, Error, append};
use crate::domain::{Message, MessageKind, Reactions, SessionId, SessionKind, Time, User};

/// A session that is being changed. What it has given out counts once it is kept.
#[derive(Debug)]
#[must_use = "the steps count only once they are kept"]
pub(crate) struct Steps {
    /// Which session.
    pub session: SessionId,
    /// What sort.
    pub kind: SessionKind,
    seq: i64,
    rev: i64,
    at: Time,
}

impl Steps {
    /// Where the session stands.
    pub(crate) fn of(db: &mut Db, session: SessionId) -> Result<Self, Error> {
        let Head { kind, seq, rev, last_at, .. } = Head::of(db, session)?;
        Ok(Self { session, kind, seq, rev, at: last_at })
    }

    /// The newest step.
    pub(crate) const fn rev(&self) -> i64 {
        self.rev
    }

    /// One more step.
    pub(crate) const fn next(&mut self) -> i64 {
        self.rev += 1;
        self.rev
    }

    /// One more step: the session says what happened to it. `sender` is who did it.
    pub(crate) fn notice(&mut self, db: &mut Db, sender: &User, text: String, now: Time) -> Result<Message, Error> {
        self.seq += 1;
        self.at = self.at.max(now);
        let message = Message {
            id: super::messages::next(db)?,
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
        append::insert(db, &message, None, None)?;
        Ok(message)
    }

    /// Writes down where the session stands now.
    pub(crate) fn keep(self, db: &mut Db) -> Result<(), Error> {
        diesel::update(sessions::table.find(self.session))
            .set((sessions::seq.eq(self.seq), sessions::rev.eq(self.rev), sessions::last_at.eq(self.at)))
            .execute(db)?;
        Ok(())
    }
}
