//! Transient guests: those of the lobby's login and of the room-code form, who are deleted when they have been disconnected
//! for too long (ChatServer owns the deadlines). The room of the latter is a column of their token.

use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::members::{self as memberships, present};
use crate::domain::{SessionId, Time, UserId, Username};
use crate::store::db::columns::LoginMethodKind;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, tokens, users};

/// A guest whose deletion is due some time after the last disconnect.
pub(crate) struct TransientGuest {
    pub guest: UserId,
    /// For a guest of the lobby's login who has never been connected: the time of that login.
    pub awaited_since: Option<Time>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct GuestRow {
    user_id: UserId,
    #[diesel(column_name = door)]
    login_method: LoginMethodKind,
    created_at: Time,
    #[diesel(select_expression = users::last_seen)]
    last_seen: Option<Time>,
}

pub(crate) fn all(db: &mut Db) -> Result<Vec<TransientGuest>, Error> {
    // In the words of the partial index.
    let rows: Vec<GuestRow> = tokens::table
        .inner_join(users::table)
        .filter(sql::<Bool>("tokens.door >= 2"))
        .select(GuestRow::as_select())
        .load(db)?;
    let guest = |GuestRow { user_id, login_method, created_at, last_seen }: GuestRow| {
        let is_awaited = login_method == LoginMethodKind::LobbyGuest && last_seen.is_none();
        TransientGuest { guest: user_id, awaited_since: is_awaited.then_some(created_at) }
    };
    Ok(rows.into_iter().map(guest).collect())
}

/// The guests of this room, whether they have joined it yet or not.
pub(crate) fn of_room(db: &mut Db, room: SessionId) -> Result<Vec<UserId>, Error> {
    Ok(tokens::table.filter(tokens::room_id.eq(room)).select(tokens::user_id).load(db)?)
}

/// True for a transient guest who is not deleted.
pub(crate) fn is_here(db: &mut Db, user: UserId) -> Result<bool, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::door.ge(LoginMethodKind::LobbyGuest));
    Ok(diesel::select(diesel::dsl::exists(own)).get_result(db)?)
}

pub(crate) fn room_of(db: &mut Db, user: UserId) -> Result<Option<SessionId>, Error> {
    let own = tokens::table.filter(tokens::user_id.eq(user)).filter(tokens::room_id.is_not_null());
    let room: Option<Option<SessionId>> = own.select(tokens::room_id).maybe(db)?;
    Ok(room.flatten())
}

/// How many users are in a room or about to join it.
pub(crate) fn count(db: &mut Db, room: SessionId) -> Result<usize, Error> {
    Ok(memberships::count(db, room)? + expected(db, room)?.len())
}

/// True where a user in the room, or about to join it, has this username or display name in any case.
pub(crate) fn is_taken(db: &mut Db, room: SessionId, name: &str) -> Result<bool, Error> {
    let inside: Vec<(String, String)> =
        present(room).inner_join(users::table).select((users::username, users::display_name)).load(db)?;
    let outside: Vec<(String, String)> = users::table
        .filter(users::id.eq_any(expected(db, room)?))
        .select((users::username, users::display_name))
        .load(db)?;
    let name = Username::fold_shown(name);
    let is_same = |taken: &String| Username::fold_shown(taken) == name;
    Ok(inside.iter().chain(&outside).any(|(username, shown)| is_same(username) || is_same(shown)))
}

/// True where a guest of the room logged in after `since` and may still connect.
pub(crate) fn is_awaited(db: &mut Db, room: SessionId, since: Time) -> Result<bool, Error> {
    let fresh = tokens::table.filter(tokens::room_id.eq(room)).filter(tokens::created_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(fresh)).get_result(db)?)
}

/// Guests of a room who have not joined it.
fn expected(db: &mut Db, room: SessionId) -> Result<Vec<UserId>, Error> {
    let inside = present(room).select(members::user_id);
    let outside = tokens::table.filter(tokens::room_id.eq(room)).filter(tokens::user_id.ne_all(inside));
    Ok(outside.select(tokens::user_id).load(db)?)
}
