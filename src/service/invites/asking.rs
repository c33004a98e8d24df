//! Asking: who may be invited, and the order of the checks.

use super::answering::connect;
use super::limits::{self as creating, InviteLimits};
use crate::domain::{Delivery, Invite, Refusal, Role, SessionId, SessionKind, Time, User};
use crate::service::membership;
use crate::store::members::Seat;
use crate::store::{Db, Error, blocks, invites, members, sessions};

/// Asks for a direct session. Where the other has asked for the same, it is opened at once.
pub(super) fn ask(
    db: &mut Db,
    me: &User,
    to: &User,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<Delivery>), Error> {
    not_oneself(me, to)?;
    if sessions::direct(db, me.id, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    let blocked = blocks::exists(db, to.id, me.id)?;
    // Whoever has blocked me asks nothing of me any more: their old question does not meet mine.
    if !blocked && let Some(theirs) = invites::pending(db, (to.id, me.id), None, now)? {
        let (_, out) = connect(db, me.id, to.id, now, None)?;
        return Ok((invites::find(db, theirs.invite.id, now)?.invite.seen_by(me.id), out));
    }
    question(db, (me, to), None, now, limits)
}

/// Asks into a group, into which `me` may invite.
pub(super) fn ask_into(
    db: &mut Db,
    me: &User,
    to: &User,
    group: SessionId,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<Delivery>), Error> {
    not_oneself(me, to)?;
    if members::seat(db, group, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    question(db, (me, to), Some(group), now, limits)
}

/// The open question of this kind, or a new one. It is not shown to somebody who has blocked the asker.
fn question(
    db: &mut Db,
    (me, to): (&User, &User),
    group: Option<SessionId>,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<Delivery>), Error> {
    if let Some(mut asked) = invites::pending(db, (me.id, to.id), group, now)? {
        if !asked.hidden || asked.deliver_at.is_some() || blocks::exists(db, to.id, me.id)? {
            return Ok((asked.invite, Vec::new()));
        }
        // Sent while blocked, and unblocked since: sending it again delivers it.
        invites::show(db, asked.invite.id)?;
        asked.hidden = false;
        let out = asked.announcement().into_iter().collect();
        return Ok((asked.invite, out));
    }
    limits.check(invites::pending_of(db, me.id, now)?, 1)?;
    let asked = creating::create(db, (me.id, to.id), group, now, limits)?;
    let out = asked.announcement().into_iter().collect();
    Ok((asked.invite, out))
}

fn not_oneself(me: &User, to: &User) -> Result<(), Refusal> {
    if to.id == me.id { Err(Refusal::invalid("`username` must be another user")) } else { Ok(()) }
}

/// Whether a member may invite into the session: only into groups, and only the owner and admins.
pub(super) fn may_invite(member: &Seat) -> Result<(), Refusal> {
    match member.kind {
        SessionKind::Group => membership::require(member, Role::Admin),
        SessionKind::Room => Err(Refusal::Forbidden("Rooms are joined by their code.")),
        SessionKind::Direct | SessionKind::Lobby => Err(Refusal::Forbidden("No one can be invited to this session.")),
    }
}
