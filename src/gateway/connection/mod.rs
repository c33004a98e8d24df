//! The actor of one live connection: of a WebSocket, or of a Socket.IO session whatever carries it. It takes what the client
//! says, forwards it to the ChatServer or asks a desk, and writes nothing itself: frames reach its queue through the hub, or
//! from here for what is its own.

mod arrival;
mod changes;
mod commands;
mod context;
mod execute;
mod finishing;
mod queries;

use std::rc::Rc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::admission::{Alive, PendingHandshake};
use super::outbound::{Link, Stage, Timing};
use super::socketio::Session;
use crate::chat::Leave;
use crate::domain::{Command, ConnId, Disconnect, Identity, Refusal, RequestId};
use crate::metrics;
use crate::protocol::registry;
use crate::protocol::{ClientFrame, Protocol, Response};
use crate::rate_limit::{Address, Bucket};
use crate::websocket::frame;
use crate::websocket::inbox::{Inbox, Incoming};
use arrival::Welcome;
use execute::Replaying;
use queries::QueryQueue;

pub(crate) use context::GatewayContext;
pub(super) use finishing::Finish;

/// So many frames in a row that are not the protocol end the connection.
const FAULTS: u8 = 10;

/// Whether the next message may be taken.
pub(crate) enum Flow {
    /// Go on.
    Go,
    /// Not before something else has happened.
    Hold,
    /// Not before so long.
    Wait(Duration),
}

/// One live connection.
pub(crate) struct Connection {
    pub(super) link: Rc<Link>,
    pub(super) context: Rc<GatewayContext>,
    pub(super) inbox: Inbox,
    pub(super) queries: QueryQueue,
    pub(super) identity: Option<Rc<Identity>>,
    pub(super) address: Address,
    /// Its place among the pending; `None` once it has said hello.
    pending: Option<PendingHandshake>,
    pub(super) registered: bool,
    /// What `ready` will say.
    pub(super) welcome: Option<Box<Welcome>>,
    pub(super) goodbye: bool,
    /// How it ends once what its client has sent before is carried out.
    pub(super) finishing: Option<Finish>,
    /// What it has beside where Socket.IO carries it.
    pub(super) session: Option<Box<Session>>,
    /// What its client sends, and is sent.
    pub(super) protocol: Box<dyn Protocol>,
    /// What it has beside where its protocol replays messages.
    pub(super) replaying: Option<Box<Replaying>>,
    /// What its client wants to arrive by, if that is to be answered.
    pub(super) arrival: Option<RequestId>,
    /// Something is being looked up on which the meaning of the next frame depends.
    pub(super) looks_up: bool,
    /// Counts those whose connection it was: what was looked up for the last one means nothing to the next.
    pub(super) owner: u32,
    pub(super) frames: Bucket,
    pub(super) faults: u8,
    _alive: Alive,
}

impl Connection {
    /// A connection from this address that has not authenticated, and speaks this protocol.
    pub(super) fn new(
        context: Rc<GatewayContext>,
        address: Address,
        pending: PendingHandshake,
        protocol: Box<dyn Protocol>,
    ) -> Self {
        let pace = &context.services.config.pace;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let timing = Timing {
            hello: seconds(pace.hello_seconds),
            heartbeat: seconds(pace.heartbeat_seconds),
            timeout: seconds(pace.heartbeat_timeout_seconds),
        };
        let link = Rc::new(Link::new(ConnId::random(), timing, context.services.config.limits.queue_bytes));
        let alive = context.admission.alive();
        link.may_be_evicted(Some(pending.evicted()));
        let mut connection = Self {
            link,
            context,
            inbox: Inbox::default(),
            queries: QueryQueue::default(),
            identity: None,
            address,
            pending: Some(pending),
            registered: false,
            welcome: None,
            goodbye: false,
            finishing: None,
            session: None,
            protocol: registry::for_socketio(),
            replaying: None,
            arrival: None,
            looks_up: false,
            owner: 0,
            frames: Bucket::default(),
            faults: 0,
            _alive: alive,
        };
        connection.speak(protocol);
        connection
    }

    /// Makes it known to the thread's hub.
    pub(super) fn settle_in(&self) {
        self.context.links.borrow_mut().add(&self.link);
        if self.context.admission.is_closing() {
            // Let in while the stop began: the goodbye to all may have gone by already.
            self.link.close(Disconnect::Restart);
        }
    }

    /// Gives up its place among the pending, for another one or for none.
    pub(super) fn count_as(&mut self, pending: Option<PendingHandshake>) {
        self.link.may_be_evicted(pending.as_ref().map(PendingHandshake::evicted));
        self.pending = pending;
    }

