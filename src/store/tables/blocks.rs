//! The table `blocks`.

use std::collections::HashSet;

use crate::domain::{InviteState, Time, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{blocks, invites};

/// Blocks a user; true where that is new. Hides pending invites from them.
pub(crate) fn insert(db: &mut Db, blocker: UserId, blocked: UserId, now: Time) -> Result<bool, Error> {
    let row = (blocks::blocker_id.eq(blocker), blocks::blocked_id.eq(blocked), blocks::at.eq(now));
    let insert = diesel::insert_into(blocks::table).values(row).on_conflict_do_nothing();
    let new = on_inner!(db, db => insert.execute(db))?;
    let pending = invites::table
        .filter(invites::from_id.eq(blocked))
        .filter(invites::to_id.eq(blocker))
        .filter(invites::state.eq(InviteState::Pending));
    diesel::update(pending).set(invites::hidden.eq(true)).execute(db)?;
    Ok(new > 0)
}

/// Unblocks a user; true where there was a block.
pub(crate) fn delete(db: &mut Db, blocker: UserId, blocked: UserId) -> Result<bool, Error> {
    Ok(diesel::delete(blocks::table.find((blocker, blocked))).execute(db)? > 0)
}

pub(crate) fn exists(db: &mut Db, blocker: UserId, blocked: UserId) -> Result<bool, Error> {
    let found = blocks::table.find((blocker, blocked)).select(blocks::at).maybe::<Time>(db)?;
    Ok(found.is_some())
}

pub(crate) fn between(db: &mut Db, a: UserId, b: UserId) -> Result<bool, Error> {
    Ok(exists(db, a, b)? || exists(db, b, a)?)
}

/// Those of `users` with a block between them and this user, in either direction.
pub(crate) fn around(db: &mut Db, user: UserId, users: &[UserId]) -> Result<Vec<UserId>, Error> {
    let own = blocks::table.filter(blocks::blocker_id.eq(user)).filter(blocks::blocked_id.eq_any(users));
    let others = blocks::table.filter(blocks::blocked_id.eq(user)).filter(blocks::blocker_id.eq_any(users));
    let mut ids: Vec<UserId> = own.select(blocks::blocked_id).load(db)?;
    ids.extend(others.select(blocks::blocker_id).load::<UserId>(db)?);
    Ok(ids)
}

/// Every block among these users, as blocker and blocked.
pub(crate) fn among(db: &mut Db, users: &[UserId]) -> Result<HashSet<(UserId, UserId)>, Error> {
    let among = blocks::table.filter(blocks::blocker_id.eq_any(users)).filter(blocks::blocked_id.eq_any(users));
    Ok(among.select((blocks::blocker_id, blocks::blocked_id)).load(db)?.into_iter().collect())
}

pub(crate) fn delete_all_of(db: &mut Db, user: UserId) -> Result<(), Error> {
    diesel::delete(blocks::table.filter(blocks::blocker_id.eq(user))).execute(db)?;
    diesel::delete(blocks::table.filter(blocks::blocked_id.eq(user))).run(db)
}
