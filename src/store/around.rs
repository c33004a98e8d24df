//! Who is around whom: people who share a direct session, a group or a room. Sharing the lobby does not count, and has no
//! rows in `members` that could.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::{members, users as people};
use super::{Db, Error, users};
use crate::model::{Acquaintance, Audience, Delivery, Event, UserId};

/// Presence is pushed in groups and rooms of up to so many members.
pub const PRESENCE_UP_TO: usize = 200;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Which of these users share a session with this one.
pub fn sharing(db: &mut Db, user: UserId, with: &[i64]) -> Result<Vec<i64>, Error> {
    let (mine, theirs) = diesel::alias!(members as mine, members as theirs);
    let ids = mine
        .inner_join(theirs.on(theirs.field(members::session_id).eq(mine.field(members::session_id))))
        .filter(mine.field(members::user_id).eq(user.0))
        .filter(mine.field(members::state).eq(0_i16))
        .filter(theirs.field(members::state).eq(0_i16))
        .filter(theirs.field(members::user_id).eq_any(with))
        .select(theirs.field(members::user_id))
        .distinct();
    Ok(ids.load(db)?)
}

// The members of a session stand in an index of their own by session and state, so looking whether there is one more than
// counts (200, see above) reads no further than that one. Everybody is looked at once, however many sessions are shared.
macro_rules! around {
    ($which:literal) => {
        concat!(
            "SELECT other.id FROM (SELECT DISTINCT theirs.user_id AS id FROM members mine \
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

/// Those whose presence is pushed to this user: they share a direct session or a group or room that is not too large, and
/// neither has blocked the other. Nobody for a user who is gone.
pub fn acquaintances(db: &mut Db, user: UserId) -> Result<Vec<UserId>, Error> {
    // Asked before: whoever ends for good goes from a thousand sessions one by one.
    if users::find(db, user)?.deleted {
        return Ok(Vec::new());
    }
    let found: Vec<Id> = diesel::sql_query(around!("<> $1")).bind::<BigInt, _>(user.0).load(db)?;
    Ok(found.into_iter().map(|found| UserId(found.id)).collect())
}

/// Those of these users who are gone for good.
fn gone_among(db: &mut Db, ids: &[i64]) -> Result<HashSet<i64>, Error> {
    let gone = people::table.filter(people::id.eq_any(ids)).filter(people::state.eq(2_i16)).select(people::id);
    Ok(gone.load(db)?.into_iter().collect())
}

/// Whether that holds for these two.
pub fn acquainted(db: &mut Db, a: UserId, b: UserId) -> Result<bool, Error> {
    let found = diesel::sql_query(around!("= $2")).bind::<BigInt, _>(a.0).bind::<BigInt, _>(b.0);
    Ok(!found.load::<Id>(db)?.is_empty())
}

/// Of these people, those who have no reason any more to be pushed this user's presence.
pub fn strangers(db: &mut Db, user: UserId, others: &[UserId]) -> Result<Vec<Delivery>, Error> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let still: HashSet<UserId> = acquaintances(db, user)?.into_iter().collect();
    let apart: Vec<i64> = others.iter().filter(|other| !still.contains(other)).map(|other| other.0).collect();
    let gone = gone_among(db, &apart)?;
    let is_gone = users::find(db, user)?.deleted;
    let event = |other: i64| {
        let hidden = is_gone || gone.contains(&other);
        let presence = if hidden { Acquaintance::Hidden } else { Acquaintance::Apart };
        Delivery::new(Audience::House, Event::Acquainted { a: user, b: UserId(other), presence })
    };
    Ok(apart.into_iter().map(event).collect())
}
