//! Invites to a direct session or into a group, and the answers.

mod answer;
pub(crate) mod closing;
mod deferred;
mod limits;
mod send;

use std::sync::Arc;

pub(crate) use deferred::{announcement, deliver_due};
pub(crate) use limits::{InviteLimits, create};

use crate::config::Config;
use crate::domain::{
    Answer, Audience, CommitOutput, Event, Identity, Invite, InviteId, InviteSelector, InviteState, Page, Refusal,
    ReplyTo, Session, SessionId, Time,
};
use crate::rate_limit::{Address, NameLookups};
use crate::service::Listed;
use crate::service::{connection, reply};
use crate::store::invites::{self, Direction};
use crate::store::{Db, Store, Touches, members, sessions, users};
use answer::{addressed, connect, enter, must_be_pending};
use send::{invite_into, invite_to_direct, may_invite};

#[derive(Clone)]
pub(crate) struct InviteService {
    store: Store,
    names: Arc<NameLookups>,
    limits: InviteLimits,
    members: u32,
}

impl InviteService {
    pub(crate) fn new(store: Store, names: Arc<NameLookups>, config: &Config) -> Self {
        Self { store, names, limits: InviteLimits::new(config), members: config.limits.group_members }
    }

    /// Invites a user to a direct session, or into the group `session`. While one is pending, it is the same invite; invites
    /// that cross become a session at once.
    ///
    /// # Errors
    /// `unknown_user`, `already_connected`, `blocked` by oneself, `limit_reached`; for a group also `not_found` and
    /// `forbidden`.
    pub(crate) async fn send(
        &self,
        identity: &Identity,
        username: String,
        session: Option<SessionId>,
        from: Address,
        reply_to: ReplyTo,
    ) -> Result<Invite, Refusal> {
        let (me, limits, names) = (identity.user.clone(), self.limits, Arc::clone(&self.names));
        let (sender, named) = (me.id, username.clone());
        let touches = Touches::found(move |db| {
            let to = users::by_name(db, &named)?.map(|user| user.id);
            Ok(Touches::users(to.into_iter().chain([sender])).and(Touches::sessions(session)))
        });
        let send = self.store.writer().run(touches, move |db, now| {
            users::require_active(db, me.id)?;
            if let Some(group) = session {
                may_invite(&members::check(db, group, me.id)?)?;
            }
            let to = names.resolve(from, users::by_name(db, &username)?)?;
            let (invite, mut out) = match session {
                Some(group) => invite_into(db, &me, &to, group, now, limits)?,
                None => invite_to_direct(db, &me, &to, now, limits)?,
            };
            reply(&mut out, reply_to.clone(), Answer::Invite(Box::new(invite.clone())));
            Ok((invite, out))
        });
        send.await
    }

    /// Accepts or rejects. Accepting opens or joins the session.
    ///
    /// # Errors
    /// `not_found` for an invite to others, `invite_closed` for one that was answered, withdrawn or has expired.
    pub(crate) async fn answer(
        &self,
        identity: &Identity,
        invite: InviteSelector,
        accept: bool,
        reply_to: ReplyTo,
    ) -> Result<(Invite, Option<Session>), Refusal> {
        let (me, members_up_to) = (identity.user.clone(), self.members);
        let (recipient, selector) = (me.id, invite.clone());
        let touches = Touches::found_at(move |db, now| Ok(touches_of(&addressed(db, recipient, &selector, now)?)));
        let answer = move |db: &mut Db, now| {
            let pending = addressed(db, me.id, &invite, now)?;
            let (id, from) = (pending.id, pending.from.id);
            let group = pending.session.map(|session| session.id);
            let connection = connection(&reply_to);
            let state = if accept { InviteState::Accepted } else { InviteState::Rejected };
            let mut out = Vec::new();
            // First, so that opening the session does not find it pending and settle it again.
            invites::set_state(db, id, state, group, now)?;
            let mut session = group.filter(|_| accept);
            match (accept, group) {
                (false, _) => {}
                (true, Some(group)) => out = enter(db, group, &me, members_up_to, now, connection)?,
                (true, None) => {
                    let (opened, added) = connect(db, me.id, from, now, connection)?;
                    (session, out) = (Some(opened), added);
                    invites::set_state(db, id, state, session, now)?;
                }
            }
            let invite = invites::find(db, id, now)?.invite;
            for user in [from, me.id] {
                let event = Event::InviteAnswered(Box::new(invite.clone().seen_by(user)));
                out.push(CommitOutput::event(Audience::User(user), event).except(connection));
            }
            let view = session.map(|session| sessions::view(db, me.id, session)).transpose()?;
            let answer = view.clone().map_or(Answer::Done, |view| Answer::Session(Box::new(view)));
            reply(&mut out, reply_to.clone(), answer);
            Ok(((invite, view), out))
        };
        self.store.writer().run(touches, answer).await
    }

    /// # Errors
    /// `not_found` for an invite of others, `invite_closed` where it is not pending any more.
    pub(crate) async fn withdraw(&self, identity: &Identity, id: InviteId) -> Result<Invite, Refusal> {
        let me = identity.user.id;
        let touches = Touches::found_at(move |db, now| Ok(touches_of(&invites::find(db, id, now)?.invite)));
        let withdraw = move |db: &mut Db, now| {
            let sent = invites::find(db, id, now)?;
            if sent.invite.from.id != me {
                return Err(Refusal::NotFound.into());
            }
            must_be_pending(&sent.invite)?;
            let group = sent.invite.session.as_ref().map(|session| session.id);
            invites::set_state(db, id, InviteState::Withdrawn, group, now)?;
            let invite = invites::find(db, id, now)?.invite;
            let event = Event::InviteAnswered(Box::new(invite.clone()));
            let delivery = CommitOutput::event(Audience::User(invite.to.id), event);
            Ok((invite, if sent.hidden { Vec::new() } else { vec![delivery] }))
        };
        self.store.writer().run(touches, withdraw).await
    }

    /// Pending incoming invites, or all outgoing ones; newest first.
    pub(crate) async fn list(&self, identity: &Identity, direction: Direction, page: Page) -> Listed<Invite> {
        let me = identity.user.id;
        self.store.read_long(me, move |db| invites::list(db, me, direction, Time::now(), page)).await
    }
}

/// What the end of an invite touches: its users, and the group.
fn touches_of(invite: &Invite) -> Touches {
    let group = invite.session.as_ref().map(|session| session.id);
    Touches::users([invite.from.id, invite.to.id]).and(Touches::sessions(group))
}
