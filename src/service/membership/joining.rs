//! Joining sessions and changing roles: the revisions, and the events that follow.

use super::has_place;
use crate::domain::{
    Audience, CommitOutput, ConnId, Event, Role, Session, SessionId, SessionKind, SharedSession, Time, User, UserId,
};
use crate::service::invites::closing;
use crate::store::log::Revisions;
use crate::store::{Db, Error, members, rooms, sessions, users, visibility};

/// Adds a member, in two revisions: the change and its notice. Returns the session as the new member sees it, and the events;
/// their own connections receive the session after the revisions that added them. `limit` 0 is no limit.
///
/// # Errors
/// `limit_reached`.
pub(crate) fn join(
    db: &mut Db,
    session: SessionId,
    user: &User,
    limit: u32,
    now: Time,
    sender: Option<ConnId>,
) -> Result<(Session, Vec<CommitOutput>), Error> {
    let mut revisions = Revisions::of(db, session)?;
    has_place(revisions.kind, members::count(db, session)?, limit)?;
    // A room that all members have left has no owner: the next member becomes it.
    let role = if members::has_owner(db, session)? { Role::Member } else { Role::Owner };
    // With the current name, which may have changed since they connected.
    let user = &users::find(db, user.id)?;
    let rev = revisions.next();
    let notice = revisions.notice(db, user, format!("{} has entered", user.display_name), now)?;
    members::upsert(db, session, user.id, role, rev, notice.seq, now)?;
    let is_room = revisions.kind == SessionKind::Room;
    revisions.save(db)?;
    let change = Box::new(members::change(db, session, user.id)?);
    let view = sessions::view(db, user.id, session)?;
    let mut out = vec![
        CommitOutput::event(Audience::Session(session), Event::Member { session, change }),
        CommitOutput::event(Audience::Session(session), Event::Posted(notice.into())),
        CommitOutput::event(Audience::User(user.id), Event::SessionAdded(Box::new(view.clone()))).except(sender),
    ];
    let all = members::ids(db, session)?;
    out.extend(visibility::acquaint(db, SharedSession::by(view.kind, all.len()), Some(user.id), &all)?);
    if is_room && !sessions::is_permanent(db, session)? {
        out.push(rooms::restart_grace_period(db, session)?);
    }
    Ok((view, out))
}

/// Changes a member's role; a new owner makes the old one an admin, in a revision of its own. Returns the revision of the
/// member's change. `sender` gets a reply instead of its event.
///
/// # Errors
/// `not_found` where the user is not in it.
pub(crate) fn promote(
    db: &mut Db,
    session: SessionId,
    (owner, member): (UserId, UserId),
    role: Role,
    sender: Option<ConnId>,
    now: Time,
) -> Result<(i64, Vec<CommitOutput>), Error> {
    let mut revisions = Revisions::of(db, session)?;
    let rev = revisions.next();
    members::set_role(db, session, member, role, rev)?;
    let change = Box::new(members::change(db, session, member)?);
    let mut out =
        vec![CommitOutput::event(Audience::Session(session), Event::Member { session, change }).except(sender)];
    if role == Role::Owner {
        members::set_role(db, session, owner, Role::Admin, revisions.next())?;
        let change = Box::new(members::change(db, session, owner)?);
        out.push(CommitOutput::event(Audience::Session(session), Event::Member { session, change }));
    } else if role == Role::Member {
        out.extend(closing::withdraw_into(db, session, Some(member), now)?);
    }
    revisions.save(db)?;
    Ok((rev, out))
}

/// The events of a new group or room for its members: the session, and each other's presence.
pub(crate) fn created(
    db: &mut Db,
    session: SessionId,
    creator: UserId,
    sender: Option<ConnId>,
) -> Result<Vec<CommitOutput>, Error> {
    let all = members::ids(db, session)?;
    let mut out = Vec::with_capacity(all.len());
    // A new session looks the same to all but its owner: it is read once and not for each.
    let view = sessions::view(db, creator, session)?;
    for user in &all {
        let mut view = view.clone();
        if *user != creator {
            view.role = Role::Member;
        }
        out.push(CommitOutput::event(Audience::User(*user), Event::SessionAdded(Box::new(view))).except(sender));
    }
    out.extend(visibility::acquaint(db, SharedSession::by(view.kind, all.len()), None, &all)?);
    Ok(out)
}

/// The event for a session of a member whose account was deleted.
pub(super) fn changed(db: &mut Db, session: SessionId, user: UserId) -> Result<CommitOutput, Error> {
    let mut revisions = Revisions::of(db, session)?;
    let rev = revisions.next();
    members::set_rev(db, session, user, rev)?;
    revisions.save(db)?;
    let change = Box::new(members::change(db, session, user)?);
    Ok(CommitOutput::event(Audience::Session(session), Event::Member { session, change }))
}
