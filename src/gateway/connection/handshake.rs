//! The handshake: from an unauthenticated connection to a live one.
//!
//! The order of its steps is such that no event is lost or sent twice:
//!
//! 1. register with the ChatServer; from here on the user's events are held back
//! 2. make a room's guest a member of the room, and read the user's sessions
//! 3. subscribe to them; from here on their events are held back too
//! 4. read the snapshot
//! 5. send a mark through the writer: what arrives before it may be in the snapshot, what arrives behind it is newer
//! 6. send `ready` with the snapshot, and then of the events held back those that the snapshot does not contain

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix::prelude::*;
use tokio::sync::OwnedSemaphorePermit;

use super::super::outbound::{EncodedEvent, Phase};
use super::Connection;
use crate::chat::{Enter, Entered, FlushSubmissions, Register};
use crate::domain::{
    Backlog, CommitOutput, Credential, Disconnect, Effect, Event, Identity, Invite, InviteId, Refusal, SessionId,
    TokenUse,
};
use crate::protocol::native::{Ready, ServerInfo};
use crate::protocol::{CatchUp, InitialState};
use crate::service::accounts::{AccountService, Secret};
use crate::service::history::Snapshot;
use crate::store::backlogs::Scope;
use crate::store::sessions::cursor_behind;

/// Online acquaintances in `ready`; a client with more requests the others.
const MAX_ONLINE: usize = 2_000;

/// What a live connection begins with: `Snapshot` for protocols that sync, with the user's acquaintances who are online; `Replay`
/// for those that replay messages, with the pending invites, the oldest first, if the dialect has invites.
pub(crate) enum HandshakeData {
    Snapshot { snapshot: Snapshot, online: Vec<Arc<str>> },
    Replay { backlogs: Vec<Backlog>, invites: Vec<Invite> },
}

impl Connection {
    /// Authenticates the connection by this token, or without one by the credentials of its first request, and begins the
    /// handshake.
    pub(in crate::gateway) fn begin_handshake(&mut self, token: Option<Credential>, ctx: &mut Context<Self>) {
        self.link.enter_phase(Phase::Handshaking);
        let (accounts, known) = (self.context.services.accounts.clone(), self.identity.take());
        let store = self.context.services.store.clone();
        let used = TokenUse { address: self.address.to_string(), client: None };
        let authenticating = async move {
            let permit = store.admit().await?;
            let who = match (token, known) {
                (Some(token), known) => authenticate(&accounts, &token, known.as_deref(), used).await?.into(),
                (None, Some(known)) => known,
                (None, None) => return Err(Refusal::Unauthenticated),
            };
            Ok((who, permit))
        };
        ctx.spawn(authenticating.into_actor(self).map(|authenticated, act, ctx| match authenticated {
            Ok((who, permit)) => act.on_authenticated(who, permit, ctx),
            Err(refusal) => act.fail_handshake(refusal),
        }));
    }

    /// Steps 1 and 2. `permit` is held while the database is read, and not while a commit is waited for: a slow disk does not
    /// delay other handshakes.
    fn on_authenticated(&mut self, who: Rc<Identity>, permit: OwnedSemaphorePermit, ctx: &mut Context<Self>) {
        if self.link.phase() != Phase::Handshaking {
            return;
        }
        self.set_pending(None);
        self.registered = true;
        // A client that sends `hello` uses the native dialect, by whichever method its user has logged in.
        if self.session.as_ref().is_some_and(|session| !session.uses_hello) {
            self.switch_protocol_by_login(who.login_method);
        }
        self.context.links.borrow_mut().attach_user(&self.link, who.user.id);
        let register = Register {
            connection: self.link.id,
            user: who.user.id,
            username: who.user.username.as_str().into(),
            token: who.token,
            dialect: self.link.dialect(),
            is_transient: who.login_method.is_transient(),
            hub: self.context.hub,
        };
        let (chat, services, generation) = (self.context.chat.clone(), self.context.services.clone(), self.generation);
        self.identity = Some(Rc::clone(&who));
        let registering = async move {
            chat.send(register).await.map_err(|_| Refusal::Unavailable)??;
            // Making a room's guest a member waits for a commit.
            let permit = who.login_method.room().is_none().then_some(permit);
            let has_entered = services.sessions.enter(&who).await?;
            let (sessions, acquaintances) = services.history.subscriptions(&who).await?;
            Ok::<_, Refusal>((has_entered, sessions, acquaintances, permit))
        };
        ctx.spawn(registering.into_actor(self).map(move |registered, act, ctx| match registered {
            // The token has ended meanwhile, and the connection may have another user already.
            _ if act.generation != generation => {}
            Ok((has_entered, sessions, acquaintances, permit)) => {
                act.accept_namespace();
                act.context.links.borrow_mut().subscribe(&act.link, &sessions);
                let enter = Enter { connection: act.link.id, sessions, acquaintances };
                act.load_handshake_data(enter, has_entered, permit, ctx);
            }
            Err(refusal) => act.fail_handshake(refusal),
        }));
    }

