//! Guests who end when missed: they are guests, and those of the room-code form are here for a room that is one, as nobody
//! else is said to be.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::Faults;
use crate::domain::{SessionId, SessionKind, TokenId, UserId, UserKind};
use crate::store::Db;
use crate::store::columns::{DoorKind, Stored, UserState};
use crate::store::schema::{sessions, tokens, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct Row {
    id: TokenId,
    user_id: UserId,
    door: Stored,
    room_id: Option<SessionId>,
    #[diesel(select_expression = users::kind)]
    kind: Stored,
    #[diesel(select_expression = users::state)]
    state: Stored,
}

/// Looks at every token that names a room or came by one of these doors.
pub(super) fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    db.transaction(|db| check_tokens(db, faults))
}

fn check_tokens(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let rows: Vec<Row> = tokens::table
        .inner_join(users::table)
        .filter(tokens::door.ge(DoorKind::Lobby).or(tokens::room_id.is_not_null()))
        .select(Row::as_select())
        .load(db)?;
    for Row { id, user_id, door, room_id, kind, state } in rows {
        let name = format!("token {id} of user {user_id}");
        faults.unless(kind.is(UserKind::Guest) && state.is(UserState::Active), || {
            format!("{name}: belongs to a user who is not an active guest")
        });
        let is_for_a_room = door.is(DoorKind::Rooms);
        let Some(room) = room_id else {
            faults.unless(!is_for_a_room, || format!("{name}: was issued for a room but names none"));
            continue;
        };
        faults.unless(is_for_a_room, || format!("{name}: names a room but was not issued for one"));
        let kind: Option<Stored> = sessions::table.find(room).select(sessions::kind).one(db).optional()?;
        faults.unless(kind.is_some_and(|kind| kind.is(SessionKind::Room)), || {
            format!("{name}: was issued for {room}, which is not a room")
        });
    }
    Ok(())
}
