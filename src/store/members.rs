//! The table `members`: who is in which session, and how far they have come.

use diesel::prelude::*;

pub use super::around::acquaintances;
use super::schema::{members, sessions, users};
use super::{Db, Error, users as accounts};
use crate::model::{Member, Receipt, Refusal, Role, SessionId, Time, UserId};

/// In sessions of up to so many members everybody sees how far the others have come.
pub const RECEIPTS_UP_TO: usize = 50;

/// How far one member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Read up to here.
    pub read: i64,
    /// Received up to here.
    pub received: i64,
}

/// The role of a row.
pub(super) const fn role(role: i16) -> Role {
    match role {
        2 => Role::Owner,
        1 => Role::Admin,
        _ => Role::Member,
    }
}

/// Adds a first member, which costs no step.
pub fn insert(db: &mut Db, session: SessionId, user: UserId, now: Time) -> Result<(), Error> {
    diesel::insert_into(members::table)
        .values((
            members::session_id.eq(session.0),
            members::user_id.eq(user.0),
            members::role.eq(0_i16),
            members::state.eq(0_i16),
            members::rev.eq(0_i64),
            members::joined_at.eq(now.0),
            members::read.eq(0_i64),
            members::received.eq(0_i64),
        ))
        .execute(db)?;
    Ok(())
}

/// The marks of a member. The one place where membership is looked at for reading.
///
/// # Errors
/// `not_found` where the user is not in the session, or there is none.
pub fn check(db: &mut Db, session: SessionId, user: UserId) -> Result<Marks, Error> {
    let row = members::table
        .find((session.0, user.0))
        .filter(members::state.eq(0_i16))
        .select((members::read, members::received))
        .first(db)
        .optional()?;
    let (read, received) = row.ok_or(Refusal::NotFound)?;
    Ok(Marks { read, received })
}

/// Members of these sessions with their session's id, longest-standing first.
pub fn of(db: &mut Db, session_ids: &[i64]) -> Result<Vec<(SessionId, Member)>, Error> {
    let rows: Vec<(i64, i16, i64, _)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq_any(session_ids))
        .filter(members::state.eq(0_i16))
        .order((members::session_id, members::joined_at, users::username_key))
        .select((members::session_id, members::role, members::joined_at, accounts::COLUMNS))
        .load(db)?;
    let member = |(session, own_role, joined, row)| {
        (SessionId(session), Member { user: accounts::stranger(row), role: role(own_role), joined_at: Time(joined) })
    };
    Ok(rows.into_iter().map(member).collect())
}

/// Everybody in a session, by name.
pub fn list(
    db: &mut Db,
    session: SessionId,
    after: Option<&str>,
    limit: i64,
) -> Result<(Vec<Member>, Option<String>), Error> {
    let mut rows: Vec<(i16, i64, String, _)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .filter(users::username_key.gt(after.unwrap_or_default()))
        .order(users::username_key)
        .select((members::role, members::joined_at, users::username_key, accounts::COLUMNS))
        .limit(limit + 1)
        .load(db)?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.2.clone()) } else { None };
    let member = |(own_role, joined, _, row)| Member {
        user: accounts::stranger(row),
        role: role(own_role),
        joined_at: Time(joined),
    };
    Ok((rows.into_iter().map(member).collect(), next))
}

/// Everybody's marks, by name.
pub fn receipts(db: &mut Db, session: SessionId) -> Result<Vec<Receipt>, Error> {
    let rows: Vec<(String, i64, i64)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .order(users::username_key)
        .select((users::username, members::read, members::received))
        .load(db)?;
    Ok(rows.into_iter().map(|(username, read, received)| Receipt { username, read, received }).collect())
}

/// Ids of the sessions a user is in.
pub fn sessions_of(db: &mut Db, user: UserId) -> Result<Vec<SessionId>, Error> {
    let own = members::table.filter(members::user_id.eq(user.0)).filter(members::state.eq(0_i16));
    let ids: Vec<i64> = own.select(members::session_id).load(db)?;
    Ok(ids.into_iter().map(SessionId).collect())
}

/// The same with each session's `rev`.
pub fn revs_of(db: &mut Db, user: UserId) -> Result<Vec<(SessionId, i64)>, Error> {
    let own =
        members::table.inner_join(sessions::table).filter(members::user_id.eq(user.0)).filter(members::state.eq(0_i16));
    let rows: Vec<(i64, i64)> = own.select((sessions::id, sessions::rev)).load(db)?;
    Ok(rows.into_iter().map(|(id, rev)| (SessionId(id), rev)).collect())
}

/// How many people are in a session.
pub fn count(db: &mut Db, session: SessionId) -> Result<usize, Error> {
    let count: i64 = members::table
        .filter(members::session_id.eq(session.0))
        .filter(members::state.eq(0_i16))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(count).unwrap_or_default())
}
