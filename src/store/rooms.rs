//! Rooms: found by their code, and gone when nobody is there.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::{members, sessions};
use super::{Db, Error, leaving, stays};
use crate::model::{Audience, Code, Delivery, Event, MemberState, Removal, SessionId, SessionKind, Time};

/// What a room without a title is called.
pub const UNTITLED: &str = "Room";

/// The room that has this code, and its title. `None` for a code that no room has: never, no more, or not yet.
pub fn by_code(db: &mut Db, code: Option<&Code>) -> Result<Option<(SessionId, String)>, Error> {
    let Some(code) = code else { return Ok(None) };
    let row: Option<(SessionId, Option<String>)> = sessions::table
        .filter(sessions::code.eq(code.as_str()))
        .select((sessions::id, sessions::title))
        .one(db)
        .optional()?;
    Ok(row.map(|(id, title)| (id, title.unwrap_or_default())))
}

/// Gives a room another code.
pub fn set_code(db: &mut Db, room: SessionId, code: &Code) -> Result<(), Error> {
    diesel::update(sessions::table.find(room)).set(sessions::code.eq(code.as_str())).execute(db)?;
    Ok(())
}

/// All ephemeral rooms, each with whether it is shared (see [`is_shared`]).
pub fn vanishing(db: &mut Db) -> Result<Vec<(SessionId, bool)>, Error> {
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
pub fn watched(db: &mut Db, room: SessionId) -> Result<Delivery, Error> {
    let shared = is_shared(db, room)?;
    Ok(Delivery::new(Audience::House, Event::Vanishing { room, shared }))
}

/// Ends a room in which nobody has been connected for `grace` milliseconds. A join within that time wins, also one that
/// came after it was looked at and before this, and so does somebody who was let in for it: the room is then to be watched
/// anew.
pub fn vanish(db: &mut Db, room: SessionId, grace: i64, now: Time) -> Result<Vec<Delivery>, Error> {
    let own = sessions::table.find(room).filter(sessions::kind.eq(SessionKind::Room)).filter(sessions::keep.eq(false));
    if !diesel::select(diesel::dsl::exists(own)).get_result::<bool>(db)? {
        return Ok(Vec::new());
    }
    let since = Time(now.0.saturating_sub(grace));
    let newcomers = members::table
        .filter(members::session_id.eq(room))
        .filter(members::state.eq(MemberState::Joined))
        .filter(members::joined_at.gt(since));
    if diesel::select(diesel::dsl::exists(newcomers)).get_result(db)? || stays::is_awaited(db, room, since)? {
        return Ok(vec![watched(db, room)?]);
    }
    leaving::delete(db, room, Removal::Emptied, now)
}
