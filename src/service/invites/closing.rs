//! Closing pending invites that became pointless. All functions give the events.

use crate::domain::{Audience, CommitOutput, Event, InviteState, SessionId, Time, UserId};
use crate::store::invites::{self, StoredInvite};
use crate::store::{Db, Error};

/// Accepts the pending invites between two users, who now have this session.
pub(crate) fn accept_between(
    db: &mut Db,
    a: UserId,
    b: UserId,
    session: SessionId,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let mut out = Vec::new();
    for pair in [(a, b), (b, a)] {
        if let Some(stored) = invites::pending(db, pair, None, now)? {
            out.push(accept(db, &stored, session, now)?);
        }
    }
    Ok(out)
}

/// Accepts the pending invites of `user` to this group, who is a member now.
pub(crate) fn accept_into(
    db: &mut Db,
    session: SessionId,
    user: UserId,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let pending = invites::pending_to_group(db, session, (None, Some(user)), now)?;
    pending.iter().map(|stored| accept(db, stored, session, now)).collect()
}

fn accept(db: &mut Db, stored: &StoredInvite, session: SessionId, now: Time) -> Result<CommitOutput, Error> {
    let id = stored.invite.id;
    invites::set_state(db, id, InviteState::Accepted, Some(session), now)?;
    let invite = invites::find(db, id, now)?.invite;
    Ok(CommitOutput::event(Audience::User(invite.from.id), Event::InviteAnswered(Box::new(invite))))
}

/// Withdraws the pending invites to a group that are by `from`, who may not invite any more, or all.
pub(crate) fn withdraw_into(
    db: &mut Db,
    session: SessionId,
    from: Option<UserId>,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let pending = invites::pending_to_group(db, session, (from, None), now)?;
    withdraw(db, pending, now)
}

/// Withdraws every pending invite to and by a deleted user.
pub(crate) fn withdraw_all(db: &mut Db, user: UserId, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let pending = invites::pending_around(db, user, now)?;
    withdraw(db, pending, now)
}

/// Withdraws the pending invite of `from` to `to` to a direct session.
pub(crate) fn withdraw_between(db: &mut Db, from: UserId, to: UserId, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let pending = invites::pending(db, (from, to), None, now)?;
    withdraw(db, pending, now)
}

fn withdraw(
    db: &mut Db,
    pending: impl IntoIterator<Item = StoredInvite>,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let mut out = Vec::new();
    for StoredInvite { invite, hidden, .. } in pending {
        let session = invite.session.map(|session| session.id);
        invites::set_state(db, invite.id, InviteState::Withdrawn, session, now)?;
        let invite = invites::find(db, invite.id, now)?.invite;
        for user in [&invite.from, &invite.to] {
            if !user.deleted && (!hidden || user.id == invite.from.id) {
                let event = Event::InviteAnswered(Box::new(invite.clone()));
                out.push(CommitOutput::event(Audience::User(user.id), event));
            }
        }
    }
    Ok(out)
}
