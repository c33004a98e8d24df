//! Sending an invite: who may be invited, and the order of the checks.

use super::answer::connect;
use super::deferred::announcement;
use super::limits::{self as creating, InviteLimits};
use crate::domain::{CommitOutput, Invite, Refusal, Role, SessionId, SessionKind, Time, User};
use crate::service::membership;
use crate::store::members::Membership;
use crate::store::{Db, Error, blocks, invites, members, sessions};

/// Invites to a direct session. Where the other user has sent the same invite, the session is opened at once.
pub(super) fn invite_to_direct(
    db: &mut Db,
    me: &User,
    to: &User,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<CommitOutput>), Error> {
    must_be_another(me, to)?;
    if sessions::direct(db, me.id, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    let blocked = blocks::exists(db, to.id, me.id)?;
    // An old invite of a user who has blocked me since does not count.
    if !blocked && let Some(theirs) = invites::pending(db, (to.id, me.id), None, now)? {
        let (_, out) = connect(db, me.id, to.id, now, None)?;
        return Ok((invites::find(db, theirs.invite.id, now)?.invite.seen_by(me.id), out));
    }
    pending_or_new(db, (me, to), None, now, limits)
}

/// Invites into a group, into which `me` may invite.
pub(super) fn invite_into(
    db: &mut Db,
    me: &User,
    to: &User,
    group: SessionId,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<CommitOutput>), Error> {
    must_be_another(me, to)?;
    if members::find(db, group, to.id)?.is_some() {
        return Err(Refusal::AlreadyConnected.into());
    }
    if blocks::exists(db, me.id, to.id)? {
        return Err(Refusal::Blocked.into());
    }
    pending_or_new(db, (me, to), Some(group), now, limits)
}

/// The pending invite, or a new one. An addressee who has blocked the sender does not see it.
fn pending_or_new(
    db: &mut Db,
    (me, to): (&User, &User),
    group: Option<SessionId>,
    now: Time,
    limits: InviteLimits,
) -> Result<(Invite, Vec<CommitOutput>), Error> {
    if let Some(mut pending) = invites::pending(db, (me.id, to.id), group, now)? {
        if !pending.hidden || pending.deliver_at.is_some() || blocks::exists(db, to.id, me.id)? {
            return Ok((pending.invite, Vec::new()));
        }
        // Sent while blocked, and unblocked since: sending it again delivers it.
        invites::reveal(db, pending.invite.id)?;
        pending.hidden = false;
        let out = announcement(&pending).into_iter().collect();
        return Ok((pending.invite, out));
    }
    limits.check(invites::pending_of(db, me.id, now)?, 1)?;
    let created = creating::create(db, (me.id, to.id), group, now, limits)?;
    let out = announcement(&created).into_iter().collect();
    Ok((created.invite, out))
}

fn must_be_another(me: &User, to: &User) -> Result<(), Refusal> {
    if to.id == me.id { Err(Refusal::invalid("`username` must be another user")) } else { Ok(()) }
}

/// Only the owner and admins invite, and only into groups.
pub(super) fn may_invite(member: &Membership) -> Result<(), Refusal> {
    match member.kind {
        SessionKind::Group => membership::require(member, Role::Admin),
        SessionKind::Room => Err(Refusal::Forbidden("Rooms are joined by their code.")),
        SessionKind::Direct | SessionKind::Lobby => Err(Refusal::Forbidden("No one can be invited to this session.")),
    }
}
