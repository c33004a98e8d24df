//! The writer's cache of sessions and members. It must be [settled](Ledger::settle) and cleared before anything else reads or
//! writes these tables.

mod prefetch;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::bulk::{Bulk, Changes};
use super::keys::SendKey;
use super::posting::{Obstacle, Refuse, obstacle};
use super::prepared::{MoveHead, MoveMarks};
use crate::domain::{Answer, Audience, Mark, Message, MessageId, Refusal, SessionId, SessionKind, Time, UserId};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::users;
use crate::store::tables::members::{self, Marks, Membership};
use crate::store::tables::{messages, sessions};

/// The cache is cleared when it has more sessions or members.
const CAPACITY: usize = 50_000;

pub(super) struct CachedSession {
    pub kind: SessionKind,
    pub seq: i64,
    pub rev: i64,
    pub at: Time,
    changed: bool,
    /// Receipts are sent to all members.
    shares_marks: bool,
}

pub(super) struct CachedMember {
    pub username: Arc<str>,
    pub display_name: Arc<str>,
    pub marks: Marks,
    /// False in the lobby, whose members have no rows.
    has_row: bool,
    changed: bool,
    /// What keeps this member from writing here.
    pub obstacle: Option<Obstacle>,
}

pub(super) struct MovedMarks {
    pub username: Arc<str>,
    pub audience: Audience,
}

pub(super) struct Ledger {
    pub refuse: Refuse,
    sessions: HashMap<SessionId, CachedSession>,
    members: HashMap<(SessionId, UserId), CachedMember>,
    next_id: Option<MessageId>,
    /// Changed since they were last written, each once.
    changed_sessions: Vec<SessionId>,
    changed_members: Vec<(SessionId, UserId)>,
    /// PostgreSQL only.
    bulk: Bulk,
}

/// The beginning of a transaction.
pub(super) struct Opening {
    pub now: Time,
    /// PostgreSQL's id of it; zero for SQLite.
    pub transaction: i64,
}

impl Ledger {
    pub(super) fn new(refuse: Refuse) -> Self {
        Self {
            refuse,
            sessions: HashMap::new(),
            members: HashMap::new(),
            next_id: None,
            changed_sessions: Vec::new(),
            changed_members: Vec::new(),
            bulk: Bulk::default(),
        }
    }

    /// To be called first in each transaction, which may store so many messages.
    pub(super) fn open(&mut self, db: &mut Db, messages: usize) -> QueryResult<Opening> {
        match db {
            Db::Sqlite(_) => Ok(Opening { now: Time::now(), transaction: 0 }),
            Db::Postgres(db) => {
                let (transaction, now) = self.bulk.open(db, messages)?;
                Ok(Opening { now, transaction })
            }
        }
    }

    /// To be called last in each transaction: writes all changes.
    pub(super) fn close(&mut self, db: &mut Db) -> QueryResult<()> {
        self.settle(db)
    }

    /// Whether sessions that another transaction has locked are passed over instead of waited for.
    pub(super) const fn skip_locked(&mut self, skip: bool) {
        self.bulk.skip_locked = skip;
    }

    pub(super) const fn skips_locked(&self) -> bool {
        self.bulk.skip_locked
    }

    /// Empties the cache, unwritten changes too: after other writes to these tables, and after a rollback.
    pub(super) fn clear(&mut self) {
        // The capacity is kept: this runs before every other kind of change.
        self.sessions.clear();
        self.members.clear();
        self.next_id = None;
        self.changed_sessions.clear();
        self.changed_members.clear();
        self.bulk.clear();
    }

    /// A session and one of its members, read where they are not cached. Fails with `not_found` where the user is not in the
    /// session; `unauthenticated` for one who is disabled or deleted.
    pub(super) fn load(
        &mut self,
        db: &mut Db,
        session: SessionId,
        user: UserId,
    ) -> Result<(&mut CachedSession, &mut CachedMember), Error> {
        let member = match self.members.entry((session, user)) {
            Entry::Occupied(cached) => cached.into_mut(),
            Entry::Vacant(free) => free.insert(CachedMember::read(db, session, user)?),
        };
        let head = match self.sessions.entry(session) {
            Entry::Occupied(cached) => cached.into_mut(),
            Entry::Vacant(free) => free.insert(CachedSession::read(db, session)?),
        };
        Ok((head, member))
    }

    pub(super) fn next_id(&mut self, db: &mut Db) -> Result<MessageId, Error> {
        if db.is_postgres() {
            return self.bulk.next_id().map_or_else(|| messages::next_id(db), Ok);
        }
        let id = self.next_id.map_or_else(|| messages::next_id(db), Ok)?;
        self.next_id = Some(MessageId(id.0 + 1));
        Ok(id)
    }

    /// The reply to an earlier send with this key, and the refusal where it had other content. SQLite looks only in the
    /// database.
    pub(super) fn find_send(&self, db: &mut Db, key: &SendKey<'_>) -> Result<Option<Answer>, Error> {
        match self.bulk.duplicate(key)? {
            Some(answer) => Ok(answer),
            None => key.duplicate(db),
        }
    }

