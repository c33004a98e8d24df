//! Conversations as older systems know them: the direct sessions of somebody and the room for which a guest is here, or all.

use diesel::prelude::*;

use super::schema::{members, sessions, users};
use super::{Db, Error};
use crate::domain::{Conversation, MemberState, SessionId, SessionKind, UserId};

/// Which sessions are meant. The lobby never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Direct sessions.
    Direct,
    /// All kinds.
    All,
}

/// The sessions of this scope that a user is in, and `room` where they are in it.
pub(crate) fn list(db: &mut Db, me: UserId, scope: Scope, room: Option<SessionId>) -> Result<Vec<Conversation>, Error> {
    let (mine, theirs) = diesel::alias!(members as mine, members as theirs);
    let direct: Vec<((SessionId, i64), (String, i64))> = mine
        .inner_join(sessions::table.on(sessions::id.eq(mine.field(members::session_id))))
        .inner_join(theirs.on(theirs.field(members::session_id).eq(sessions::id)))
        .inner_join(users::table.on(users::id.eq(theirs.field(members::user_id))))
        .filter(mine.field(members::user_id).eq(me))
        .filter(mine.field(members::state).eq(MemberState::Joined))
        .filter(sessions::kind.eq(SessionKind::Direct))
        .filter(theirs.field(members::user_id).ne(me))
        .select(((sessions::id, sessions::seq), (users::username, mine.field(members::received))))
        .load(db)?;
    let others = members::table
        .inner_join(sessions::table)
        .filter(members::user_id.eq(me))
        .filter(members::state.eq(MemberState::Joined))
        .filter(sessions::kind.ne(SessionKind::Direct))
        .select((sessions::id, members::received, sessions::seq))
        .into_boxed();
    let others = match scope {
        Scope::Direct => others.filter(sessions::id.eq_any(room)),
        Scope::All => others,
    };
    let others: Vec<(SessionId, i64, i64)> = others.load(db)?;
    let mut all: Vec<Conversation> = direct
        .into_iter()
        .map(|((session, seq), (partner, received))| Conversation { session, partner: Some(partner), received, seq })
        .collect();
    let other = |(session, received, seq)| Conversation { session, partner: None, received, seq };
    all.extend(others.into_iter().map(other));
    Ok(all)
}
