//! Between which users presence is pushed.

use std::collections::HashSet;

use diesel::sql_types::BigInt;

use crate::domain::{Acquaintance, CommitOutput, Effect, Relation, SharedSession, UserId};
use crate::store::db::Number;
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::users as people;
use crate::store::tables::{blocks, users};

// Members have an index by session and state, so the check for more than `PRESENCE_UP_TO` members reads no further than that.
// Each user is considered once, however many sessions are shared.
macro_rules! pushed_to {
    ($which:literal) => {
        concat!(
            "SELECT other.id AS n FROM (SELECT DISTINCT theirs.user_id AS id FROM members mine \
             JOIN sessions ON sessions.id = mine.session_id \
             JOIN members theirs ON theirs.session_id = mine.session_id AND theirs.state = 0 \
             WHERE mine.user_id = $1 AND mine.state = 0 \
             AND EXISTS (SELECT 1 FROM users me WHERE me.id = $1 AND me.state < 2) \
             AND (sessions.kind = 0 OR (SELECT 1 FROM members one WHERE one.session_id = mine.session_id \
             AND one.state = 0 LIMIT 1 OFFSET 200) IS NULL)) AS other \
             JOIN users ON users.id = other.id WHERE users.state < 2 AND other.id ",
            $which,
            " AND other.id NOT IN (SELECT blocked_id FROM blocks WHERE blocker_id = $1) \
             AND other.id NOT IN (SELECT blocker_id FROM blocks WHERE blocked_id = $1)"
        )
    };
}

/// The users whose presence is pushed to this user; none for a deleted user.
pub(crate) fn acquaintances(db: &mut Db, user: UserId) -> Result<Vec<UserId>, Error> {
    // Checked first: a deleted user leaves each of perhaps a thousand sessions with this query.
    if users::find(db, user)?.deleted {
        return Ok(Vec::new());
    }
    let found: Vec<Number> = diesel::sql_query(pushed_to!("<> $1")).bind::<BigInt, _>(user).load(db)?;
    Ok(found.into_iter().map(|found| UserId(found.n)).collect())
}

/// Whether the presence of these two is pushed to each other.
pub(crate) fn acquainted(db: &mut Db, a: UserId, b: UserId) -> Result<bool, Error> {
    let found = diesel::sql_query(pushed_to!("= $2")).bind::<BigInt, _>(a).bind::<BigInt, _>(b);
    Ok(!found.load::<Number>(db)?.is_empty())
}

/// The effects that start pushing presence between members of a session: all pairs, or those with a new member.
pub(crate) fn acquaint(
    db: &mut Db,
    shared: SharedSession,
    new_member: Option<UserId>,
    all: &[UserId],
) -> Result<Vec<CommitOutput>, Error> {
    if !shared.is_close() {
        return Ok(Vec::new());
    }
    let (firsts, blocked): (&[UserId], HashSet<(UserId, UserId)>) = match &new_member {
        Some(user) => {
            let blocked = blocks::around(db, *user, all)?;
            (std::slice::from_ref(user), blocked.into_iter().map(|other| (*user, other)).collect())
        }
        None => (all, blocks::among(db, all)?),
    };
    let mut out = Vec::new();
    for (at, a) in firsts.iter().enumerate() {
        let others = if new_member.is_some() { all } else { all.get(at + 1..).unwrap_or_default() };
        for b in others.iter().filter(|b| *b != a) {
            let is_blocked = blocked.contains(&(*a, *b)) || blocked.contains(&(*b, *a));
            if (Relation { shared, is_blocked }).pushes_presence() {
                let effect = Effect::AcquaintanceChanged { a: *a, b: *b, presence: Acquaintance::Pushed };
                out.push(CommitOutput::Effect(effect));
            }
        }
    }
    Ok(out)
}

/// The effects that stop pushing presence between this user and those of the others that share no session with them any more.
pub(crate) fn end_acquaintances(db: &mut Db, user: UserId, others: &[UserId]) -> Result<Vec<CommitOutput>, Error> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let still: HashSet<UserId> = acquaintances(db, user)?.into_iter().collect();
    let apart: Vec<UserId> = others.iter().filter(|other| !still.contains(other)).copied().collect();
    let deleted = people::table.filter(people::id.eq_any(&apart)).filter(people::state.eq(UserState::Deleted));
    let deleted: HashSet<UserId> = deleted.select(people::id).load(db)?.into_iter().collect();
    let is_deleted = users::find(db, user)?.deleted;
    let effect = |other: UserId| {
        let hidden = is_deleted || deleted.contains(&other);
        let presence = if hidden { Acquaintance::Hidden } else { Acquaintance::Apart };
        CommitOutput::Effect(Effect::AcquaintanceChanged { a: user, b: other, presence })
    };
    Ok(apart.into_iter().map(effect).collect())
}
