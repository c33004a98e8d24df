//! Leaving and deleting sessions and ending users: the revisions, and the events that follow.

use super::joining;
use crate::domain::{
    Audience, CommitOutput, ConnId, Effect, Event, LoginMethod, MemberState, Removal, Role, SessionId, SessionKind,
    Time, User, UserId, UserKind,
};
use crate::security_log;
use crate::service::invites::closing;
use crate::store::log::Revisions;
use crate::store::{
    Db, Error, attendance, blocks, budgets, members, rooms, sessions, tokens, transient_guests, users, visibility,
};

/// Removes a member from a group or room, or an ended guest from a direct session: the change, a successor of an owner, and the
/// notice. Returns the revision of the change. A group that its last member leaves is deleted; a transient guest of this room
/// ends. `by` is `None` where the user leaves; `sender` gets a reply instead of its event.
pub(crate) fn leave(
    db: &mut Db,
    session: SessionId,
    user: &User,
    by: Option<&User>,
    sender: Option<ConnId>,
    now: Time,
) -> Result<(i64, Vec<CommitOutput>), Error> {
    let (how, reason) =
        if by.is_some() { (MemberState::Removed, Removal::Removed) } else { (MemberState::Left, Removal::Left) };
    let mut revisions = Revisions::of(db, session)?;
    let rev = revisions.next();
    let was_owner = members::check(db, session, user.id)?.role == Role::Owner;
    members::set_departed(db, session, user.id, how, rev)?;
    let mut removed = CommitOutput::event(Audience::User(user.id), Event::SessionRemoved { session, rev, reason });
    let change = Box::new(members::change(db, session, user.id)?);
    let mut change = CommitOutput::event(Audience::Session(session), Event::Member { session, change });
    if by.is_some() {
        change = change.except(sender);
    } else {
        removed = removed.except(sender);
    }
    let mut out = vec![removed];
    out.extend(closing::withdraw_into(db, session, Some(user.id), now)?);
    out.extend(end_acquaintances(db, session, user.id)?);
    let successor = if was_owner { members::successor(db, session)? } else { None };
    if was_owner && successor.is_none() && revisions.kind == SessionKind::Group {
        revisions.save(db)?;
        out.extend(delete(db, session, Removal::Deleted, now)?);
        return Ok((rev, out));
    }
    out.push(change);
    if let Some(next) = successor {
        members::set_role(db, session, next, Role::Owner, revisions.next())?;
        let change = Box::new(members::change(db, session, next)?);
        out.push(CommitOutput::event(Audience::Session(session), Event::Member { session, change }));
    }
    if revisions.kind != SessionKind::Direct {
        let verb = if by.is_some() { "was removed" } else { "left" };
        // With the current name, which may have changed since they connected.
        let user = users::find(db, user.id)?;
        let notice = revisions.notice(db, by.unwrap_or(&user), format!("{} {verb}", user.display_name), now)?;
        out.push(CommitOutput::event(Audience::Session(session), Event::Posted(notice.into())));
    }
    revisions.save(db)?;
    if transient_guests::room_of(db, user.id)? == Some(session) {
        out.extend(end_user(db, user.id, now)?);
    }
    Ok((rev, out))
}

/// Deletes a session: it loses members and code at once, and its messages step by step while the writer is idle. Transient
/// guests of the room end with it.
pub(crate) fn delete(db: &mut Db, session: SessionId, reason: Removal, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let mut out = closing::withdraw_into(db, session, None, now)?;
    let all = members::ids(db, session)?;
    for user in &all {
        let event = Event::SessionRemoved { session, rev: i64::MAX, reason };
        out.push(CommitOutput::event(Audience::User(*user), event));
    }
    sessions::begin_purge(db, session)?;
    out.push(CommitOutput::Effect(Effect::SessionDissolved(all)));
    let guests = transient_guests::of_room(db, session)?;
    out.extend(end_guests(db, &guests, now)?);
    Ok(out)
}

