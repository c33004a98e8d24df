//! What the policy of visibility (`model/visibility.rs`) needs to know, and the lists that SQL narrows by it. A test compares each
//! query with the policy, relation by relation. Sharing the lobby does not count, and has no rows in `members` that could.

mod contacts;
mod push;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

pub(crate) use self::contacts::contacts;
pub(crate) use self::push::{acquaint, acquaintances, acquainted, strangers};
use super::names::Condition;
use super::schema::{blocks, members, users};
use super::{Db, Error, blocks as blocks_table};
use crate::domain::{Directory, MemberState, Relation, SessionId, Shared, UserId, VisibilityMatrix};

/// How many ids are named in one query.
const CHUNK: usize = 500;

/// How some users stand to one viewer, known well enough for whether their profile and presence are visible to them.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// Subjects who share some session; empty in an open directory, where that is not looked up.
    sharing: HashSet<UserId>,
    blocked: HashSet<UserId>,
}

impl Relations {
    /// How the subject, one of those looked up and not the viewer, stands to the viewer.
    pub(crate) fn with(&self, subject: UserId) -> Relation {
        let shared = if self.sharing.contains(&subject) { Shared::Crowd } else { Shared::Nothing };
        Relation { shared, is_blocked: self.blocked.contains(&subject) }
    }
}

/// How these users stand to the viewer.
pub(crate) fn relations(
    db: &mut Db,
    directory: Directory,
    viewer: UserId,
    subjects: &[UserId],
) -> Result<Relations, Error> {
    let mut relations = Relations::default();
    for some in subjects.chunks(CHUNK) {
        if directory == Directory::Closed {
            let known = users::table.filter(users::id.eq_any(some)).filter(shares_with(viewer)).select(users::id);
            relations.sharing.extend(known.load::<UserId>(db)?);
        }
        relations.blocked.extend(blocks_table::around(db, viewer, some)?);
    }
    Ok(relations)
}

/// The same for users whose profile is known to be visible, because [`is_listed_for`] has narrowed a list to them: which
/// sessions they share is not read again.
pub(crate) fn relations_of_listed(db: &mut Db, viewer: UserId, subjects: &[UserId]) -> Result<Relations, Error> {
    let mut relations = relations(db, Directory::Open, viewer, subjects)?;
    relations.sharing = subjects.iter().copied().collect();
    Ok(relations)
}

/// True for users of whom `viewer` is one who share a session with them. For few users: the sessions of each are looked at until
/// one is found that the viewer is in.
fn shares_with(viewer: UserId) -> Condition {
    let exists = sql::<Bool>(
        "EXISTS (SELECT 1 FROM members theirs JOIN members mine ON mine.session_id = theirs.session_id \
         WHERE theirs.user_id = users.id AND theirs.state = 0 AND mine.state = 0 AND mine.user_id = ",
    );
    Box::new(exists.bind::<BigInt, _>(viewer).sql(")"))
}

/// True for users whose profile is visible to `viewer` in a closed directory, and the viewer. For lists of all users: everyone
/// who shares a session is gathered once.
pub(super) fn is_listed_for(viewer: UserId) -> Condition {
    let sharing = sql::<Bool>(
        "users.id IN (SELECT theirs.user_id FROM members mine \
         JOIN members theirs ON theirs.session_id = mine.session_id \
         WHERE mine.state = 0 AND theirs.state = 0 AND mine.user_id = ",
    );
    Box::new(users::id.eq(viewer).or(sharing.bind::<BigInt, _>(viewer).sql(")")))
}

/// Which of these subjects each of the viewers may see.
pub(crate) fn matrix(
    db: &mut Db,
    directory: Directory,
    viewers: &[UserId],
    subjects: &[UserId],
) -> Result<VisibilityMatrix, Error> {
    // Blocks and sessions hold both ways, so it is enough to ask for what the fewer have.
    let (few, many) = if viewers.len() < subjects.len() { (viewers, subjects) } else { (subjects, viewers) };
    let mut matrix = VisibilityMatrix::new(directory, viewers.iter().copied());
    for some in few.chunks(CHUNK) {
        add_blocks(db, &mut matrix, some)?;
    }
    if directory == Directory::Closed {
        add_sessions(db, &mut matrix, few, many)?;
    }
    Ok(matrix)
}

/// Adds the blocks by and of these users.
fn add_blocks(db: &mut Db, matrix: &mut VisibilityMatrix, some: &[UserId]) -> Result<(), Error> {
    let pair = (blocks::blocker_id, blocks::blocked_id);
    let mut found: Vec<(UserId, UserId)> =
        blocks::table.filter(blocks::blocker_id.eq_any(some)).select(pair).load(db)?;
    found.extend(blocks::table.filter(blocks::blocked_id.eq_any(some)).select(pair).load::<(UserId, UserId)>(db)?);
    for (blocker, blocked) in found {
        matrix.add_block(blocker, blocked);
    }
    Ok(())
}

/// Adds the sessions of the few, and those of the many in the same sessions.
fn add_sessions(db: &mut Db, matrix: &mut VisibilityMatrix, few: &[UserId], many: &[UserId]) -> Result<(), Error> {
    let mut shared = HashSet::new();
    for (user, session) in sessions_of(db, few)? {
        shared.insert(session);
        matrix.add_session(user, session);
    }
    for (user, session) in sessions_of(db, many)?.into_iter().filter(|(_, session)| shared.contains(session)) {
        matrix.add_session(user, session);
    }
    Ok(())
}

/// The sessions of each of these users, beside the user's id.
fn sessions_of(db: &mut Db, users: &[UserId]) -> Result<Vec<(UserId, SessionId)>, Error> {
    let mut found = Vec::new();
    for some in users.chunks(CHUNK) {
        let theirs =
            members::table.filter(members::user_id.eq_any(some)).filter(members::state.eq(MemberState::Joined));
        found.extend(theirs.select((members::user_id, members::session_id)).load::<(UserId, SessionId)>(db)?);
    }
    Ok(found)
}
