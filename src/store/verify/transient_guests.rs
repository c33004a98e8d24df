//! Tokens of transient guests: they belong to active guests, and exactly those of the room-code form name a room.

use super::Faults;
use crate::domain::{SessionId, SessionKind, TokenId, UserId, UserKind};
use crate::store::db::columns::{LoginMethodKind, Stored, UserState};
use crate::store::db::prelude::*;
use crate::store::db::schema::{sessions, tokens, users};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tokens)]
struct Row {
    id: TokenId,
    user_id: UserId,
    #[diesel(column_name = door)]
    login_method: Stored,
    room_id: Option<SessionId>,
    #[diesel(select_expression = users::kind)]
    kind: Stored,
    #[diesel(select_expression = users::state)]
    state: Stored,
}

/// Checks every token that names a room or has one of these login methods.
pub(super) fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    db.transaction(|db| {
        let rows: Vec<Row> = tokens::table
            .inner_join(users::table)
            .filter(tokens::door.ge(LoginMethodKind::LobbyGuest).or(tokens::room_id.is_not_null()))
            .select(Row::as_select())
            .load(db)?;
        for Row { id, user_id, login_method, room_id, kind, state } in rows {
            let name = format!("token {id} of user {user_id}");
            faults.unless(kind.is(UserKind::Guest) && state.is(UserState::Active), || {
                format!("{name}: belongs to a user who is not an active guest")
            });
            let is_for_a_room = login_method.is(LoginMethodKind::RoomGuest);
            let Some(room) = room_id else {
                faults.unless(!is_for_a_room, || format!("{name}: was issued for a room but names none"));
                continue;
            };
            faults.unless(is_for_a_room, || format!("{name}: names a room but was not issued for one"));
            let kind: Option<Stored> = sessions::table.find(room).select(sessions::kind).maybe(db)?;
            faults.unless(kind.is_some_and(|kind| kind.is(SessionKind::Room)), || {
                format!("{name}: was issued for {room}, which is not a room")
            });
        }
        Ok(())
    })
}
