//! Sessions that are made: direct ones, groups, rooms.

use std::collections::HashSet;
use std::sync::Arc;

use super::Sessions;
use crate::domain::{
    Accepts, Acting, Answer, Audience, Code, ConnId, Delivery, Event, Identity, Key, NewSession, Refusal, Role,
    Session, SessionId, SessionKind, Time, Title, User, UserId, Username,
};
use crate::rate_limit::{Address, Throttle};
use crate::service::invites::{self as inviting, InviteLimits};
use crate::service::{membership, messages};
use crate::store::rooms::UNTITLED;
use crate::store::sessions::{self, Founding};
use crate::store::{self, Db, Error, blocks, invites, members, users};

impl Sessions {
    /// Makes a group or a room, or opens a direct session. A repeated `key` gives the first one.
    ///
    /// # Errors
    /// `unknown_user`, naming who is not; `invite_required`, `blocked` by oneself, `limit_reached`, `rate_limited`.
    pub(crate) async fn make(
        &self,
        who: &Identity,
        new: NewSession,
        from: Address,
        acting: Acting,
    ) -> Result<Session, Refusal> {
        let (me, opened, names) = (who.user.clone(), Arc::clone(&self.opened), Arc::clone(&self.names));
        // A room names nobody.
        if !matches!(new, NewSession::Room { .. }) {
            names.check(from)?;
        }
        let bounds = (self.members, self.invites);
        let make = self.store.writer().run(move |db, now| {
            users::check(db, me.id)?;
            let connection = acting.as_ref().map(|acting| acting.0);
            let key = match &new {
                NewSession::Direct { .. } => None,
                NewSession::Group { key, .. } | NewSession::Room { key, .. } => key.as_ref(),
            };
            let before = key.map_or(Ok(None), |key| sessions::made(db, me.id, key))?;
            let (id, mut out) = match (&new, before) {
                (_, Some(id)) => (id, Vec::new()),
                (NewSession::Direct { username }, None) => {
                    let other = names.resolve(from, users::by_name(db, username)?)?;
                    open(db, &me, &other, &opened, connection, now)?
                }
                (NewSession::Group { title, usernames, .. }, None) => {
                    // Before all else: looking people up costs as much as making the group.
                    opened.take(me.id).map_err(Refusal::RateLimited)?;
                    let people = people(db, &me, usernames, bounds.0, |known| names.resolve(from, known))?;
                    group(db, &me, (title, key), people, bounds.1, connection, now)?
                }
                (NewSession::Room { title, keep, .. }, None) => {
                    opened.take(me.id).map_err(Refusal::RateLimited)?;
                    room(db, &me, (title.as_ref(), *keep, key), connection, now)?
                }
            };
            let view = sessions::view(db, me.id, id)?;
            out.splice(0..0, Delivery::answer(acting, Answer::Session(Box::new(view.clone()))));
            Ok((view, out))
        });
        make.await
    }
}

/// The session and what is told of it.
type Made = (SessionId, Vec<Delivery>);

fn open(
    db: &mut Db,
    me: &User,
    other: &User,
    opened: &Throttle<UserId>,
    acting: Option<ConnId>,
    now: Time,
) -> Result<Made, Error> {
    if let Some(id) = sessions::direct(db, me.id, other.id)? {
        return Ok((id, Vec::new()));
    }
    messages::may_open(db, me.id, other)?;
    let id = sessions::insert_direct(db, me.id, other.id, now)?;
    opened.take(me.id).map_err(Refusal::RateLimited)?;
    Ok((id, store::added(db, id, [me.id, other.id], acting, now)?))
}

fn group(
    db: &mut Db,
    me: &User,
    (title, key): (&Title, Option<&Key>),
    (at_once, asked): (Vec<UserId>, Vec<User>),
    limits: InviteLimits,
    acting: Option<ConnId>,
    now: Time,
) -> Result<Made, Error> {
    limits.check(invites::pending_of(db, me.id, now)?, asked.len())?;
    let founding = Founding { kind: SessionKind::Group, title: title.as_str(), code: None, keep: true, key };
    let id = sessions::found(db, me.id, &founding, now)?;
    members::insert(db, id, me.id, Role::Owner, now)?;
    members::insert_all(db, id, &at_once, now)?;
    let mut out = membership::created(db, id, me.id, acting)?;
    for user in &asked {
        out.extend(inviting::create(db, (me.id, user.id), Some(id), now, limits)?.announcement());
    }
    Ok((id, out))
}

/// The people whom a group is made with: members at once, and those who are asked first. `resolve` decides what may be
/// answered where all names are known (`Some`), or one is not.
fn people(
    db: &mut Db,
    me: &User,
    usernames: &[String],
    limit: u32,
    resolve: impl FnOnce(Option<()>) -> Result<(), Refusal>,
) -> Result<(Vec<UserId>, Vec<User>), Error> {
    let own = Username::fold(&me.username);
    let mut folded: Vec<String> =
        usernames.iter().map(|name| Username::fold(name)).filter(|name| *name != own).collect();
    folded.sort_unstable();
    folded.dedup();
    if limit > 0 && folded.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
        return Err(Refusal::LimitReached("A group cannot have that many members.").into());
    }
    let found = users::with_accepts(db, &folded)?;
    let known: HashSet<&str> = found.iter().map(|(key, ..)| key.as_str()).collect();
    let is_unknown = |name: &&String| {
        let key = Username::fold(name);
        key != own && !known.contains(key.as_str())
    };
    let unknown = usernames.iter().find(is_unknown);
    resolve(unknown.is_none().then_some(())).map_err(|refusal| match (refusal, unknown) {
        (Refusal::UnknownUser, Some(name)) => Refusal::UnknownName(shown(name)),
        (refusal, _) => refusal,
    })?;
    let mut ids: Vec<UserId> = found.iter().map(|(_, user, _)| user.id).collect();
    ids.push(me.id);
    let blocked = blocks::among(db, &ids)?;
    let (mut at_once, mut asked) = (Vec::new(), Vec::new());
    for (_, user, accepts) in found {
        if blocked.contains(&(me.id, user.id)) {
            return Err(Refusal::Blocked.into());
        }
        // Somebody who has blocked the maker is asked like anyone who wants to be, and hears nothing of it.
        if accepts == Accepts::Invited || blocked.contains(&(user.id, me.id)) {
            asked.push(user);
        } else {
            at_once.push(user.id);
        }
    }
    Ok((at_once, asked))
}

fn room(
    db: &mut Db,
    me: &User,
    (title, keep, key): (Option<&Title>, bool, Option<&Key>),
    acting: Option<ConnId>,
    now: Time,
) -> Result<Made, Error> {
    let code = Code::random(keep);
    let title = title.map_or(UNTITLED, Title::as_str);
    let founding = Founding { kind: SessionKind::Room, title, code: Some(&code), keep, key };
    let id = sessions::found(db, me.id, &founding, now)?;
    members::insert(db, id, me.id, Role::Owner, now)?;
    let mut out = membership::created(db, id, me.id, acting)?;
    if !keep {
        out.push(Delivery::new(Audience::House, Event::Vanishing { room: id, shared: false }));
    }
    Ok((id, out))
}

/// A name as it may stand in an error: whole if it could be one.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(32).collect()
}
