//! Sessions that are made: direct ones, groups, rooms.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Bounds, Sessions};
use crate::limits::Address;
use crate::model::{
    Accepts, Acting, Answer, Audience, Code, ConnId, Delivery, Event, Identity, Key, NewSession, Refusal, Role,
    Session, SessionId, SessionKind, Time, Title, User,
};
use crate::store::sessions::{self, Founding};
use crate::store::{self, Db, Error, blocks, invites, joining, members, users};

/// What a room without a title is called.
const ROOM: &str = "Room";

impl Sessions {
    /// Makes a group or a room, or opens a direct session. A repeated `key` gives the first one.
    ///
    /// # Errors
    /// `unknown_user`, naming who is not; `invite_required`, `blocked` by oneself, `limit_reached`, `rate_limited`.
    pub async fn make(
        &self,
        who: &Identity,
        new: NewSession,
        from: Address,
        acting: Acting,
    ) -> Result<Session, Refusal> {
        let (me, opened, bounds) = (who.user.clone(), Arc::clone(&self.opened), self.bounds);
        let make = self.store.writer().run(move |db, now| {
            users::check(db, me.id)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let (id, new, mut out) = match &new {
                NewSession::Direct { username } => open(db, &me, username, connection, now)?,
                NewSession::Group { title, usernames, key } => {
                    group(db, &me, (title, usernames, key.as_ref()), bounds, connection, now)?
                }
                NewSession::Room { title, keep, key } => {
                    room(db, &me, (title.as_ref(), *keep, key.as_ref()), connection, now)?
                }
            };
            if new {
                // Last, so that only what is really made is counted; refused, it is undone.
                opened.take(me.id).map_err(Refusal::RateLimited)?;
            }
            let view = sessions::view(db, me.id, id)?;
            out.splice(0..0, Delivery::answer(acting, Answer::Session(Box::new(view.clone()))));
            Ok((view, out))
        });
        self.names.asking(from, make).await
    }
}

/// The session, whether it is new, and what is told of it.
type Made = (SessionId, bool, Vec<Delivery>);

fn open(db: &mut Db, me: &User, username: &str, acting: Option<ConnId>, now: Time) -> Result<Made, Error> {
    let other = users::named(db, username)?;
    let (id, new) = sessions::open_direct(db, me.id, &other, now)?;
    let out = if new { store::added(db, id, [me.id, other.id], acting, now)? } else { Vec::new() };
    Ok((id, new, out))
}

fn group(
    db: &mut Db,
    me: &User,
    (title, usernames, key): (&Title, &[String], Option<&Key>),
    bounds: Bounds,
    acting: Option<ConnId>,
    now: Time,
) -> Result<Made, Error> {
    if let Some(id) = made_before(db, me, key)? {
        return Ok((id, false, Vec::new()));
    }
    if bounds.members > 0 && usernames.len() >= usize::try_from(bounds.members).unwrap_or(usize::MAX) {
        return Err(Refusal::LimitReached("A group may not have so many people.").into());
    }
    let founding = Founding { kind: SessionKind::Group, title: title.as_str(), code: None, keep: true, key };
    let id = sessions::found(db, me.id, &founding, now)?;
    let (mut known, mut asked) = (HashSet::from([me.id]), Vec::new());
    for username in usernames {
        let user = users::by_name(db, username)?.ok_or_else(|| Refusal::UnknownName(name(username)))?;
        if !known.insert(user.id) {
            continue;
        }
        if blocks::exists(db, me.id, user.id)? {
            return Err(Refusal::Blocked.into());
        }
        // Somebody who has blocked the maker is asked like anyone who wants to be, and hears nothing of it.
        if users::accepts(db, user.id)? == Accepts::Invited || blocks::exists(db, user.id, me.id)? {
            asked.push(user);
        } else {
            members::insert(db, id, user.id, Role::Member, now)?;
        }
    }
    let mut out = joining::founded(db, id, me.id, acting)?;
    if bounds.pending > 0
        && invites::pending_of(db, me.id, now)? + i64::try_from(asked.len()).unwrap_or(i64::MAX) > bounds.pending
    {
        return Err(Refusal::LimitReached("Too many of your invites await an answer; withdraw some first.").into());
    }
    let expires = now.plus_days(if bounds.days == 0 { 36_525 } else { bounds.days.into() });
    for user in &asked {
        let question = invites::insert(db, (me, user), Some(id), now, expires)?;
        if !question.hidden {
            out.push(Delivery::new(Audience::User(user.id), Event::Invited(Box::new(question.invite))));
        }
    }
    Ok((id, true, out))
}

fn room(
    db: &mut Db,
    me: &User,
    (title, keep, key): (Option<&Title>, bool, Option<&Key>),
    acting: Option<ConnId>,
    now: Time,
) -> Result<Made, Error> {
    if let Some(id) = made_before(db, me, key)? {
        return Ok((id, false, Vec::new()));
    }
    let code = Code::random(keep);
    let title = title.map_or(ROOM, Title::as_str);
    let founding = Founding { kind: SessionKind::Room, title, code: Some(&code), keep, key };
    let id = sessions::found(db, me.id, &founding, now)?;
    let mut out = joining::founded(db, id, me.id, acting)?;
    if !keep {
        out.push(Delivery::new(Audience::House, Event::Vanishing(id)));
    }
    Ok((id, true, out))
}

fn made_before(db: &mut Db, me: &User, key: Option<&Key>) -> Result<Option<SessionId>, Error> {
    key.map_or(Ok(None), |key| sessions::made(db, me.id, key))
}

/// A name as it may stand in an error: whole if it could be one.
fn name(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(32).collect()
}
