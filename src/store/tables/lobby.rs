//! The lobby: one session of which every user is a member, without a row in `members`. `server.lobby_id` is its id while it is
//! switched on.

use crate::domain::{Refusal, Role, SessionId, SessionKind, Time, UserId};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{server, sessions, users};

pub(crate) const TITLE: &str = "Lobby";

/// Switches the lobby on or off; its messages remain. `closed` records that the directory is closed.
pub(crate) fn switch(db: &mut Db, on: bool, closed: bool) -> Result<Option<SessionId>, diesel::result::Error> {
    db.write_transaction(|db| {
        if let Db::Postgres(db) = db {
            // One server at a time, so that there is one lobby.
            server::table.select(server::id).for_update().load::<i32>(db)?;
        }
        let existing: Option<SessionId> =
            sessions::table.filter(sessions::kind.eq(SessionKind::Lobby)).select(sessions::id).maybe(db)?;
        let lobby = match (on, existing) {
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

pub(crate) fn id(db: &mut Db) -> Result<Option<SessionId>, Error> {
    Ok(server::table.select(server::lobby_id).one(db)?)
}

/// True where the directory is closed, so that usernames must not be enumerable.
pub(crate) fn is_closed(db: &mut Db) -> Result<bool, Error> {
    Ok(server::table.select(server::closed).one(db)?)
}

pub(crate) fn member_count(db: &mut Db) -> Result<i64, Error> {
    Ok(server::table.select(server::people).one(db)?)
}

/// A user's role in the lobby: administrators are its admins. Fails with `not_found` for a deleted user.
pub(crate) fn role(db: &mut Db, user: UserId) -> Result<Role, Error> {
    let admin: Option<bool> =
        users::table.find(user).filter(users::state.lt(UserState::Deleted)).select(users::admin).maybe(db)?;
    let admin = admin.ok_or(Refusal::NotFound)?;
    Ok(if admin { Role::Admin } else { Role::Member })
}
