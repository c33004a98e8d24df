//! Stays: guests who end when they are missed. Those of the lobby's login are here for nothing else; those of the room-code
//! form for one room, and no longer than that. What names the room stands beside their token.
//!
//! A guest of a room enters the room at the first connection and ends when they leave it, are removed, or the room ends; that
//! is done by `service/membership`. When a connection is missed for too long, ChatServer says so.

use crate::store::limited::Limited;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::columns::DoorKind;
use super::schema::{members, tokens, users};
use super::{Db, Error, members as people};
use crate::domain::{MemberState, SessionId, Time, UserId, Username};

/// A guest who ends when missed.
pub(crate) struct Stay {
    /// Who.
    pub guest: UserId,
    /// For one of the lobby's login who has never been connected: since when that is waited for.
    pub awaited_since: Option<Time>,
}

/// The token of such a guest.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct StayRow {
    user_id: UserId,
    door: DoorKind,
    created_at: Time,
    #[diesel(select_expression = users::last_seen)]
    last_seen: Option<Time>,
}

/// Everybody who ends when missed.
pub(crate) fn all(db: &mut Db) -> Result<Vec<Stay>, Error> {
    // Written out, since the index of these doors is for no other question.
    let rows: Vec<StayRow> = tokens::table
        .inner_join(users::table)
        .filter(sql::<Bool>("tokens.door >= 2"))
        .select(StayRow::as_select())
        .load(db)?;
    let stay = |StayRow { user_id, door, created_at, last_seen }: StayRow| {
        let is_awaited = door == DoorKind::Lobby && last_seen.is_none();
        Stay { guest: user_id, awaited_since: is_awaited.then_some(created_at) }
    };
    Ok(rows.into_iter().map(stay).collect())
}

/// Everybody who is here for this room, entered or not.
pub(crate) fn of_room(db: &mut Db, room: SessionId) -> Result<Vec<UserId>, Error> {
    Ok(tokens::table.filter(tokens::room_id.eq(room)).select(tokens::user_id).load(db)?)
}

/// True for a guest who ends when missed, as long as they have not.
pub(crate) fn is_here(db: &mut Db, user: UserId) -> Result<bool, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::door.ge(DoorKind::Lobby));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

/// The room for which a user is here.
pub(crate) fn room_of(db: &mut Db, user: UserId) -> Result<Option<SessionId>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::room_id.is_not_null());
    let room: Option<Option<SessionId>> = own.select(tokens::room_id).one(db).optional()?;
    Ok(room.flatten())
}

/// How many people are in a room or about to enter it.
pub(crate) fn count(db: &mut Db, room: SessionId) -> Result<usize, Error> {
    Ok(people::count(db, room)? + expected(db, room)?.len())
}

/// True where somebody in the room, or about to enter it, is called like that in any case, by either name.
pub(crate) fn is_taken(db: &mut Db, room: SessionId, name: &str) -> Result<bool, Error> {
    let inside: Vec<(String, String)> = members::table
        .inner_join(users::table)
        .filter(members::session_id.eq(room))
        .filter(members::state.eq(MemberState::Joined))
        .select((users::username, users::display_name))
        .load(db)?;
    let outside: Vec<(String, String)> = users::table
        .filter(users::id.eq_any(expected(db, room)?))
        .select((users::username, users::display_name))
        .load(db)?;
    let wanted = Username::fold_shown(name);
    let is_same = |taken: &String| Username::fold_shown(taken) == wanted;
    Ok(inside.iter().chain(&outside).any(|(username, shown)| is_same(username) || is_same(shown)))
}

/// True where somebody was let in for the room after `since` and may still be on the way.
pub(crate) fn is_awaited(db: &mut Db, room: SessionId, since: Time) -> Result<bool, Error> {
    let fresh = tokens::table.filter(tokens::room_id.eq(room)).filter(tokens::created_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(fresh)).get_result(db)?)
}

/// Those who were let in for a room and have not entered it.
fn expected(db: &mut Db, room: SessionId) -> Result<Vec<UserId>, Error> {
    let inside = members::table
        .filter(members::session_id.eq(room))
        .filter(members::state.eq(MemberState::Joined))
        .select(members::user_id);
    let outside = tokens::table.filter(tokens::room_id.eq(room)).filter(tokens::user_id.ne_all(inside));
    Ok(outside.select(tokens::user_id).load(db)?)
}
