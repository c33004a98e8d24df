//! Hello: from a stranger's socket to a connection that takes part.
//!
//! The order leaves no crack for an event to slip through, and lets none through twice: register (from here on what
//! concerns the user is held), make a room's guest a member, read the rooms, enter them (from here on what happens in them
//! is held), read the snapshot, send a mark through the writer's stream (before it comes all that the snapshot may hold,
//! behind it only what is newer), say `ready`, then say of what was held all that the snapshot does not have.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix::prelude::*;
use tokio::sync::OwnedSemaphorePermit;

use super::super::outbound::{EncodedEvent, Stage};
use super::Connection;
use crate::chat::{Enter, Entered, Register, Settle};
use crate::domain::{
    Audience, Claim, Conversation, Delivery, Disconnect, Event, Identity, Invite, InviteId, Refusal, SessionId,
    TokenUse,
};
use crate::protocol::native::{Ready, Server};
use crate::protocol::{Beginning, CatchUp};
use crate::service::accounts::{Accounts, Secret};
use crate::service::history::Snapshot;
use crate::store::conversations::Scope;
use crate::store::sessions::cursor_behind;

/// Names that `ready` tells of who is online; a client with more acquaintances asks for the others.
const ONLINE: usize = 2_000;

/// Why somebody is not let in: what to say, and how to close.
pub(in crate::gateway) struct Turned(Refusal, Disconnect);

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        let why = match refusal {
            Refusal::Unauthenticated => Disconnect::Unauthenticated,
            _ => Disconnect::TryLater,
        };
        Self(refusal, why)
    }
}

/// What a connection begins with.
pub(crate) enum Welcome {
    /// Where clients sync: everything that `ready` says.
    Snapshot {
        /// Of the user's sessions and invites.
        snapshot: Snapshot,
        /// Who of their acquaintances is here.
        online: Vec<Arc<str>>,
    },
    /// Where messages are replayed.
    Replay {
        /// What may wait for the user.
        conversations: Vec<Conversation>,
        /// What awaits the user's answer, the oldest first, where the dialect has words for it.
        invites: Vec<Invite>,
    },
}

impl Connection {
    /// What the client says of itself is no good.
    pub(in crate::gateway) fn reject(&mut self, refusal: Refusal) {
        self.turn_away(&refusal.into());
    }

    /// The client says who it is; without a token it must have said so by header or cookie.
    pub(in crate::gateway) fn arrive(&mut self, token: Option<Claim>, ctx: &mut Context<Self>) {
        self.link.advance_to(Stage::Arriving);
        let (accounts, known) = (self.context.services.accounts.clone(), self.identity.take());
        let store = self.context.services.store.clone();
        let used = TokenUse { address: self.address.to_string(), client: None };
        let recognising = async move {
            let place = store.arrive().await?;
            let who = match (token, known) {
                (Some(token), known) => recognise(&accounts, &token, known.as_deref(), used).await?,
                (None, Some(known)) => known.as_ref().clone(),
                (None, None) => return Err(Turned::from(Refusal::Unauthenticated)),
            };
            Ok((who, place))
        };
        ctx.spawn(recognising.into_actor(self).map(|who, act, ctx| match who {
            Ok((who, place)) => act.recognised(who, place, ctx),
            Err(turned) => act.turn_away(&turned),
        }));
    }

    /// `place` is held while the database is read, and not while a commit is waited for: a slow disk does not keep the others
    /// from arriving.
    fn recognised(&mut self, who: Identity, place: OwnedSemaphorePermit, ctx: &mut Context<Self>) {
        if self.link.stage() != Stage::Arriving {
            return;
        }
        self.count_as(None);
        self.registered = true;
        // A client that says `hello` speaks the native dialect, however its user logged in.
        if self.session.as_ref().is_some_and(|session| !session.says_hello) {
            self.speak_as_at(who.door);
        }
        self.context.links.borrow_mut().seat(&self.link, who.user.id);
        let register = Register {
            connection: self.link.id,
            user: who.user.id,
            username: who.user.username.as_str().into(),
            token: who.token,
            tongue: self.link.tongue(),
            is_stay: who.door.is_stay(),
            hub: self.context.hub,
        };
        let (chat, services, owner) = (self.context.chat.clone(), self.context.services.clone(), self.owner);
        let who = Rc::new(who);
        self.identity = Some(Rc::clone(&who));
        let registering = async move {
            chat.send(register).await.map_err(|_| Refusal::Unavailable)??;
            // A guest of a room becomes a member here.
            let place = who.door.room().is_none().then_some(place);
            let has_entered = services.sessions.enter(&who).await?;
            let (sessions, acquaintances) = services.history.surroundings(&who).await?;
            Ok::<_, Turned>((has_entered, sessions, acquaintances, place))
        };
        ctx.spawn(registering.into_actor(self).map(move |around, act, ctx| match around {
            // Its token has ended meanwhile, and it may be somebody else's already.
            _ if act.owner != owner => {}
            Ok((has_entered, sessions, acquaintances, place)) => {
                act.let_into_namespace();
                act.context.links.borrow_mut().enter(&act.link, &sessions);
                act.entering(Enter { connection: act.link.id, sessions, acquaintances }, has_entered, place, ctx);
            }
            Err(turned) => act.turn_away(&turned),
        }));
    }

