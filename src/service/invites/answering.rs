//! Answering: which invite is meant, and the session that follows.

use crate::domain::{Asked, ConnId, Delivery, Invite, InviteState, Refusal, SessionId, Time, User, UserId};
use crate::service::membership;
use crate::store::{self, Db, Error, invites, members, sessions, users};

/// Comes into the group that one was invited to; everybody else's question about it is answered with that.
pub(super) fn enter(
    db: &mut Db,
    group: SessionId,
    me: &User,
    limit: u32,
    now: Time,
    acting: Option<ConnId>,
) -> Result<Vec<Delivery>, Error> {
    if members::seat(db, group, me.id)?.is_some() {
        return invites::settle_into(db, group, me.id, now);
    }
    let (_, mut out) = membership::join(db, group, me, limit, now, acting)?;
    out.extend(invites::settle_into(db, group, me.id, now)?);
    Ok(out)
}

/// An invite that is this user's to answer.
pub(super) fn addressed(db: &mut Db, me: UserId, asked: &Asked, now: Time) -> Result<Invite, Error> {
    let found = match asked {
        Asked::Invite(id) => invites::find(db, id.ok_or(Refusal::NotFound)?, now)?,
        Asked::By(name) => {
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

/// An answered, withdrawn or expired invite does not change any more.
pub(super) fn must_be_pending(invite: &Invite) -> Result<(), Refusal> {
    if invite.state == InviteState::Pending { Ok(()) } else { Err(Refusal::InviteClosed) }
}

/// The direct session of two users, made if need be; no question between them stays open.
pub(super) fn connect(
    db: &mut Db,
    me: UserId,
    other: UserId,
    now: Time,
    acting: Option<ConnId>,
) -> Result<(SessionId, Vec<Delivery>), Error> {
    if let Some(session) = sessions::direct(db, me, other)? {
        return Ok((session, invites::settle(db, me, other, session, now)?));
    }
    let session = sessions::insert_direct(db, me, other, now)?;
    Ok((session, store::added(db, session, [me, other], acting, now)?))
}
