//! Whose presence is pushed to whom.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::super::columns::UserState;
use super::super::schema::users as people;
use super::super::{Db, Error, blocks, users};
use crate::domain::{Acquaintance, Audience, Delivery, Event, Relation, Shared, UserId};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: UserId,
}

// The members of a session stand in an index of their own by session and state, so looking whether there is one more than
// counts (`PRESENCE_UP_TO`) reads no further than that one. Everybody is looked at once, however many sessions are shared.
macro_rules! pushed_to {
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

/// Those whose presence is pushed to this user. Nobody for a user who is gone.
pub(crate) fn acquaintances(db: &mut Db, user: UserId) -> Result<Vec<UserId>, Error> {
    // Asked before: whoever ends for good goes from a thousand sessions one by one.
    if users::find(db, user)?.deleted {
        return Ok(Vec::new());
    }
    let found: Vec<Id> = diesel::sql_query(pushed_to!("<> $1")).bind::<BigInt, _>(user).load(db)?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Whether the presence of these two is pushed to each other.
pub(crate) fn acquainted(db: &mut Db, a: UserId, b: UserId) -> Result<bool, Error> {
    let found = diesel::sql_query(pushed_to!("= $2")).bind::<BigInt, _>(a).bind::<BigInt, _>(b);
    Ok(!found.load::<Id>(db)?.is_empty())
}

/// Has presence pushed between members of a session by which they share this much: each pair, or with a newcomer those pairs
/// that the newcomer is in.
pub(crate) fn acquaint(
    db: &mut Db,
    shared: Shared,
    newcomer: Option<UserId>,
    all: &[UserId],
) -> Result<Vec<Delivery>, Error> {
    if !shared.is_close() {
        return Ok(Vec::new());
    }
    let (firsts, blocked): (&[UserId], HashSet<(UserId, UserId)>) = match &newcomer {
        Some(user) => {
            let blocked = blocks::around(db, *user, all)?;
            (std::slice::from_ref(user), blocked.into_iter().map(|other| (*user, other)).collect())
        }
        None => (all, blocks::among(db, all)?),
    };
    let mut out = Vec::new();
    for (at, a) in firsts.iter().enumerate() {
        let others = if newcomer.is_some() { all } else { all.get(at + 1..).unwrap_or_default() };
        for b in others.iter().filter(|b| *b != a) {
            let is_blocked = blocked.contains(&(*a, *b)) || blocked.contains(&(*b, *a));
            if (Relation { shared, is_blocked }).pushes_presence() {
                let event = Event::Acquainted { a: *a, b: *b, presence: Acquaintance::Pushed };
                out.push(Delivery::new(Audience::House, event));
            }
        }
    }
    Ok(out)
}

/// Ends the push of presence between this user and those of the others who have no reason left for it.
pub(crate) fn strangers(db: &mut Db, user: UserId, others: &[UserId]) -> Result<Vec<Delivery>, Error> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let still: HashSet<UserId> = acquaintances(db, user)?.into_iter().collect();
    let apart: Vec<UserId> = others.iter().filter(|other| !still.contains(other)).copied().collect();
    let gone = gone_among(db, &apart)?;
    let is_gone = users::find(db, user)?.deleted;
    let event = |other: UserId| {
        let hidden = is_gone || gone.contains(&other);
        let presence = if hidden { Acquaintance::Hidden } else { Acquaintance::Apart };
        Delivery::new(Audience::House, Event::Acquainted { a: user, b: other, presence })
    };
    Ok(apart.into_iter().map(event).collect())
}

/// Those of these users who are gone for good.
fn gone_among(db: &mut Db, ids: &[UserId]) -> Result<HashSet<UserId>, Error> {
    let gone =
        people::table.filter(people::id.eq_any(ids)).filter(people::state.eq(UserState::Gone)).select(people::id);
    Ok(gone.load(db)?.into_iter().collect())
}
