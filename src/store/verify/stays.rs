//! Guests who end when missed: they are guests, and those of the room-code form are here for a room that is one, as nobody
//! else is said to be.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::Faults;
use crate::model::{SessionId, TokenId, UserId};
use crate::store::Db;
use crate::store::schema::{sessions, tokens, users};

/// `tokens.door` of the lobby's login, and of the room-code form.
const LOBBY: i16 = 2;
const ROOMS: i16 = 3;
const GUEST: i16 = 1;
const ACTIVE: i16 = 0;
const ROOM: i16 = 2;

/// Looks at every token that names a room or came by one of these doors.
pub fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    db.transaction(|db| check_tokens(db, faults))
}

fn check_tokens(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    type Row = (i64, i64, i16, Option<i64>, i16, i16);
    let rows: Vec<Row> = tokens::table
        .inner_join(users::table)
        .filter(tokens::door.ge(LOBBY).or(tokens::room_id.is_not_null()))
        .select((tokens::id, tokens::user_id, tokens::door, tokens::room_id, users::kind, users::state))
        .load(db)?;
    for (token, user, door, room, kind, state) in rows {
        let name = format!("token {} of user {}", TokenId(token), UserId(user));
        faults.unless(kind == GUEST && state == ACTIVE, || {
            format!("{name}: belongs to a user who is not an active guest")
        });
        let Some(room) = room else {
            faults.unless(door != ROOMS, || format!("{name}: was issued for a room but names none"));
            continue;
        };
        faults.unless(door == ROOMS, || format!("{name}: names a room but was not issued for one"));
        let kind: Option<i16> = sessions::table.find(room).select(sessions::kind).one(db).optional()?;
        faults
            .unless(kind == Some(ROOM), || format!("{name}: was issued for {}, which is not a room", SessionId(room)));
    }
    Ok(())
}
