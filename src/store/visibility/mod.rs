//! What the visibility policy (`domain/visibility.rs`) needs to know, and the lists that SQL filters by it. A test compares each
//! query with the policy, relation by relation. Sharing the lobby does not count; it has no rows in `members`.

mod contacts;
mod push;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Bool};

pub(crate) use self::contacts::contacts;
pub(crate) use self::push::{acquaint, acquaintances, acquainted, end_acquaintances};
use crate::domain::{Directory, MemberState, Relation, SessionId, SharedSession, UserId, VisibilityMatrix};
use crate::store::db::prelude::*;
use crate::store::db::schema::{blocks, members, users};
use crate::store::tables::blocks as blocks_table;
use crate::store::tables::display_names::Condition;

const CHUNK: usize = 500;

/// The relations of some users to one viewer, as far as the visibility of their profile and presence needs them.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// Subjects who share a session; not looked up in an open directory.
    sharing: HashSet<UserId>,
    blocked: HashSet<UserId>,
}

impl Relations {
    /// The relation of a subject other than the viewer.
    pub(crate) fn with(&self, subject: UserId) -> Relation {
        let shared = if self.sharing.contains(&subject) { SharedSession::Large } else { SharedSession::None };
        Relation { shared, is_blocked: self.blocked.contains(&subject) }
    }
}

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

/// The same for users whose profile is known to be visible, by [`is_listed_for`]: their sessions are not read again.
pub(crate) fn relations_of_listed(db: &mut Db, viewer: UserId, subjects: &[UserId]) -> Result<Relations, Error> {
    let mut relations = relations(db, Directory::Open, viewer, subjects)?;
    relations.sharing = subjects.iter().copied().collect();
    Ok(relations)
}

/// True for users who share a session with `viewer`. For few users: scans the sessions of each until the viewer is in one.
fn shares_with(viewer: UserId) -> Condition {
    let exists = sql::<Bool>(
        "EXISTS (SELECT 1 FROM members theirs JOIN members mine ON mine.session_id = theirs.session_id \
         WHERE theirs.user_id = users.id AND theirs.state = 0 AND mine.state = 0 AND mine.user_id = ",
    );
    Box::new(exists.bind::<BigInt, _>(viewer).sql(")"))
}

/// True for users whose profile is visible to `viewer` in a closed directory, and for the viewer. For lists of all users:
/// collects all who share a session once.
pub(super) fn is_listed_for(viewer: UserId) -> Condition {
    let sharing = sql::<Bool>(
        "users.id IN (SELECT theirs.user_id FROM members mine \
         JOIN members theirs ON theirs.session_id = mine.session_id \
         WHERE mine.state = 0 AND theirs.state = 0 AND mine.user_id = ",
    );
    Box::new(users::id.eq(viewer).or(sharing.bind::<BigInt, _>(viewer).sql(")")))
}

/// Which of these subjects are visible to each of the viewers.
pub(crate) fn matrix(
    db: &mut Db,
    directory: Directory,
    viewers: &[UserId],
    subjects: &[UserId],
) -> Result<VisibilityMatrix, Error> {
    // Blocks and shared sessions are symmetric, so those of the shorter list suffice.
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

/// Adds the sessions of the shorter list, and the members of these sessions in the longer one.
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
