//! Writing everything that a batch has changed.

use diesel::prelude::*;

use super::Bulk;
use super::statements::WriteAll;
use crate::domain::{SessionId, Time, UserId};
use crate::store::tables::messages::join_mentions;

/// The rows of sessions and members that have changed, column by column.
#[derive(Default)]
pub(in crate::store::log) struct Changes {
    sessions: Vec<SessionId>,
    seqs: Vec<i64>,
    revs: Vec<i64>,
    ats: Vec<Time>,
    mark_sessions: Vec<SessionId>,
    mark_users: Vec<UserId>,
    reads: Vec<i64>,
    receiveds: Vec<i64>,
}

impl Changes {
    pub(in crate::store::log) fn add_head(&mut self, session: SessionId, seq: i64, rev: i64, at: Time) {
        self.sessions.push(session);
        self.seqs.push(seq);
        self.revs.push(rev);
        self.ats.push(at);
    }

    pub(in crate::store::log) fn add_marks(&mut self, session: SessionId, user: UserId, read: i64, received: i64) {
        self.mark_sessions.push(session);
        self.mark_users.push(user);
        self.reads.push(read);
        self.receiveds.push(received);
    }
}

impl Bulk {
    /// Writes the changes and all messages, if there are any.
    pub(in crate::store::log) fn write(&mut self, db: &mut PgConnection, changes: &Changes) -> QueryResult<()> {
        if self.messages.is_empty() && changes.sessions.is_empty() && changes.mark_sessions.is_empty() {
            return Ok(());
        }
        let new = &self.messages;
        let column =
            |of: fn(&crate::domain::Message) -> i64| new.iter().map(|new| of(&new.message)).collect::<Vec<_>>();
        let texts: Vec<&str> = new.iter().map(|new| new.message.text.as_str()).collect();
        let keys: Vec<Option<&str>> = new.iter().map(|new| new.key.as_ref().map(|(key, _)| key.as_str())).collect();
        WriteAll {
            sessions: &changes.sessions,
            seqs: &changes.seqs,
            revs: &changes.revs,
            ats: &changes.ats,
            mark_sessions: &changes.mark_sessions,
            mark_users: &changes.mark_users,
            reads: &changes.reads,
            receiveds: &changes.receiveds,
            ids: &column(|message| message.id.0),
            message_sessions: &new.iter().map(|new| new.message.session).collect::<Vec<_>>(),
            message_seqs: &column(|message| message.seq),
            message_revs: &column(|message| message.rev),
            senders: &new.iter().map(|new| new.message.sender).collect::<Vec<_>>(),
            texts: &texts,
            message_ats: &new.iter().map(|new| new.message.at).collect::<Vec<_>>(),
            replies: &new.iter().map(|new| new.message.reply_to).collect::<Vec<_>>(),
            keys: &keys,
            fingerprints: &new.iter().map(|new| new.key.as_ref().map(|(_, print)| *print)).collect::<Vec<_>>(),
            mentions: &new.iter().map(|new| join_mentions(&new.message.mentions)).collect::<Vec<_>>(),
        }
        .execute(db)?;
        self.messages.clear();
        Ok(())
    }
}
