//! Rooms: their codes, and what decides when an ephemeral one expires.

use super::members::present;
use crate::domain::{Code, CommitOutput, Effect, SessionId, SessionKind, Time};
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, sessions};

pub(crate) const UNTITLED: &str = "Room";

/// The room with this code, and its title. `None` for a code that no room has.
pub(crate) fn by_code(db: &mut Db, code: Option<&Code>) -> Result<Option<(SessionId, String)>, Error> {
    let Some(code) = code else { return Ok(None) };
    let row: Option<(SessionId, Option<String>)> =
        sessions::table.filter(sessions::code.eq(code.as_str())).select((sessions::id, sessions::title)).maybe(db)?;
    Ok(row.map(|(id, title)| (id, title.unwrap_or_default())))
}

/// Replaces the code, which no longer joins the room then.
pub(crate) fn set_code(db: &mut Db, room: SessionId, code: &Code) -> Result<(), Error> {
    diesel::update(sessions::table.find(room)).set(sessions::code.eq(code.as_str())).run(db)
}

/// All ephemeral rooms, each with whether it is shared (see [`is_shared`]).
pub(crate) fn all_ephemeral(db: &mut Db) -> Result<Vec<(SessionId, bool)>, Error> {
    let rooms = sessions::table.filter(sessions::kind.eq(SessionKind::Room)).filter(sessions::keep.eq(false));
    let ids: Vec<SessionId> = rooms.select(sessions::id).load(db)?;
    ids.into_iter().map(|room| Ok((room, is_shared(db, room)?))).collect()
}

/// True where a user other than the room's creator is or has been a member of it.
fn is_shared(db: &mut Db, room: SessionId) -> Result<bool, Error> {
    let others = sessions::table
        .inner_join(members::table.on(members::session_id.eq(sessions::id)))
        .filter(sessions::id.eq(room))
        .filter(sessions::maker_id.is_null().or(sessions::maker_id.ne(members::user_id.nullable())));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(db)?)
}

pub(crate) fn restart_grace_period(db: &mut Db, room: SessionId) -> Result<CommitOutput, Error> {
    let shared = is_shared(db, room)?;
    Ok(CommitOutput::Effect(Effect::RoomGraceStarted { room, shared }))
}

/// True for a room that is deleted after a grace period without connections.
pub(crate) fn is_ephemeral(db: &mut Db, room: SessionId) -> Result<bool, Error> {
    let own = sessions::table.find(room).filter(sessions::kind.eq(SessionKind::Room)).filter(sessions::keep.eq(false));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

/// True where a present member joined after `since`.
pub(crate) fn was_joined(db: &mut Db, room: SessionId, since: Time) -> Result<bool, Error> {
    let recent = present(room).filter(members::joined_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(recent)).get_result(db)?)
}
