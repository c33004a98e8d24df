//! Locks until the end of the transaction. Those that `skip` wait for no other transaction.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use diesel::prelude::*;

use super::statements::{
    ExistingSessions, ExistingUsers, LockArea, LockFreeArea, LockFreeSessions, LockFreeUsers, LockSessions, LockUsers,
    SessionsOf, ShareArea, ShareFreeArea,
};
use crate::domain::{SessionId, UserId};

/// Locks rows in the order of their ids, and gives those that others have locked and that were passed over.
macro_rules! lock_rows {
    ($name:ident($ids:ident: $id:ty) { $lock:ident, $lock_free:ident, $existing:ident }) => {
        pub(in crate::store::log) fn $name(
            db: &mut PgConnection,
            $ids: BTreeSet<$id>,
            skip: bool,
        ) -> QueryResult<HashSet<$id>> {
            if $ids.is_empty() {
                return Ok(HashSet::new());
            }
            let $ids: Vec<$id> = $ids.into_iter().collect();
            if !skip {
                $lock { $ids: &$ids }.execute(db)?;
                return Ok(HashSet::new());
            }
            let missing = without(&$ids, $lock_free { $ids: &$ids }.load(db)?);
            let existing = if missing.is_empty() { Vec::new() } else { $existing { $ids: &missing }.load(db)? };
            Ok(existing.into_iter().collect())
        }
    };
}

lock_rows!(lock_users(users: UserId) { LockUsers, LockFreeUsers, ExistingUsers });
lock_rows!(lock_sessions(sessions: SessionId) { LockSessions, LockFreeSessions, ExistingSessions });

fn without<T: Copy + Eq + Hash>(ids: &[T], found: Vec<T>) -> Vec<T> {
    let found: HashSet<T> = found.into_iter().collect();
    ids.iter().filter(|id| !found.contains(id)).copied().collect()
}

/// Takes an advisory lock, alone or shared; false where another transaction has it.
pub(in crate::store::log) fn lock_area(
    db: &mut PgConnection,
    (key, is_shared): (i64, bool),
    skip: bool,
) -> QueryResult<bool> {
    let key = &key;
    match (is_shared, skip) {
        (false, false) => LockArea { key }.get_result(db),
        (true, false) => ShareArea { key }.get_result(db),
        (false, true) => LockFreeArea { key }.get_result(db),
        (true, true) => ShareFreeArea { key }.get_result(db),
    }
}

/// Every session, present or past, of these users and of the guests of these rooms.
pub(in crate::store::log) fn sessions_of(
    db: &mut PgConnection,
    users: &[UserId],
    rooms: &[SessionId],
) -> QueryResult<Vec<SessionId>> {
    SessionsOf { users, rooms }.load(db)
}
