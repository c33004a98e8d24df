//! Creating sessions: direct ones, groups and rooms.

use std::collections::HashSet;
use std::sync::Arc;

use super::SessionService;
use crate::domain::{
    Accepts, Answer, Code, CommitOutput, ConnId, Effect, Identity, Key, NewSession, Refusal, ReplyTo, Role, Session,
    SessionId, SessionKind, Time, Title, User, UserId, Username,
};
use crate::rate_limit::Address;
use crate::service::invites::{self as inviting, InviteLimits};
use crate::service::{connection, membership, messages, reply};
use crate::store::rooms::UNTITLED;
use crate::store::sessions::{self, NewSharedSession};
use crate::store::{Db, Error, Touches, blocks, invites, members, users};

impl SessionService {
    /// Creates a group or a room, or opens a direct session. A repeated `key` returns the first one.
    ///
    /// # Errors
    /// `unknown_user` with the name; `invite_required`, `blocked` by oneself, `limit_reached`, `rate_limited`.
    pub(crate) async fn create(
        &self,
        identity: &Identity,
        new: NewSession,
        from: Address,
        reply_to: ReplyTo,
    ) -> Result<Session, Refusal> {
        let (me, limiter, names) = (identity.user.clone(), self.limiter.clone(), Arc::clone(&self.failures.names));
        // A room has no names to look up.
        if !matches!(new, NewSession::Room { .. }) {
            names.check(from)?;
        }
        let bounds = (self.members, self.invites);
        let (creator, names_of_new) = (me.id, usernames(&new));
        let touches = Touches::found(move |db| {
            let others = users::with_accepts(db, &names_of_new)?;
            Ok(Touches::users(others.iter().map(|(_, user, _)| user.id).chain([creator])))
        });
        let create = self.store.writer().run(touches, move |db, now| {
            users::require_active(db, me.id)?;
            let connection = connection(&reply_to);
            let key = match &new {
                NewSession::Direct { .. } => None,
                NewSession::Group { key, .. } | NewSession::Room { key, .. } => key.as_ref(),
            };
            let before = key.map_or(Ok(None), |key| sessions::find_by_key(db, me.id, key))?;
            let (id, mut out) = match (&new, before) {
                (_, Some(id)) => (id, Vec::new()),
                (NewSession::Direct { username }, None) => {
                    let other = names.resolve(from, users::by_name(db, username)?)?;
                    match sessions::direct(db, me.id, other.id)? {
                        Some(id) => (id, Vec::new()),
                        None => messages::open_direct(db, me.id, &other, &limiter, connection, now)?,
                    }
                }
                (NewSession::Group { title, usernames, .. }, None) => {
                    // First: looking up users costs as much as creating the group.
                    limiter.new_session(me.id)?;
                    let invited = invited(db, &me, usernames, bounds.0, |known| names.resolve(from, known))?;
                    group(db, &me, (title, key), invited, bounds.1, connection, now)?
                }
                (NewSession::Room { title, keep, .. }, None) => {
                    limiter.new_session(me.id)?;
                    room(db, &me, (title.as_ref(), *keep, key), connection, now)?
                }
            };
            let view = sessions::view(db, me.id, id)?;
            reply(&mut out, reply_to.clone(), Answer::Session(Box::new(view.clone())));
            Ok((view, out))
        });
        create.await
    }
}

/// The folded names of the users that a new session is to have beside its creator.
fn usernames(new: &NewSession) -> Vec<String> {
    match new {
        NewSession::Direct { username } => vec![Username::fold(username)],
        NewSession::Group { usernames, .. } => usernames.iter().map(|name| Username::fold(name)).collect(),
        NewSession::Room { .. } => Vec::new(),
    }
}

/// The session and its events.
type Created = (SessionId, Vec<CommitOutput>);

fn group(
    db: &mut Db,
    me: &User,
    (title, key): (&Title, Option<&Key>),
    (members, invitees): (Vec<UserId>, Vec<User>),
    limits: InviteLimits,
    sender: Option<ConnId>,
    now: Time,
) -> Result<Created, Error> {
    limits.check(invites::pending_of(db, me.id, now)?, invitees.len())?;
    let shared = NewSharedSession { kind: SessionKind::Group, title: title.as_str(), code: None, keep: true, key };
    let id = sessions::insert_shared(db, me.id, &shared, now)?;
    members::insert(db, id, me.id, Role::Owner, now)?;
    members::insert_all(db, id, &members, now)?;
    let mut out = membership::created(db, id, me.id, sender)?;
    for user in &invitees {
        let invite = inviting::create(db, (me.id, user.id), Some(id), now, limits)?;
        out.extend(inviting::announcement(&invite));
    }
    Ok((id, out))
}

/// The users a group is created with: those who become members at once, and those who are invited. `resolve` decides how
/// to answer where all names are known (`Some`), or one is not.
fn invited(
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
        (Refusal::UnknownUser, Some(name)) => {
            // Complete if it could be a username.
            Refusal::UnknownName(name.chars().filter(|letter| !letter.is_control()).take(32).collect())
        }
        (refusal, _) => refusal,
    })?;
    let mut ids: Vec<UserId> = found.iter().map(|(_, user, _)| user.id).collect();
    ids.push(me.id);
    let blocked = blocks::among(db, &ids)?;
    let (mut members, mut invitees) = (Vec::new(), Vec::new());
    for (_, user, accepts) in found {
        if blocked.contains(&(me.id, user.id)) {
            return Err(Refusal::Blocked.into());
        }
        // A user who has blocked the creator is sent a hidden invite.
        if accepts == Accepts::Invited || blocked.contains(&(user.id, me.id)) {
            invitees.push(user);
        } else {
            members.push(user.id);
        }
    }
    Ok((members, invitees))
}

fn room(
    db: &mut Db,
    me: &User,
    (title, keep, key): (Option<&Title>, bool, Option<&Key>),
    sender: Option<ConnId>,
    now: Time,
) -> Result<Created, Error> {
    let code = Code::random(keep);
    let title = title.map_or(UNTITLED, Title::as_str);
    let shared = NewSharedSession { kind: SessionKind::Room, title, code: Some(&code), keep, key };
    let id = sessions::insert_shared(db, me.id, &shared, now)?;
    members::insert(db, id, me.id, Role::Owner, now)?;
    let mut out = membership::created(db, id, me.id, sender)?;
    if !keep {
        out.push(CommitOutput::Effect(Effect::RoomGraceStarted { room: id, shared: false }));
    }
    Ok((id, out))
}