    /// Steps 3 to 5.
    fn load_handshake_data(
        &self,
        enter: Enter,
        has_entered: bool,
        permit: Option<OwnedSemaphorePermit>,
        ctx: &mut Context<Self>,
    ) {
        let Some(who) = self.identity.clone() else { return };
        let (chat, history) = (self.context.chat.clone(), self.context.services.history.clone());
        let (writer, generation) = (self.context.services.store.writer().clone(), self.generation);
        let catch_up = self.protocol.catch_up();
        let loading = async move {
            let Entered(online) = chat.send(enter).await.map_err(|_| Refusal::Unavailable)?;
            let CatchUp::Replay { all_sessions } = catch_up else {
                let snapshot = history.snapshot(who.user.id).await?;
                drop(permit);
                return Ok(HandshakeData::Snapshot { snapshot, online });
            };
            drop(permit);
            // The marks of what the user's last connection has received may not be stored yet.
            chat.send(FlushSubmissions).await.map_err(|_| Refusal::Unavailable)?;
            writer.drain().await;
            let scope = if all_sessions { Scope::All } else { Scope::Direct };
            let backlogs = history.backlogs(who.user.id, scope, who.login_method.room(), has_entered).await?;
            let invites = if all_sessions { history.pending_invites(who.user.id).await? } else { Vec::new() };
            Ok(HandshakeData::Replay { backlogs, invites })
        };
        ctx.spawn(loading.into_actor(self).map(move |loaded, act, _| match loaded {
            _ if act.generation != generation => {}
            Ok(loaded) => {
                act.handshake_data = Some(Box::new(loaded));
                let mark = CommitOutput::Effect(Effect::CaughtUp(act.link.id));
                act.context.services.store.writer().publish(mark);
            }
            Err(refusal) => act.fail_handshake(refusal),
        }));
    }

    /// Step 6, once the mark has arrived.
    pub(in crate::gateway) fn complete_handshake(&mut self, ctx: &mut Context<Self>) {
        if self.link.phase() != Phase::Handshaking || !self.link.handshake_buffer.is_caught_up() {
            return;
        }
        let (Some(who), Some(handshake_data)) = (self.identity.clone(), self.handshake_data.take()) else { return };
        let (older, newer) = self.link.handshake_buffer.take();
        let (snapshot, online) = match *handshake_data {
            HandshakeData::Snapshot { snapshot, online } => (snapshot, online),
            HandshakeData::Replay { backlogs, invites } => {
                return self.begin_replaying(&backlogs, invites, (older, newer), ctx);
            }
        };
        let contents = SnapshotContents {
            revs: snapshot.revs.iter().copied().collect(),
            invites: snapshot.invites.iter().map(|invite| invite.id).collect(),
        };
        let services = &self.context.services;
        let epoch = services.history.epoch();
        let ready = Ready {
            user: &who.user,
            connection: self.link.id,
            server: ServerInfo::new(&epoch),
            heartbeat_seconds: services.config.pace.heartbeat_seconds,
            limits: &services.config.limits,
            sessions: snapshot.sessions,
            sessions_next: snapshot.sessions_next,
            invites: snapshot.invites,
            invites_next: snapshot.invites_next,
            online: online.iter().map(AsRef::as_ref).take(MAX_ONLINE).collect(),
        };
        let state = InitialState::Snapshot(Box::new(ready), cursor_behind);
        let steps = self.protocol.start(self.handshake_request.take().as_ref(), state, Instant::now());
        self.follow(steps, ctx);
        for delivery in older.into_iter().filter(|delivery| contents.lack(&delivery.event)).chain(newer) {
            EncodedEvent::of(&delivery.event).iter().for_each(|encoded| self.link.send(encoded));
        }
        if self.link.phase() != Phase::Handshaking {
            // The events held back were too many for the write queue: the connection is being closed.
            return;
        }
        self.link.enter_phase(Phase::Live);
        log::debug!("connection {} of user {} is ready", self.link.id, who.user.id);
        self.run_queries(ctx);
    }

    /// Refuses the handshake and closes the connection, unless its protocol lets it continue unauthenticated.
    pub(in crate::gateway) fn fail_handshake(&mut self, refusal: Refusal) {
        if self.outlives_failed_handshake(&refusal) {
            return;
        }
        if !self.refuse_namespace(&refusal) {
            let request = self.handshake_request.take();
            self.refuse(request.as_ref(), &refusal);
        }
        self.link.close(match refusal {
            Refusal::Unauthenticated => Disconnect::Unauthenticated,
            _ => Disconnect::TryLater,
        });
    }
}

/// Authenticates by a token, which must be of the same user as the credentials of the first request.
async fn authenticate(
    accounts: &AccountService,
    token: &Credential,
    known: Option<&Identity>,
    used: TokenUse,
) -> Result<Identity, Refusal> {
    let who = accounts.authenticate(&Secret::parse(&token.0)?, used).await?;
    match known {
        Some(known) if known.user.id != who.user.id => Err(Refusal::Unauthenticated),
        _ => Ok(who),
    }
}

struct SnapshotContents {
    revs: HashMap<SessionId, i64>,
    invites: Vec<InviteId>,
}

impl SnapshotContents {
    /// True for events that the snapshot does not contain.
    fn lack(&self, event: &Event) -> bool {
        match event {
            Event::Posted(message) | Event::Changed(message) => self.is_older(message.session, message.rev),
            Event::Member { session, change } => self.is_older(*session, change.rev),
            Event::SessionChanged { session, rev, .. } | Event::SessionRemoved { session, rev, .. } => {
                self.is_older(*session, *rev)
            }
            // Joined since, again or for the first time.
            Event::SessionAdded(session) => self.is_older(session.id, session.rev),
            Event::Invited(invite) => !self.invites.contains(&invite.id),
            _ => true,
        }
    }

    /// True where the snapshot has an older revision of the session, or does not contain the session.
    fn is_older(&self, session: SessionId, rev: i64) -> bool {
        self.revs.get(&session).is_none_or(|known| rev > *known)
    }
}
