//! Rooms: found by their code; whether they are ephemeral, and who has joined.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{members, sessions};
use super::{Db, Error};
use crate::domain::{Audience, Code, Delivery, Event, MemberState, SessionId, SessionKind, Time};

/// What a room without a title is called.
pub(crate) const UNTITLED: &str = "Room";

/// The room that has this code, and its title. `None` for a code that no room has: never, no more, or not yet.
pub(crate) fn by_code(db: &mut Db, code: Option<&Code>) -> Result<Option<(SessionId, String)>, Error> {
    let Some(code) = code else { return Ok(None) };
    let row: Option<(SessionId, Option<String>)> = sessions::table
        .filter(sessions::code.eq(code.as_str()))
        .select((sessions::id, sessions::title))
        .one(db)
        .optional()?;
    Ok(row.map(|(id, title)| (id, title.unwrap_or_default())))
}

/// Gives a room another code.
pub(crate) fn set_code(db: &mut Db, room: SessionId, code: &Code) -> Result<(), Error> {
    diesel::update(sessions::table.find(room)).set(sessions::code.eq(code.as_str())).execute(db)?;
    Ok(())
}

/// All ephemeral rooms, each with whether it is shared (see [`is_shared`]).
pub(crate) fn vanishing(db: &mut Db) -> Result<Vec<(SessionId, bool)>, Error> {
    let rooms = sessions::table.filter(sessions::kind.eq(SessionKind::Room)).filter(sessions::keep.eq(false));
    let ids: Vec<SessionId> = rooms.select(sessions::id).load(db)?;
    ids.into_iter().map(|room| Ok((room, is_shared(db, room)?))).collect()
}

/// True where somebody other than the room's creator is or has been a member of it.
fn is_shared(db: &mut Db, room: SessionId) -> Result<bool, Error> {
    let others = sessions::table
        .inner_join(members::table.on(members::session_id.eq(sessions::id)))
        .filter(sessions::id.eq(room))
        .filter(sessions::maker_id.is_null().or(sessions::maker_id.ne(members::user_id.nullable())));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(db)?)
}

/// Starts the grace period of an ephemeral room, or starts it anew.
pub(crate) fn watched(db: &mut Db, room: SessionId) -> Result<Delivery, Error> {
    let shared = is_shared(db, room)?;
    Ok(Delivery::new(Audience::House, Event::Vanishing { room, shared }))
}

/// True for a room that ends when nobody is there.
pub(crate) fn is_ephemeral(db: &mut Db, room: SessionId) -> Result<bool, Error> {
    let own = sessions::table.find(room).filter(sessions::kind.eq(SessionKind::Room)).filter(sessions::keep.eq(false));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

/// True where somebody has joined after `since` and is still a member.
pub(crate) fn was_joined(db: &mut Db, room: SessionId, since: Time) -> Result<bool, Error> {
    let newcomers = members::table
        .filter(members::session_id.eq(room))
        .filter(members::state.eq(MemberState::Joined))
        .filter(members::joined_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(newcomers)).get_result(db)?)
}
