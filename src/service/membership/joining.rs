//! Joining sessions and changing roles: the steps, and the events that follow.

use super::has_place;
use crate::domain::{
    Audience, ConnId, Delivery, Event, Role, Session, SessionId, SessionKind, Shared, Time, User, UserId,
};
use crate::store::steps::Steps;
use crate::store::{Db, Error, invites, members, rooms, sessions, users, visibility};

/// Makes a member of somebody who is none: two steps, the change and its notice. Gives the session as they see it, and the
/// events; their own connections receive the session behind the steps that brought them in. `limit` is how many members it
/// may have, 0 for any number.
///
/// # Errors
/// `limit_reached`.
pub(crate) fn join(
    db: &mut Db,
    session: SessionId,
    user: &User,
    limit: u32,
    now: Time,
    acting: Option<ConnId>,
) -> Result<(Session, Vec<Delivery>), Error> {
    let mut steps = Steps::of(db, session)?;
    has_place(steps.kind, members::count(db, session)?, limit)?;
    // Nobody owns a room that everybody has left: the next member does.
    let role = if members::is_owned(db, session)? { Role::Member } else { Role::Owner };
    // With their present name, which may have changed since they connected.
    let user = &users::find(db, user.id)?;
    let rev = steps.next();
    let notice = steps.notice(db, user, format!("{} has entered", user.display_name), now)?;
    members::put(db, session, user.id, role, rev, notice.seq, now)?;
    let is_room = steps.kind == SessionKind::Room;
    steps.keep(db)?;
    let change = Box::new(members::change(db, session, user.id)?);
    let view = sessions::view(db, user.id, session)?;
    let mut out = vec![
        Delivery::new(Audience::Session(session), Event::Member { session, change }),
        Delivery::new(Audience::Session(session), Event::Posted(notice.into())),
        Delivery::new(Audience::User(user.id), Event::SessionAdded(Box::new(view.clone()))).except(acting),
    ];
    let all = members::ids(db, session)?;
    out.extend(visibility::acquaint(db, Shared::by(view.kind, all.len()), Some(user.id), &all)?);
    if is_room && !sessions::is_kept(db, session)? {
        out.push(rooms::watched(db, session)?);
    }
    Ok((view, out))
}

/// Gives a member another role; a new owner makes the old one an admin, at a step of its own. Gives the step of the member's
/// own change. `acting` gets a reply instead of its event.
///
/// # Errors
/// `not_found` where the user is not in it.
pub(crate) fn promote(
    db: &mut Db,
    session: SessionId,
    (owner, member): (UserId, UserId),
    role: Role,
    acting: Option<ConnId>,
    now: Time,
) -> Result<(i64, Vec<Delivery>), Error> {
    let mut steps = Steps::of(db, session)?;
    let rev = steps.next();
    members::promote(db, session, member, role, rev)?;
    let change = Box::new(members::change(db, session, member)?);
    let mut out = vec![Delivery::new(Audience::Session(session), Event::Member { session, change }).except(acting)];
    if role == Role::Owner {
        members::promote(db, session, owner, Role::Admin, steps.next())?;
        let change = Box::new(members::change(db, session, owner)?);
        out.push(Delivery::new(Audience::Session(session), Event::Member { session, change }));
    } else if role == Role::Member {
        out.extend(invites::withdraw_into(db, session, Some(member), now)?);
    }
    steps.keep(db)?;
    Ok((rev, out))
}

/// The events of a new group or room for its members: the session itself, and each other's presence.
pub(crate) fn created(
    db: &mut Db,
    session: SessionId,
    maker: UserId,
    acting: Option<ConnId>,
) -> Result<Vec<Delivery>, Error> {
    let all = members::ids(db, session)?;
    let mut out = Vec::with_capacity(all.len());
    // A session in which nothing has happened is the same for all but its owner: it is read once and not for each.
    let view = sessions::view(db, maker, session)?;
    for user in &all {
        let mut view = view.clone();
        if *user != maker {
            view.role = Role::Member;
        }
        out.push(Delivery::new(Audience::User(*user), Event::SessionAdded(Box::new(view))).except(acting));
    }
    out.extend(visibility::acquaint(db, Shared::by(view.kind, all.len()), None, &all)?);
    Ok(out)
}

/// The event for a session in which a member's account was deleted.
pub(super) fn changed(db: &mut Db, session: SessionId, user: UserId) -> Result<Delivery, Error> {
    let mut steps = Steps::of(db, session)?;
    let rev = steps.next();
    members::touch(db, session, user, rev)?;
    steps.keep(db)?;
    let change = Box::new(members::change(db, session, user)?);
    Ok(Delivery::new(Audience::Session(session), Event::Member { session, change }))
}
