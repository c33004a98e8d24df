//! What a task may read and then write. Several servers write to one PostgreSQL database at once, so a batch locks all that its
//! tasks touch before it reads anything, and what a task has read still holds when it writes.
//!
//! There are three kinds of locks, taken in this order: areas (advisory locks), users, and sessions, the rows of each by id.
//! Messages and marks lock their sessions only. So no two transactions wait for each other. A session that a task finds only
//! later is locked if that is possible without waiting ([`Head::locked`](crate::store::tables::sessions::Head::locked)), and
//! otherwise the batch is run again.
//!
//! Memberships, roles, titles and codes change only under the lock of their session; invites into a group under that of the group;
//! direct sessions, the invites to them and blocks under those of both users; tokens, passwords and profiles under that of their
//! user.
//!
//! SQLite has one writer, so nothing is looked up or locked there.

use crate::domain::{SessionId, Time, UserId};
use crate::store::db::prelude::*;

type Find = Box<dyn FnMut(&mut Db, Time) -> Result<Touches, Error> + Send>;

/// What a task touches. One pointer; without a task there is nothing behind it.
#[must_use]
#[derive(Default)]
pub(crate) struct Touches(Option<Box<Declared>>);

#[derive(Default)]
struct Declared {
    known: Locks,
    find: Option<Find>,
    /// What was found when the task was last to be run.
    found: Locks,
}

/// What is not guarded by the lock of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    /// The count of users, which is part of the row of `server`, and usernames.
    People,
    Budgets,
    /// Changes of stored messages, which the search index must follow.
    Index,
}

#[derive(Default)]
pub(super) struct Locks {
    /// No other server may run a task meanwhile.
    pub is_wide: bool,
    pub areas: Vec<Area>,
    pub users: Vec<UserId>,
    pub sessions: Vec<SessionId>,
    /// Users whose every session is touched.
    pub ended: Vec<UserId>,
    /// Rooms whose guests end with them.
    pub dissolved: Vec<SessionId>,
}

impl Locks {
    fn add(&mut self, other: Self) {
        let Self { is_wide, areas, users, sessions, ended, dissolved } = other;
        self.is_wide |= is_wide;
        self.areas.extend(areas);
        self.users.extend(users);
        self.sessions.extend(sessions);
        self.ended.extend(ended);
        self.dissolved.extend(dissolved);
    }
}

impl Touches {
    /// For a task that only reads, or writes what no other task writes.
    pub(crate) const fn nothing() -> Self {
        Self(None)
    }

    pub(crate) fn users(users: impl IntoIterator<Item = UserId>) -> Self {
        Self::of(Locks { users: users.into_iter().collect(), ..Locks::default() })
    }

    pub(crate) fn sessions(sessions: impl IntoIterator<Item = SessionId>) -> Self {
        Self::of(Locks { sessions: sessions.into_iter().collect(), ..Locks::default() })
    }

    /// A user or guest who is created.
    pub(crate) fn new_user() -> Self {
        Self::of(Locks { areas: vec![Area::People], ..Locks::default() })
    }

    /// The stored failure budgets.
    pub(crate) fn budgets() -> Self {
        Self::of(Locks { areas: vec![Area::Budgets], ..Locks::default() })
    }

    /// A stored message of this session.
    pub(crate) fn message_of(session: SessionId) -> Self {
        Self::of(Locks { areas: vec![Area::Index], sessions: vec![session], ..Locks::default() })
    }

    /// Anything but sessions: while the task runs, other servers store messages and marks only.
    pub(crate) fn wide() -> Self {
        Self::of(Locks { is_wide: true, ..Locks::default() })
    }

    /// Users who are ended, with every session that they are in. Wide.
    pub(crate) fn ending(users: impl IntoIterator<Item = UserId>) -> Self {
        Self::of(Locks { is_wide: true, ended: users.into_iter().collect(), ..Locks::default() })
    }

    /// A session that is deleted, with its guests. Wide.
    pub(crate) fn dissolving(session: SessionId) -> Self {
        Self::of(Locks { is_wide: true, sessions: vec![session], dissolved: vec![session], ..Locks::default() })
    }

    /// What is found at the beginning of the batch, before anything is locked. The task must look it up again. Where `find` is
    /// refused nothing is touched: the task is then refused, too.
    pub(crate) fn found(mut find: impl FnMut(&mut Db) -> Result<Self, Error> + Send + 'static) -> Self {
        Self::found_at(move |db, _| find(db))
    }

    /// The same with the time of the batch.
    pub(crate) fn found_at(find: impl FnMut(&mut Db, Time) -> Result<Self, Error> + Send + 'static) -> Self {
        Self(Some(Box::new(Declared { find: Some(Box::new(find)), ..Declared::default() })))
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        let Some(other) = other.0 else { return self };
        let own = self.0.get_or_insert_default();
        own.known.add(other.known);
        debug_assert!(own.find.is_none() || other.find.is_none(), "one of them is found");
        own.find = own.find.take().or(other.find);
        self
    }

    fn of(known: Locks) -> Self {
        Self(Some(Box::new(Declared { known, ..Declared::default() })))
    }

    pub(super) const fn is_nothing(&self) -> bool {
        self.0.is_none()
    }

    /// Finds what is not known.
    pub(super) fn resolve(&mut self, db: &mut Db, now: Time) -> QueryResult<()> {
        let Some(Declared { find: Some(find), found, .. }) = self.0.as_deref_mut() else { return Ok(()) };
        *found = match find(db, now) {
            Ok(touches) => touches.0.map(|declared| declared.known).unwrap_or_default(),
            Err(Error::Refused(_)) => Locks::default(),
            Err(Error::Database(error)) => return Err(error),
        };
        Ok(())
    }

    /// What is known, and what was found.
    pub(super) fn locks(&self) -> impl Iterator<Item = &Locks> {
        self.0.iter().flat_map(|declared| [&declared.known, &declared.found])
    }
}
