//! Ends of open invites that nobody answers by hand: the session they ask for exists, or who may ask or answer is gone.

use diesel::prelude::*;

use super::{InviteRow, find, pending, set_state};
use crate::domain::{Audience, Delivery, Event, InviteId, InviteState, SessionId, Time, UserId};
use crate::store::limited::Limited;
use crate::store::schema::invites;
use crate::store::{Db, Error};

/// Answers every open question between two users with yes, since they now have this session; tells the askers.
pub(crate) fn settle(db: &mut Db, a: UserId, b: UserId, session: SessionId, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut told = Vec::new();
    for (from, to) in [(a, b), (b, a)] {
        if let Some(open) = pending(db, (from, to), None, now)? {
            set_state(db, open.invite.id, InviteState::Accepted, Some(session), now)?;
            let invite = find(db, open.invite.id, now)?.invite;
            told.push(Delivery::new(Audience::User(from), Event::InviteAnswered(Box::new(invite))));
        }
    }
    Ok(told)
}

/// Answers every open question to `user` into this group with yes, since they are in it now; tells the askers.
pub(crate) fn settle_into(db: &mut Db, session: SessionId, user: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let open = invites::table
        .filter(invites::session_id.eq(session))
        .filter(invites::to_id.eq(user))
        .filter(invites::expires_at.gt(now))
        .filter(invites::state.eq(InviteState::Pending));
    let ids: Vec<InviteId> = open.select(invites::id).load(db)?;
    let mut told = Vec::with_capacity(ids.len());
    for id in ids {
        set_state(db, id, InviteState::Accepted, Some(session), now)?;
        let invite = find(db, id, now)?.invite;
        told.push(Delivery::new(Audience::User(invite.from.id), Event::InviteAnswered(Box::new(invite))));
    }
    Ok(told)
}

/// Takes back open questions into a group: those of `from`, who may not ask any more, or all. Tells whoever was asked.
pub(crate) fn withdraw_into(
    db: &mut Db,
    session: SessionId,
    from: Option<UserId>,
    now: Time,
) -> Result<Vec<Delivery>, Error> {
    let open = invites::table
        .filter(invites::session_id.eq(session))
        .filter(invites::expires_at.gt(now))
        .filter(invites::state.eq(InviteState::Pending))
        .select(InviteRow::as_select())
        .into_boxed();
    let rows = match from {
        Some(from) => open.filter(invites::from_id.eq(from)).load(db)?,
        None => open.load(db)?,
    };
    withdraw(db, rows, now)
}

/// Takes back every open question to and of somebody who is gone. Tells the others.
pub(crate) fn withdraw_all(db: &mut Db, user: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<InviteRow> = invites::table
        .filter(invites::from_id.eq(user).or(invites::to_id.eq(user)))
        .filter(invites::state.eq(InviteState::Pending))
        .filter(invites::expires_at.gt(now))
        .select(InviteRow::as_select())
        .load(db)?;
    withdraw(db, rows, now)
}

fn withdraw(db: &mut Db, rows: Vec<InviteRow>, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        set_state(db, row.id, InviteState::Withdrawn, row.session_id, now)?;
        let asked = find(db, row.id, Time(0))?;
        for hearer in [&asked.invite.from, &asked.invite.to] {
            if !hearer.deleted && (!asked.hidden || hearer.id == asked.invite.from.id) {
                let event = Event::InviteAnswered(Box::new(asked.invite.clone()));
                told.push(Delivery::new(Audience::User(hearer.id), event));
            }
        }
    }
    Ok(told)
}

/// Takes back the open question of `from` to `to` for a direct session. Tells both, as for one that is taken back by hand.
pub(crate) fn withdraw_between(db: &mut Db, from: UserId, to: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let open = invites::table
        .filter(invites::from_id.eq(from))
        .filter(invites::to_id.eq(to))
        .filter(invites::session_id.is_null())
        .filter(invites::state.eq(InviteState::Pending))
        .filter(invites::expires_at.gt(now));
    let Some((id, hidden)) = open.select((invites::id, invites::hidden)).one::<(InviteId, bool)>(db).optional()? else {
        return Ok(Vec::new());
    };
    set_state(db, id, InviteState::Withdrawn, None, now)?;
    let invite = find(db, id, now)?.invite;
    let told = |hearer| Delivery::new(Audience::User(hearer), Event::InviteAnswered(Box::new(invite.clone())));
    Ok(if hidden { vec![told(from)] } else { vec![told(from), told(to)] })
}
