//! Leaving sessions, and the ends of sessions and of users: the steps, and the events that follow.

use super::joining;
use crate::domain::{
    Audience, ConnId, Delivery, Event, MemberState, Removal, Role, SessionId, SessionKind, Time, User, UserId, UserKind,
};
use crate::security_log;
use crate::store::steps::Steps;
use crate::store::{Db, Error, blocks, budgets, invites, members, sessions, stays, tokens, users, visibility};

/// A member who leaves or is removed.
pub(crate) struct Departure<'a> {
    /// The member.
    pub user: &'a User,
    /// Who removes them; `None` where they leave by themselves.
    pub by: Option<&'a User>,
    /// The connection that sent the command, which gets a reply instead of the event.
    pub acting: Option<ConnId>,
}

/// Takes a member out of a group or room, or an ended guest out of a direct session: the change, a successor where the
/// owner leaves, and the notice. Gives the step of the change. The last one who leaves a group deletes it; a guest who was let
/// in for this room ends.
pub(crate) fn leave(
    db: &mut Db,
    session: SessionId,
    Departure { user, by, acting }: Departure<'_>,
    now: Time,
) -> Result<(i64, Vec<Delivery>), Error> {
    let (how, reason) =
        if by.is_some() { (MemberState::Removed, Removal::Removed) } else { (MemberState::Left, Removal::Left) };
    let mut steps = Steps::of(db, session)?;
    let rev = steps.next();
    let was_owner = members::check(db, session, user.id)?.role == Role::Owner;
    members::depart(db, session, user.id, how, rev)?;
    let mut gone = Delivery::new(Audience::User(user.id), Event::SessionRemoved { session, rev, reason });
    let change = Box::new(members::change(db, session, user.id)?);
    let mut change = Delivery::new(Audience::Session(session), Event::Member { session, change });
    if by.is_some() {
        change = change.except(acting);
    } else {
        gone = gone.except(acting);
    }
    let mut out = vec![gone];
    out.extend(invites::withdraw_into(db, session, Some(user.id), now)?);
    out.extend(estrange(db, session, user.id)?);
    let successor = if was_owner { members::successor(db, session)? } else { None };
    if was_owner && successor.is_none() && steps.kind == SessionKind::Group {
        steps.keep(db)?;
        out.extend(delete(db, session, Removal::Deleted, now)?);
        return Ok((rev, out));
    }
    out.push(change);
    if let Some(next) = successor {
        members::promote(db, session, next, Role::Owner, steps.next())?;
        let change = Box::new(members::change(db, session, next)?);
        out.push(Delivery::new(Audience::Session(session), Event::Member { session, change }));
    }
    if steps.kind != SessionKind::Direct {
        let verb = if by.is_some() { "was removed" } else { "left" };
        // With their present name, which may have changed since they connected.
        let user = users::find(db, user.id)?;
        let notice = steps.notice(db, by.unwrap_or(&user), format!("{} {verb}", user.display_name), now)?;
        out.push(Delivery::new(Audience::Session(session), Event::Posted(notice.into())));
    }
    steps.keep(db)?;
    if stays::room_of(db, user.id)? == Some(session) {
        out.extend(end_user(db, user.id, now)?);
    }
    Ok((rev, out))
}

/// Deletes a session: at once it has no members and no code, and its messages are deleted step by step while the writer is
/// idle. Guests who were let in for it end with it.
pub(crate) fn delete(db: &mut Db, session: SessionId, reason: Removal, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = invites::withdraw_into(db, session, None, now)?;
    let all = members::ids(db, session)?;
    for user in &all {
        let gone = Event::SessionRemoved { session, rev: i64::MAX, reason };
        out.push(Delivery::new(Audience::User(*user), gone));
    }
    sessions::begin_purge(db, session)?;
    out.push(Delivery::new(Audience::House, Event::Parted(all)));
    for guest in stays::of_room(db, session)? {
        if stays::is_here(db, guest)? {
            out.extend(end_user(db, guest, now)?);
        }
    }
    Ok(out)
}

/// Ends a user for good, with every token: an account that is deleted, or a guest whose visit is over.
pub(crate) fn end_user(db: &mut Db, id: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let ended = tokens::delete_all(db, id, None)?;
    let User { username, kind, .. } = users::find(db, id)?;
    let event = if kind == UserKind::Guest { "guest_ended" } else { "account_ended" };
    security_log::note_internal(event, format_args!("user={username} user_id={id}"));
    users::end(db, id)?;
    blocks::forget(db, id)?;
    budgets::forget_addresses(db, id)?;
    let mut out = take_out(db, id, now)?;
    out.extend(ended.iter().map(|ended| Delivery::new(Audience::House, Event::TokenEnded(ended.token))));
    Ok(out)
}

/// Takes a user whose row is marked as gone out of every session. What they own is handed over; groups without another member
/// are deleted; their invites are withdrawn; the other user keeps a direct session.
fn take_out(db: &mut Db, user: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = invites::withdraw_all(db, user, now)?;
    let user = users::find(db, user)?;
    let is_account = user.kind == UserKind::Account;
    for (session, kind, state) in members::all_of(db, user.id)? {
        match (kind, state) {
            (SessionKind::Direct, MemberState::Joined) if is_account => {
                out.push(joining::changed(db, session, user.id)?);
                out.extend(estrange(db, session, user.id)?);
            }
            (_, MemberState::Joined) => {
                let departure = Departure { user: &user, by: None, acting: None };
                out.extend(leave(db, session, departure, now)?.1);
            }
            // Their messages there have another name from now on.
            _ if is_account => out.push(joining::changed(db, session, user.id)?),
            _ => {}
        }
    }
    Ok(out)
}

/// The events for members of a session who have no other reason to see somebody's presence.
fn estrange(db: &mut Db, session: SessionId, user: UserId) -> Result<Vec<Delivery>, Error> {
    let others: Vec<UserId> = members::ids(db, session)?.into_iter().filter(|other| *other != user).collect();
    visibility::strangers(db, user, &others)
}
