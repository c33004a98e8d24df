//! The lobby: one session that everybody is in, without a row for anybody. Its id stands in `server` while it is switched on.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::columns::UserState;
use super::schema::{server, sessions, users};
use super::{Db, Error};
use crate::domain::{Refusal, Role, SessionId, SessionKind, Time, UserId};

/// What the lobby is called.
pub(crate) const TITLE: &str = "Lobby";

/// Switches the lobby on or off; what was said in it stays. `closed`: so is the directory.
pub(crate) fn switch(db: &mut Db, on: bool, closed: bool) -> Result<Option<SessionId>, diesel::result::Error> {
    db.immediate_transaction(|db| {
        let kept: Option<SessionId> =
            sessions::table.filter(sessions::kind.eq(SessionKind::Lobby)).select(sessions::id).one(db).optional()?;
        let lobby = match (on, kept) {
            (false, _) => None,
            (true, Some(id)) => Some(id),
            (true, None) => Some(insert(db)?),
        };
        diesel::update(server::table).set((server::lobby_id.eq(lobby), server::closed.eq(closed))).execute(db)?;
        Ok(lobby)
    })
}

fn insert(db: &mut Db) -> Result<SessionId, diesel::result::Error> {
    let (id, now) = (SessionId::random(), Time::now());
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::kind.eq(SessionKind::Lobby),
            sessions::title.eq(TITLE),
            sessions::seq.eq(0_i64),
            sessions::rev.eq(0_i64),
            sessions::last_at.eq(now),
            sessions::created_at.eq(now),
            sessions::keep.eq(true),
        ))
        .execute(db)?;
    Ok(id)
}

/// The lobby, if it is switched on.
pub(crate) fn id(db: &mut Db) -> Result<Option<SessionId>, Error> {
    Ok(server::table.select(server::lobby_id).one(db)?)
}

/// Whether names of people in it are not to be found out.
pub(crate) fn is_closed(db: &mut Db) -> Result<bool, Error> {
    Ok(server::table.select(server::closed).one(db)?)
}

/// How many people there are.
pub(crate) fn member_count(db: &mut Db) -> Result<i64, Error> {
    Ok(server::table.select(server::people).one(db)?)
}

/// What a user may do in the lobby: administrators are its admins.
///
/// # Errors
/// `not_found` for somebody who is gone.
pub(crate) fn role(db: &mut Db, user: UserId) -> Result<Role, Error> {
    let admin: Option<bool> =
        users::table.find(user).filter(users::state.lt(UserState::Gone)).select(users::admin).one(db).optional()?;
    let admin = admin.ok_or(Refusal::NotFound)?;
    Ok(if admin { Role::Admin } else { Role::Member })
}