/// Ends transient guests, unless they have ended already.
fn end_guests(db: &mut Db, guests: &[UserId], now: Time) -> Result<Vec<CommitOutput>, Error> {
    let mut out = Vec::new();
    for guest in guests {
        if transient_guests::is_here(db, *guest)? {
            out.extend(end_user(db, *guest, now)?);
        }
    }
    Ok(out)
}

/// Ends transient guests who have been without a connection for too long, unless one is online at another node: they then remain
/// expected.
pub(crate) fn expire_guests(db: &mut Db, guests: &[UserId], now: Time) -> Result<Vec<CommitOutput>, Error> {
    let online = attendance::online_among(db, guests)?;
    let (online, expired): (Vec<UserId>, Vec<UserId>) = guests.iter().partition(|guest| online.contains(guest));
    let mut out = end_guests(db, &expired, now)?;
    for guest in online {
        let login_method =
            transient_guests::room_of(db, guest)?.map_or(LoginMethod::LobbyGuest, LoginMethod::RoomGuest);
        out.push(CommitOutput::Effect(Effect::GuestExpected { guest, login_method }));
    }
    Ok(out)
}

/// Deletes a room that has had no connection for `grace` milliseconds. A join within that time wins, also one between finding
/// the room empty and this transaction, and so does a guest who may still enter, or a connection to another node: the time then
/// starts again.
pub(crate) fn expire_room(db: &mut Db, room: SessionId, grace: i64, now: Time) -> Result<Vec<CommitOutput>, Error> {
    if !rooms::is_ephemeral(db, room)? {
        return Ok(Vec::new());
    }
    let since = Time(now.0.saturating_sub(grace));
    let is_wanted = rooms::was_joined(db, room, since)? || transient_guests::is_awaited(db, room, since)?;
    if is_wanted || attendance::is_occupied(db, room)? {
        return Ok(vec![rooms::restart_grace_period(db, room)?]);
    }
    delete(db, room, Removal::Emptied, now)
}

/// Ends a user with every token: deletes an account, or ends a guest.
pub(crate) fn end_user(db: &mut Db, id: UserId, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let ended = tokens::delete_all(db, id, None)?;
    let User { username, kind, .. } = users::find(db, id)?;
    let event = if kind == UserKind::Guest { "guest_ended" } else { "account_ended" };
    security_log::note_internal(event, format_args!("user={username} user_id={id}"));
    users::mark_deleted(db, id)?;
    blocks::delete_all_of(db, id)?;
    budgets::forget_addresses(db, id)?;
    let mut out = leave_all(db, id, now)?;
    out.extend(ended.iter().map(|ended| CommitOutput::Effect(Effect::TokenEnded(ended.token))));
    Ok(out)
}

/// Removes an ended user from every session. Sessions that they own get a successor, groups without another member are deleted,
/// their invites are withdrawn, and the other user keeps a direct session.
fn leave_all(db: &mut Db, user: UserId, now: Time) -> Result<Vec<CommitOutput>, Error> {
    let mut out = closing::withdraw_all(db, user, now)?;
    let user = users::find(db, user)?;
    let is_account = user.kind == UserKind::Account;
    for (session, kind, state) in members::all_of(db, user.id)? {
        match (kind, state) {
            (SessionKind::Direct, MemberState::Joined) if is_account => {
                out.push(joining::changed(db, session, user.id)?);
                out.extend(end_acquaintances(db, session, user.id)?);
            }
            (_, MemberState::Joined) => out.extend(leave(db, session, &user, None, None, now)?.1),
            // Their messages there show another name from now on.
            _ if is_account => out.push(joining::changed(db, session, user.id)?),
            _ => {}
        }
    }
    Ok(out)
}

/// Ends presence between a user and the members of a session who have nothing else in common.
fn end_acquaintances(db: &mut Db, session: SessionId, user: UserId) -> Result<Vec<CommitOutput>, Error> {
    let others: Vec<UserId> = members::ids(db, session)?.into_iter().filter(|other| *other != user).collect();
    visibility::end_acquaintances(db, user, &others)
}