    fn entering(&self, enter: Enter, has_entered: bool, place: Option<OwnedSemaphorePermit>, ctx: &mut Context<Self>) {
        let Some(who) = self.identity.clone() else { return };
        let (chat, history) = (self.context.chat.clone(), self.context.services.history.clone());
        let (writer, owner) = (self.context.services.store.writer().clone(), self.owner);
        let catch_up = self.protocol.catch_up();
        let welcoming = async move {
            let Entered(online) = chat.send(enter).await.map_err(|_| Refusal::Unavailable)?;
            if let CatchUp::Replay { all_sessions } = catch_up {
                drop(place);
                let room = who.door.room();
                let me = who.user.id;
                let scope = if all_sessions { Scope::All } else { Scope::Direct };
                // What the last connection has taken may be on its way to be kept.
                chat.send(Settle).await.map_err(|_| Refusal::Unavailable)?;
                writer.drain().await;
                let conversations = history.conversations(me, scope, room, has_entered).await?;
                let invites = if all_sessions { history.asked(me).await? } else { Vec::new() };
                return Ok(Welcome::Replay { conversations, invites });
            }
            let snapshot = history.snapshot(who.user.id).await?;
            drop(place);
            Ok(Welcome::Snapshot { snapshot, online })
        };
        ctx.spawn(welcoming.into_actor(self).map(move |welcome, act, _| match welcome {
            _ if act.owner != owner => {}
            Ok(welcome) => {
                act.welcome = Some(Box::new(welcome));
                let mark = Delivery::new(Audience::Connection(act.link.id), Event::CaughtUp);
                act.context.services.store.writer().tell(mark);
            }
            Err(turned) => act.turn_away(&turned),
        }));
    }

    /// Lets the connection take part, once all that its snapshot may hold has come by.
    pub(in crate::gateway) fn begin(&mut self, ctx: &mut Context<Self>) {
        if self.link.stage() != Stage::Arriving || !self.link.arrival.is_caught_up() {
            return;
        }
        let (Some(who), Some(welcome)) = (self.identity.clone(), self.welcome.take()) else { return };
        let (snapshot, online) = match *welcome {
            Welcome::Snapshot { snapshot, online } => (snapshot, online),
            Welcome::Replay { conversations, invites } => {
                let held = self.link.arrival.take();
                return self.begin_replaying(&conversations, invites, held, ctx);
            }
        };
        let known = Known {
            revs: snapshot.revs.iter().copied().collect(),
            invites: snapshot.invites.iter().map(|invite| invite.id).collect(),
        };
        let services = &self.context.services;
        let ready = Ready {
            user: &who.user,
            connection: self.link.id,
            server: Server::new(services.history.epoch()),
            heartbeat_seconds: services.config.pace.heartbeat_seconds,
            limits: &services.config.limits,
            sessions: snapshot.sessions,
            sessions_next: snapshot.sessions_next,
            invites: snapshot.invites,
            invites_next: snapshot.invites_next,
            online: online.iter().map(AsRef::as_ref).take(ONLINE).collect(),
        };
        let beginning = Beginning::Snapshot(Box::new(ready), cursor_behind);
        let steps = self.protocol.begin(self.arrival.take().as_ref(), beginning, Instant::now());
        self.follow(steps, ctx);
        let mut newer = false;
        for delivery in self.link.arrival.take() {
            newer |= matches!(delivery.event, Event::CaughtUp);
            if newer || known.lacks(&delivery.event) {
                let said = EncodedEvent::of(&delivery.event);
                said.iter().for_each(|said| self.link.tell(said));
            }
        }
        if self.link.stage() != Stage::Arriving {
            // What was held was more than it may keep waiting: it is being closed.
            return;
        }
        self.link.advance_to(Stage::Live);
        log::debug!("connection {} of user {} is ready", self.link.id, who.user.id);
        self.run_queries(ctx);
    }

    /// Says why it is not let in, and ends it, unless it may go on as a stranger.
    pub(in crate::gateway) fn turn_away(&mut self, Turned(refusal, why): &Turned) {
        if self.stays_outside(refusal) {
            return;
        }
        if !self.keep_out_of_namespace(refusal) {
            let request = self.arrival.take();
            self.refuse(request.as_ref(), refusal);
        }
        self.link.close(*why);
    }
}

async fn recognise(
    accounts: &Accounts,
    token: &Claim,
    known: Option<&Identity>,
    used: TokenUse,
) -> Result<Identity, Turned> {
    let who = accounts.authenticate(&Secret::parse(&token.0)?, used).await?;
    match known {
        Some(known) if known.user.id != who.user.id => Err(Refusal::Unauthenticated.into()),
        _ => Ok(who),
    }
}

/// What a snapshot has.
struct Known {
    revs: HashMap<SessionId, i64>,
    invites: Vec<InviteId>,
}

impl Known {
    /// True where the snapshot has not come so far, or does not have the session at all.
    fn is_older(&self, session: SessionId, rev: i64) -> bool {
        self.revs.get(&session).is_none_or(|known| rev > *known)
    }

    /// True for what is not in the snapshot.
    fn lacks(&self, event: &Event) -> bool {
        match event {
            Event::Posted(message) | Event::Changed(message) => self.is_older(message.session, message.rev),
            Event::Member { session, change } => self.is_older(*session, change.rev),
            Event::SessionChanged { session, rev, .. } | Event::SessionRemoved { session, rev, .. } => {
                self.is_older(*session, *rev)
            }
            // Gone and come again since the snapshot, or new.
            Event::SessionAdded(session) => self.is_older(session.id, session.rev),
            Event::Invited(invite) => !self.invites.contains(&invite.id),
            _ => true,
        }
    }
}
