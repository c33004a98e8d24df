//! How people come into sessions, and what they may be there.

use super::steps::Steps;
use super::{Db, Error, members, rooms, sessions, users, visibility};
use crate::model::{
    Audience, ConnId, Delivery, Event, Refusal, Role, Session, SessionId, SessionKind, Shared, Time, User, UserId,
};

/// Makes somebody a member who is none: two steps, the change and its notice. Gives the session as they see it, and what
/// is told; their own connections hear of the session behind the steps that brought them in. `limit` is how many people
/// may be in it, 0 any number.
///
/// # Errors
/// `limit_reached`.
pub fn join(
    db: &mut Db,
    session: SessionId,
    user: &User,
    limit: u32,
    now: Time,
    acting: Option<ConnId>,
) -> Result<(Session, Vec<Delivery>), Error> {
    let mut steps = Steps::of(db, session)?;
    if limit > 0 && members::count(db, session)? >= usize::try_from(limit).unwrap_or(usize::MAX) {
        let full = if steps.kind == SessionKind::Room { "The room is full." } else { "The group is full." };
        return Err(Refusal::LimitReached(full).into());
    }
    // Nobody owns a room that everybody has left: whoever comes next does.
    let role = if members::is_owned(db, session)? { Role::Member } else { Role::Owner };
    // As they are called now, and not when they said hello.
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

/// Gives a member another role; handing over makes the old owner an admin, at a step of its own. Says the step of the
/// member's own change. `acting` hears an answer instead of that one.
///
/// # Errors
/// `not_found` where the user is not in it.
pub fn promote(
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
        out.extend(super::invites::withdraw_into(db, session, Some(member), now)?);
    }
    steps.keep(db)?;
    Ok((rev, out))
}

/// What the members of a new group or room are told of it: the session itself, and each other's presence.
pub fn founded(db: &mut Db, session: SessionId, maker: UserId, acting: Option<ConnId>) -> Result<Vec<Delivery>, Error> {
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

/// Says to a session that one of its people is not who they were: a deleted account.
pub fn changed(db: &mut Db, session: SessionId, user: UserId) -> Result<Delivery, Error> {
    let mut steps = Steps::of(db, session)?;
    let rev = steps.next();
    members::touch(db, session, user, rev)?;
    steps.keep(db)?;
    let change = Box::new(members::change(db, session, user)?);
    Ok(Delivery::new(Audience::Session(session), Event::Member { session, change }))
}