    /// True once its client has authenticated, or while that is looked up.
    pub(super) fn is_authenticated(&self) -> bool {
        self.link.stage() != Stage::Strange
    }

    /// True while more may be read from the socket.
    pub(crate) fn takes(&self) -> bool {
        self.finishing.is_none()
            && self.takes_commands()
            && self.session.as_ref().is_none_or(|session| session.received.is_empty())
    }

    /// True while another command may be looked at.
    pub(super) fn takes_commands(&self) -> bool {
        let stage = self.link.stage();
        matches!(stage, Stage::Strange | Stage::Live)
            && !self.looks_up
            && self.link.takes_commands()
            && self.queries.takes()
    }

    /// Takes whole messages from what has been read, for as long as they may be taken.
    pub(crate) fn take_messages(&mut self, ctx: &mut Context<Self>) -> Flow {
        let (rate, limit) =
            (self.context.services.config.limits.frames(), self.context.services.config.limits.frame_bytes);
        #[cfg(feature = "conformance")]
        let limit = if self.session.is_some() { self.context.terms.post.bytes } else { limit };
        loop {
            if !self.takes() {
                return Flow::Hold;
            }
            let now = Instant::now();
            if let Err(wait) = self.frames.look(rate, now) {
                return Flow::Wait(wait);
            }
            match self.inbox.next(limit) {
                Ok(None) => return Flow::Go,
                Ok(Some(incoming)) => {
                    self.frames.count(rate, now);
                    self.take(incoming, ctx);
                }
                Err(why) => {
                    self.finish(Finish::Fault(why));
                    return Flow::Hold;
                }
            }
        }
    }

    fn take(&mut self, incoming: Incoming, ctx: &mut Context<Self>) {
        if self.session.is_some() {
            return self.take_packet(incoming, ctx);
        }
        match incoming {
            Incoming::Text(text) => self.receive(ClientFrame::Text(&text), ctx),
            Incoming::Binary(bytes) => self.receive(ClientFrame::Binary(&bytes), ctx),
            Incoming::Ping(payload) => self.link.push_urgent(frame::pong(&payload)),
            Incoming::Pong => self.link.deadlines.ponged(),
            Incoming::Close(code) => self.finish(Finish::CloseFrame(code)),
        }
    }

    /// Does what the client has said, or says what is wrong with it.
    pub(super) fn take_command(
        &mut self,
        reference: Option<RequestId>,
        command: Result<Command, Refusal>,
        ctx: &mut Context<Self>,
    ) {
        match command {
            Ok(command) => {
                self.faults = 0;
                self.obey(reference, command, ctx);
            }
            // A text that is too long is no fault of the client's program.
            Err(refusal @ Refusal::TooLarge(_)) => self.refuse(reference.as_ref(), &refusal),
            Err(refusal) => self.fault(reference.as_ref(), &refusal),
        }
    }

    /// Answers what is not the protocol; the tenth in a row ends the connection.
    fn fault(&mut self, reference: Option<&RequestId>, refusal: &Refusal) {
        self.refuse(reference, refusal);
        self.faults += 1;
        if self.faults >= FAULTS {
            self.finish(Finish::Fault(Disconnect::NotTheProtocol));
        }
    }

    /// Says no.
    pub(super) fn refuse(&mut self, reference: Option<&RequestId>, refusal: &Refusal) {
        metrics::REFUSALS.count(refusal.code());
        self.respond(reference, Response::Outcome(&Err(refusal.clone())));
        if matches!(refusal, Refusal::RateLimited(_)) {
            self.link.rate_limited();
        }
    }

    /// Takes part no more, if it does; with a `goodbye` nobody waits for it to come back.
    pub(super) fn leave(&mut self, goodbye: bool) {
        if std::mem::take(&mut self.registered) {
            // One for each time that it took part.
            #[allow(clippy::disallowed_methods)]
            self.context.chat.do_send(Leave { connection: self.link.id, goodbye });
        }
    }

    /// Takes part no more from the moment in which it begins to close, however long the socket takes to end: the presence
    /// grace period starts then.
    pub(super) fn leave_when_closing(&mut self) {
        if self.link.is_closing() {
            self.leave(self.goodbye);
        }
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Context<Self>) {
        if !self.link.is_closing() {
            metrics::CLOSES.count(1006);
        }
        self.context.links.borrow_mut().remove(&self.link);
        self.leave(self.goodbye);
    }
}
