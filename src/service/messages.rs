//! Permission to write: in a session, and by opening a direct session with a first message.

use std::sync::Arc;

use crate::domain::{
    Accepts, Audience, CommitOutput, ConnId, Event, Refusal, SessionId, SharedSession, Target, Time, User, UserId,
};
use crate::rate_limit::{Address, Limiter, NameLookups};
use crate::service::invites::closing;
use crate::store::{
    Db, Destination, Error, Obstacle, OpenDirect, Touches, blocks, members, obstacle, sessions, users, visibility,
};

/// Where a message goes. One to a username opens the direct session if there is none, which `limiter` counts; a name
/// that no user has counts as a miss of the address `from`.
pub(crate) fn destination(
    sender: UserId,
    target: &Target,
    limiter: &Limiter,
    names: &Arc<NameLookups>,
    from: Option<Address>,
) -> Destination {
    let name = match target {
        Target::Session(id) => return Destination::Session(*id),
        Target::User(name) => name.clone(),
    };
    let (limiter, names, named) = (limiter.clone(), Arc::clone(names), name.clone());
    let touches = Touches::found(move |db| {
        let Some(other) = users::by_name(db, &named)? else { return Ok(Touches::nothing()) };
        let session = sessions::direct(db, sender, other.id)?;
        Ok(Touches::users([sender, other.id]).and(Touches::sessions(session)))
    });
    let open = Box::new(move |db: &mut Db, refused: Option<&Refusal>, now: Time| {
        let found = users::by_name(db, &name)?;
        let other = match from {
            Some(from) => names.resolve(from, found)?,
            None => found.ok_or(Refusal::UnknownUser)?,
        };
        match (sessions::direct(db, sender, other.id)?, refused) {
            (Some(session), _) => Ok((session, Vec::new())),
            (None, Some(refusal)) => Err(refusal.clone().into()),
            (None, None) => open_direct(db, sender, &other, &limiter, None, now),
        }
    });
    Destination::Direct(OpenDirect { touches, open })
}

/// Opens the direct session of `me` and `other`, of which there is none. Gives it and its events.
///
/// # Errors
/// Those of [`may_open`]; `rate_limited`.
pub(crate) fn open_direct(
    db: &mut Db,
    me: UserId,
    other: &User,
    limiter: &Limiter,
    acting: Option<ConnId>,
    now: Time,
) -> Result<(SessionId, Vec<CommitOutput>), Error> {
    may_open(db, me, other)?;
    let session = sessions::insert_direct(db, me, other.id, now)?;
    limiter.new_session(me)?;
    Ok((session, direct_opened(db, session, [me, other.id], acting, now)?))
}

/// The events of a new direct session: the session itself, accepted invites between the two users, and each other's presence.
pub(crate) fn direct_opened(
    db: &mut Db,
    session: SessionId,
    [a, b]: [UserId; 2],
    acting: Option<ConnId>,
    now: Time,
) -> Result<Vec<CommitOutput>, Error> {
    let mut out = Vec::with_capacity(4);
    for user in [a, b] {
        let view = sessions::view(db, user, session)?;
        out.push(CommitOutput::event(Audience::User(user), Event::SessionAdded(Box::new(view))).except(acting));
    }
    out.extend(closing::accept_between(db, a, b, session, now)?);
    out.extend(visibility::acquaint(db, SharedSession::Direct, Some(a), &[b])?);
    Ok(out)
}

/// Whether a user may write in a session; true where typing is broadcast to the others.
///
/// # Errors
/// `not_found` where they are not in it, `blocked` or `forbidden` where either has blocked the other, or the other is gone.
pub(crate) fn may_write(db: &mut Db, session: SessionId, user: UserId) -> Result<bool, Error> {
    let member = members::check(db, session, user)?;
    if let Some(obstacle) = obstacle(db, session, user)? {
        return Err(refusal(obstacle).into());
    }
    Ok(SharedSession::by(member.kind, members::count(db, session)?).is_close())
}

/// Whether `me` may open a direct session with `other`, of which there is none.
///
/// # Errors
/// `invalid_request` for oneself, `blocked`, `invite_required`.
fn may_open(db: &mut Db, me: UserId, other: &User) -> Result<(), Error> {
    if other.id == me {
        return Err(Refusal::invalid("`username` must be another user").into());
    }
    if blocks::exists(db, me, other.id)? {
        return Err(Refusal::Blocked.into());
    }
    // A block is not revealed to the one who is blocked.
    if blocks::exists(db, other.id, me)? || users::accepts(db, other.id)? == Accepts::Invited {
        return Err(Refusal::InviteRequired.into());
    }
    Ok(())
}

pub(crate) fn refusal(obstacle: Obstacle) -> Refusal {
    match obstacle {
        Obstacle::Deleted => Refusal::Forbidden("This account was deleted."),
        Obstacle::Blocked => Refusal::Blocked,
        Obstacle::BlockedBy => Refusal::Forbidden("This user does not accept your messages."),
        Obstacle::NoReplyTarget => Refusal::invalid("`reply_to` must be the `seq` of a message of this session"),
        Obstacle::MarkOutOfRange(newest) => {
            Refusal::invalid(format!("`seq` must be from 0 to {newest}, the newest message"))
        }
    }
}
