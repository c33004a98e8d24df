//! How people leave sessions, sessions end, and users leave for good.

use diesel::prelude::*;

use super::columns::PURGED;
use super::members;
use super::schema::{invites as invites_table, members as members_table, sessions as sessions_table};
use super::steps::Steps;
use super::{Db, Error, endings, invites, joining, stays, users, visibility};
use crate::model::{
    Audience, ConnId, Delivery, Event, MemberState, Removal, Role, SessionId, SessionKind, Time, User, UserId,
};

/// Somebody who goes.
pub struct Departure<'a> {
    /// Who.
    pub user: &'a User,
    /// Who took them out; `None`: they go by themselves.
    pub by: Option<&'a User>,
    /// The connection that asked, which hears an answer instead.
    pub acting: Option<ConnId>,
}

/// Takes a member out of a group or room, or an ended guest out of a direct session: the change, a successor where the
/// owner goes, and the notice. Says the step of the change. The last one who leaves a group ends it; a guest who was here for
/// this room ends.
pub fn leave(
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
        // As they are called now, and not when they said hello.
        let user = users::find(db, user.id)?;
        let notice = steps.notice(db, by.unwrap_or(&user), format!("{} {verb}", user.display_name), now)?;
        out.push(Delivery::new(Audience::Session(session), Event::Posted(notice.into())));
    }
    steps.keep(db)?;
    if stays::room_of(db, user.id)? == Some(session) {
        out.extend(endings::user(db, user.id, now)?);
    }
    Ok((rev, out))
}

/// Ends a session: nobody is in it any more and its code is nobody's. What was said in it is deleted piece by piece when
/// the writer has nothing else to do. Guests who were here for it end with it.
pub fn delete(db: &mut Db, session: SessionId, reason: Removal, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = invites::withdraw_into(db, session, None, now)?;
    let all = members::ids(db, session)?;
    for user in &all {
        let gone = Event::SessionRemoved { session, rev: i64::MAX, reason };
        out.push(Delivery::new(Audience::User(*user), gone));
    }
    diesel::delete(members_table::table.filter(members_table::session_id.eq(session))).execute(db)?;
    diesel::delete(invites_table::table.filter(invites_table::session_id.eq(session))).execute(db)?;
    diesel::update(sessions_table::table.find(session))
        .set((
            sessions_table::kind.eq(PURGED),
            sessions_table::title.eq(None::<String>),
            sessions_table::code.eq(None::<String>),
            sessions_table::key.eq(None::<String>),
        ))
        .execute(db)?;
    out.push(Delivery::new(Audience::House, Event::Parted(all)));
    let guests = stays::of_room(db, session)?;
    out.extend(stays::end(db, &guests, now)?);
    Ok(out)
}

/// Takes a user out of everything who ends for good: a deleted account or a guest whose visit is over. The row of the user
/// says already that they are gone, and how they are called from now on. What they own is handed over; groups that nobody
/// else is in are deleted; their invites are withdrawn; direct sessions stay the other's.
pub fn end(db: &mut Db, user: UserId, now: Time) -> Result<Vec<Delivery>, Error> {
    let mut out = invites::withdraw_all(db, user, now)?;
    let user = users::find(db, user)?;
    let is_account = user.kind == crate::model::UserKind::Account;
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
            // Their messages there are of somebody else's name from now on.
            _ if is_account => out.push(joining::changed(db, session, user.id)?),
            _ => {}
        }
    }
    Ok(out)
}

/// Those in a session who see somebody's presence for no other reason see it no more.
fn estrange(db: &mut Db, session: SessionId, user: UserId) -> Result<Vec<Delivery>, Error> {
    let others: Vec<UserId> = members::ids(db, session)?.into_iter().filter(|other| *other != user).collect();
    visibility::strangers(db, user, &others)
}
