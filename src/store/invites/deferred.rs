//! Invites that wait: soon after a rejection the next one of the same user is delivered later.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{InviteRow, find};
use crate::domain::{Audience, Delivery, Event, InviteState, Time, UserId};
use crate::store::limited::Limited;
use crate::store::schema::invites;
use crate::store::{Db, Error, blocks};

/// Deferred invites that one transaction delivers.
const DELIVERED_AT_ONCE: i64 = 100;

/// When this addressee last rejected an invite of this user.
pub(crate) fn rejected_at(db: &mut Db, from: UserId, to: UserId) -> Result<Option<Time>, Error> {
    Ok(invites::table
        .filter(invites::from_id.eq(from))
        .filter(invites::to_id.eq(to))
        // Written out, since the index is for rejected invites only.
        .filter(sql::<Bool>("invites.state = 2"))
        .select(diesel::dsl::max(invites::answered_at))
        .one(db)?)
}

/// Delivers the deferred invites whose pause is over; a block that was set meanwhile keeps them hidden. The last delivery says
/// when the next one is due.
pub(crate) fn deliver_due(db: &mut Db, now: Time) -> Result<Vec<Delivery>, Error> {
    let due = invites::table.filter(invites::deliver_at.le(now)).select(InviteRow::as_select()).rows(DELIVERED_AT_ONCE);
    let rows: Vec<InviteRow> = due.load(db)?;
    let mut out = Vec::with_capacity(rows.len() + 1);
    for row in rows {
        let id = row.id;
        let hidden = blocks::exists(db, row.to_id, row.from_id)?;
        diesel::update(invites::table.find(id))
            .set((invites::hidden.eq(hidden), invites::deliver_at.eq(None::<Time>)))
            .execute(db)?;
        let asked = find(db, id, now)?;
        if asked.invite.state == InviteState::Pending {
            out.extend(asked.announcement());
        }
    }
    let next = next_due(db)?.map(|at| Delivery::new(Audience::House, Event::InviteDeferred(at)));
    out.extend(next);
    Ok(out)
}

/// When the next deferred invite is to be delivered.
pub(crate) fn next_due(db: &mut Db) -> Result<Option<Time>, Error> {
    Ok(invites::table
        .filter(invites::deliver_at.is_not_null())
        .select(diesel::dsl::min(invites::deliver_at))
        .one(db)?)
}
