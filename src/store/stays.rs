//! Stays: guests of the room-code form, each here for one room and no longer than that. What names the room stands beside
//! their token.
//!
//! Such a guest enters the room at the first connection and ends when they leave it, are removed, or the room ends; that
//! is seen to where members go and sessions end (`leaving`). When a connection is missed for too long, ChatServer says so.

use diesel::prelude::*;

use super::schema::{members, tokens, users};
use super::{Db, Error, endings, members as people};
use crate::model::{Delivery, SessionId, Time, UserId, Username};

/// Everybody who is here for a room.
pub fn all(db: &mut Db) -> Result<Vec<UserId>, Error> {
    let ids: Vec<i64> = tokens::table.filter(tokens::room_id.is_not_null()).select(tokens::user_id).load(db)?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Everybody who is here for this room, entered or not.
pub fn of_room(db: &mut Db, room: SessionId) -> Result<Vec<UserId>, Error> {
    let ids: Vec<i64> = tokens::table.filter(tokens::room_id.eq(room.0)).select(tokens::user_id).load(db)?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// The room for which a user is here.
pub fn room_of(db: &mut Db, user: UserId) -> Result<Option<SessionId>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user.0)).filter(tokens::room_id.is_not_null());
    let id: Option<Option<i64>> = own.select(tokens::room_id).first(db).optional()?;
    Ok(id.flatten().map(SessionId))
}

/// How many people are in a room or about to enter it.
pub fn count(db: &mut Db, room: SessionId) -> Result<usize, Error> {
    Ok(people::count(db, room)? + expected(db, room)?.len())
}

/// True where somebody in the room, or about to enter it, is called like that in any case, by either name.
pub fn is_taken(db: &mut Db, room: SessionId, name: &str) -> Result<bool, Error> {
    let inside: Vec<(String, String)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(room.0))
        .filter(members::state.eq(0_i16))
        .select((users::username, users::display_name))
        .load(db)?;
    let outside: Vec<(String, String)> = users::table
        .filter(users::id.eq_any(expected(db, room)?))
        .select((users::username, users::display_name))
        .load(db)?;
    let wanted = Username::fold(name);
    let is_same = |taken: &String| Username::fold(taken) == wanted;
    Ok(inside.iter().chain(&outside).any(|(username, shown)| is_same(username) || is_same(shown)))
}

/// True where somebody was let in for the room after `since` and may still be on the way.
pub fn is_awaited(db: &mut Db, room: SessionId, since: Time) -> Result<bool, Error> {
    let fresh = tokens::table.filter(tokens::room_id.eq(room.0)).filter(tokens::created_at.gt(since.0));
    Ok(diesel::select(diesel::dsl::exists(fresh)).get_result(db)?)
}

/// Ends stays, and the guests whose they were; those that have ended already are left as they are.
pub fn end(db: &mut Db, guests: &[UserId], now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = Vec::new();
    for guest in guests {
        if room_of(db, *guest)?.is_some() {
            out.extend(endings::user(db, *guest, now)?);
        }
    }
    Ok(out)
}

/// Those who were let in for a room and have not entered it.
fn expected(db: &mut Db, room: SessionId) -> Result<Vec<i64>, Error> {
    let inside =
        members::table.filter(members::session_id.eq(room.0)).filter(members::state.eq(0_i16)).select(members::user_id);
    let outside = tokens::table.filter(tokens::room_id.eq(room.0)).filter(tokens::user_id.ne_all(inside));
    Ok(outside.select(tokens::user_id).load(db)?)
}