    /// Stores a message; where its key is known, the reply to the earlier send.
    pub(super) fn insert(
        &mut self,
        db: &mut Db,
        message: &Arc<Message>,
        key: &SendKey<'_>,
    ) -> Result<Option<Answer>, Error> {
        if db.is_postgres() {
            // Looked up first: a unique violation would end the whole transaction.
            let known = self.find_send(db, key)?;
            if known.is_none() {
                self.bulk.add(message, key.stored());
            }
            return Ok(known);
        }
        // Most keys are new: a known one is looked up only when the unique index reports it.
        match messages::insert(db, message, key.stored()) {
            Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                key.duplicate(db)?.ok_or_else(|| Refusal::Internal.into()).map(Some)
            }
            other => Ok(other.map(|()| None)?),
        }
    }

    /// Moves a session to a new message, and its sender's marks with it.
    pub(super) fn advance(&mut self, message: &Message, echo: bool) {
        let (session, sender) = (message.session, message.sender);
        if let Some(head) = self.sessions.get_mut(&session) {
            (head.seq, head.rev, head.at) = (message.seq, message.rev, message.at);
            if !std::mem::replace(&mut head.changed, true) {
                self.changed_sessions.push(session);
            }
        }
        if let Some(member) = self.members.get_mut(&(session, sender)) {
            member.marks.read = message.seq;
            if !echo {
                member.marks.received = message.seq;
            }
            if member.has_row && !std::mem::replace(&mut member.changed, true) {
                self.changed_members.push((session, sender));
            }
        }
    }

    /// Moves a mark forward. Gives the marks as they then are and, where they moved, what a receipt needs. Fails with
    /// `not_found` where the user is not in the session, the refusal of an out-of-range mark.
    pub(super) fn mark(
        &mut self,
        db: &mut Db,
        session: SessionId,
        user: UserId,
        mark: Mark,
    ) -> Result<(Marks, Option<MovedMarks>), Error> {
        let refuse = self.refuse;
        let (head, member) = self.load(db, session, user)?;
        let (Mark::Read(to) | Mark::Received(to)) = mark;
        if !(0..=head.seq).contains(&to) {
            return Err(refuse(Obstacle::MarkOutOfRange(head.seq)).into());
        }
        if !member.has_row {
            // Nothing in the lobby is ever unread.
            return Ok((Marks { read: head.seq, received: head.seq }, None));
        }
        let read = if matches!(mark, Mark::Read(_)) { member.marks.read.max(to) } else { member.marks.read };
        // A message that was read was received.
        let marks = Marks { read, received: member.marks.received.max(to) };
        if marks == member.marks {
            return Ok((marks, None));
        }
        member.marks = marks;
        // Across a block, or beside a deleted user, a receipt is for the reader's own connections only.
        let is_shared = head.shares_marks && member.obstacle.is_none();
        let audience = if is_shared { Audience::Session(session) } else { Audience::User(user) };
        let moved = MovedMarks { username: Arc::clone(&member.username), audience };
        if !std::mem::replace(&mut member.changed, true) {
            self.changed_members.push((session, user));
        }
        Ok((marks, Some(moved)))
    }

    /// Writes all changes. Must come before anything else reads these rows, and before the commit.
    pub(super) fn settle(&mut self, db: &mut Db) -> QueryResult<()> {
        match db {
            Db::Sqlite(db) => self.write_each(db)?,
            Db::Postgres(db) => self.write_all(db)?,
        }
        if self.sessions.len() > CAPACITY || self.members.len() > CAPACITY {
            self.clear();
        }
        Ok(())
    }
}

impl Ledger {
    fn write_each(&mut self, db: &mut SqliteConnection) -> QueryResult<()> {
        for id in self.changed_sessions.drain(..) {
            let Some(head) = self.sessions.get_mut(&id) else { continue };
            MoveHead { session: id, seq: head.seq, rev: head.rev, last_at: head.at }.execute(db)?;
            head.changed = false;
        }
        for (session, user) in self.changed_members.drain(..) {
            let Some(member) = self.members.get_mut(&(session, user)) else { continue };
            let Marks { read, received } = member.marks;
            MoveMarks { session, user, read, received }.execute(db)?;
            member.changed = false;
        }
        Ok(())
    }

    fn write_all(&mut self, db: &mut PgConnection) -> QueryResult<()> {
        let mut changes = Changes::default();
        for id in self.changed_sessions.drain(..) {
            let Some(head) = self.sessions.get_mut(&id) else { continue };
            changes.add_head(id, head.seq, head.rev, head.at);
            head.changed = false;
        }
        for (session, user) in self.changed_members.drain(..) {
            let Some(member) = self.members.get_mut(&(session, user)) else { continue };
            changes.add_marks(session, user, member.marks.read, member.marks.received);
            member.changed = false;
        }
        self.bulk.write(db, &changes)
    }
}

impl CachedSession {
    fn read(db: &mut Db, session: SessionId) -> Result<Self, Error> {
        let sessions::Head { kind, seq, rev, last_at, .. } = sessions::Head::locked(db, session)?;
        let shares_marks = members::count(db, session)? <= members::RECEIPTS_UP_TO;
        Ok(Self { kind, seq, rev, at: last_at, changed: false, shares_marks })
    }
}

impl CachedMember {
    fn read(db: &mut Db, session: SessionId, user: UserId) -> Result<Self, Error> {
        let Membership { kind, marks, .. } = members::check(db, session, user)?;
        // A deleted account remains in its direct sessions, but its commands in flight are refused.
        let active = users::table.find(user).filter(users::state.eq(UserState::Active));
        let names = active.select((users::username, users::display_name)).maybe(db)?;
        let (username, display_name): (String, String) = names.ok_or(Refusal::Unauthenticated)?;
        Ok(Self {
            username: username.into(),
            display_name: display_name.into(),
            marks,
            has_row: kind != SessionKind::Lobby,
            changed: false,
            obstacle: obstacle(db, session, user)?,
        })
    }
}
