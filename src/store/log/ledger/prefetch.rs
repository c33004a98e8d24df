//! PostgreSQL: filling the cache for many jobs at once.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use diesel::QueryResult;

use super::super::bulk::{HeadRow, WriterRow};
use super::super::job::{Job, Work};
use super::super::posting::{Destination, Obstacle, Posting};
use super::{CachedMember, CachedSession, Ledger};
use crate::domain::{MemberState, SessionId, SessionKind, UserId};
use crate::store::Db;
use crate::store::db::columns::{Numbered, UserState};
use crate::store::tables::members::{self, Marks};

impl Ledger {
    /// Locks and reads the sessions of all `jobs`, and reads what the `next` of them need beside: those before the next change
    /// of another kind. Gives the sessions that another transaction has locked, which have not been read.
    pub(in crate::store::log) fn prefetch<'a>(
        &mut self,
        db: &mut Db,
        jobs: impl Iterator<Item = &'a Job>,
        next: impl Iterator<Item = &'a Job>,
    ) -> QueryResult<HashSet<SessionId>> {
        let Db::Postgres(db) = db else { return Ok(HashSet::new()) };
        // Sorted: two writers that lock in the same order do not wait for each other.
        let sessions: BTreeSet<SessionId> = jobs.filter_map(Job::session).collect();
        if sessions.is_empty() {
            return Ok(HashSet::new());
        }
        let sessions: Vec<SessionId> = sessions.into_iter().collect();
        let (heads, locked) = self.bulk.heads(db, &sessions)?;
        let (mut pairs, mut names) = (BTreeSet::new(), Vec::new());
        for job in next {
            match &job.work {
                Work::Post(Posting { destination: Destination::Session(Some(session)), sender, draft, .. }) => {
                    pairs.insert((*session, *sender));
                    names.extend(draft.key.clone().map(|key| (*session, *sender, key)));
                }
                Work::Mark { user, session, .. } => {
                    pairs.insert((*session, *user));
                }
                _ => {}
            }
        }
        let pairs: Vec<(SessionId, UserId)> = pairs.into_iter().collect();
        let writers = self.bulk.writers(db, &pairs)?;
        self.bulk.read_sends(db, names)?;
        for head in &heads {
            if let Some(session) = CachedSession::from_row(head) {
                self.sessions.insert(head.id, session);
            }
        }
        let lobby = heads.iter().find(|head| head.is_lobby).map(|head| (head.id, head.seq));
        for writer in writers {
            let key = (writer.session, writer.user);
            if let Some(member) = CachedMember::from_row(writer, lobby) {
                self.members.insert(key, member);
            }
        }
        Ok(locked)
    }
}

impl CachedSession {
    /// `None` for a deleted session.
    fn from_row(row: &HeadRow) -> Option<Self> {
        let kind = SessionKind::from_number(row.kind.into())?;
        let shares_marks = usize::try_from(row.members).is_ok_and(|count| count <= members::RECEIPTS_UP_TO);
        Some(Self { kind, seq: row.seq, rev: row.rev, at: row.at, changed: false, shares_marks })
    }
}

impl CachedMember {
    /// `None` for one who may not write, for whatever reason: that is found out, and named, when the row is read by itself.
    /// `lobby` has its newest `seq`.
    fn from_row(row: WriterRow, lobby: Option<(SessionId, i64)>) -> Option<Self> {
        if UserState::from_number(row.user_state.into()) != Some(UserState::Active) {
            return None;
        }
        let has_joined =
            row.state.and_then(|state| MemberState::from_number(state.into())) == Some(MemberState::Joined);
        let (marks, has_row) = match (row.read, row.received, lobby) {
            (Some(read), Some(received), _) if has_joined => (Marks { read, received }, true),
            (_, _, Some((id, seq))) if id == row.session => (Marks { read: seq, received: seq }, false),
            _ => return None,
        };
        let partner = row.partner_state.and_then(|state| UserState::from_number(state.into()));
        let obstacle = match partner {
            Some(UserState::Deleted) => Some(Obstacle::Deleted),
            _ if row.has_blocked => Some(Obstacle::Blocked),
            _ => row.is_blocked.then_some(Obstacle::BlockedBy),
        };
        Some(Self {
            username: Arc::from(row.username),
            display_name: Arc::from(row.display_name),
            marks,
            has_row,
            changed: false,
            obstacle,
        })
    }
}
