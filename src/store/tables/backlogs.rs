//! Sessions as the older dialects list them.

use crate::domain::{Backlog, MemberState, SessionId, SessionKind, UserId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, sessions, users};

/// Which sessions to list. The lobby is never among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Direct,
    All,
}

/// The sessions of this scope that a user is in, and `room` if they are in it.
pub(crate) fn list(db: &mut Db, me: UserId, scope: Scope, room: Option<SessionId>) -> Result<Vec<Backlog>, Error> {
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
    let mut all: Vec<Backlog> = direct
        .into_iter()
        .map(|((session, seq), (partner, received))| Backlog { session, partner: Some(partner), received, seq })
        .collect();
    let other = |(session, received, seq)| Backlog { session, partner: None, received, seq };
    all.extend(others.into_iter().map(other));
    Ok(all)
}
