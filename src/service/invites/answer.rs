//! Answering an invite: which one is meant, and the session that follows.

use super::closing;
use crate::domain::{
    CommitOutput, ConnId, Invite, InviteSelector, InviteState, Refusal, SessionId, Time, User, UserId,
};
use crate::service::{membership, messages};
use crate::store::{Db, Error, invites, members, sessions, users};

/// Joins the group of an invite, which settles the user's other invites to it.
pub(super) fn enter(
    db: &mut Db,
    group: SessionId,
    me: &User,
    limit: u32,
    now: Time,
    sender: Option<ConnId>,
) -> Result<Vec<CommitOutput>, Error> {
    if members::find(db, group, me.id)?.is_some() {
        return closing::accept_into(db, group, me.id, now);
    }
    let (_, mut out) = membership::join(db, group, me, limit, now, sender)?;
    out.extend(closing::accept_into(db, group, me.id, now)?);
    Ok(out)
}

pub(super) fn addressed(db: &mut Db, me: UserId, invite: &InviteSelector, now: Time) -> Result<Invite, Error> {
    let found = match invite {
        InviteSelector::Invite(id) => invites::find(db, id.ok_or(Refusal::NotFound)?, now)?,
        InviteSelector::By(name) => {
            let from = users::by_name(db, name)?.ok_or(Refusal::NotFound)?;
            invites::pending(db, (from.id, me), None, now)?.ok_or(Refusal::NotFound)?
        }
    };
    if found.invite.to.id != me || found.hidden {
        return Err(Refusal::NotFound.into());
    }
    must_be_pending(&found.invite)?;
    Ok(found.invite)
}

pub(super) fn must_be_pending(invite: &Invite) -> Result<(), Refusal> {
    if invite.state == InviteState::Pending { Ok(()) } else { Err(Refusal::InviteClosed) }
}

/// The direct session of two users, created if need be. Settles the invites between them.
pub(super) fn connect(
    db: &mut Db,
    me: UserId,
    other: UserId,
    now: Time,
    sender: Option<ConnId>,
) -> Result<(SessionId, Vec<CommitOutput>), Error> {
    if let Some(session) = sessions::direct(db, me, other)? {
        return Ok((session, closing::accept_between(db, me, other, session, now)?));
    }
    let session = sessions::insert_direct(db, me, other, now)?;
    Ok((session, messages::direct_opened(db, session, [me, other], sender, now)?))
}
