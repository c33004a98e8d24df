//! Conversations as older systems know them: the direct sessions of somebody and the room for which a guest is here, or all.

use diesel::prelude::*;

use super::schema::{members, sessions, users};
use super::{Db, Error};
use crate::model::{Conversation, SessionId, UserId};

/// Which sessions are meant. The lobby never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Direct sessions.
    Direct,
    /// All kinds.
    All,
}

/// The sessions of this scope that a user is in, and `room` where they are in it.
pub fn list(db: &mut Db, me: UserId, scope: Scope, room: Option<SessionId>) -> Result<Vec<Conversation>, Error> {
    let (mine, theirs) = diesel::alias!(members as mine, members as theirs);
    let direct: Vec<(i64, String, i64, i64)> = mine
        .inner_join(sessions::table.on(sessions::id.eq(mine.field(members::session_id))))
        .inner_join(theirs.on(theirs.field(members::session_id).eq(sessions::id)))
        .inner_join(users::table.on(users::id.eq(theirs.field(members::user_id))))
        .filter(mine.field(members::user_id).eq(me.0))
        .filter(mine.field(members::state).eq(0_i16))
        .filter(sessions::kind.eq(0_i16))
        .filter(theirs.field(members::user_id).ne(me.0))
        .select((sessions::id, users::username, mine.field(members::received), sessions::seq))
        .load(db)?;
    let others = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(me.0))
        .filter(members::state.eq(0_i16))
        .filter(sessions::kind.ne(0_i16))
        .select((sessions::id, members::received, sessions::seq))
        .into_boxed();
    let others = match scope {
        Scope::Direct => others.filter(sessions::id.eq_any(room.map(|room| room.0))),
        Scope::All => others,
    };
    let others: Vec<(i64, i64, i64)> = others.load(db)?;
    let mut all: Vec<Conversation> = direct
        .into_iter()
        .map(|(id, partner, received, seq)| Conversation {
            session: SessionId(id),
            partner: Some(partner),
            received,
            seq,
        })
        .collect();
    let other = |(id, received, seq)| Conversation { session: SessionId(id), partner: None, received, seq };
    all.extend(others.into_iter().map(other));
    Ok(all)
}
