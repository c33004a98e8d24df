//! One session of Engine.IO as a state machine: which transport carries it, what waits for the client, and when it is over.
//!
//! Inputs return at once; what follows from them is told by [`Line::next_action`], to be asked until it says `None`. A waiting poll is
//! answered only then, so that all that was sent before goes in one answer. Time passes by the `now` of the inputs; between
//! them somebody calls [`Line::tick`] by [`Line::due`].

mod ending;
mod polling;
mod socket;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use super::action::{Action, Ended, Message, SocketNo};
use super::heart::{Beat, Heart};
use super::outgoing::{Outgoing, Queue, answer};
use super::terms::Terms;
use crate::domain::Disconnect;
use crate::socketio::codec::engine::{Handshake, Packet, Revision, milliseconds};

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Client and server talk.
    Open,
    /// It ends once a poll has come for what waits, and by `until` without one. What the client says means nothing any more.
    Closing {
        /// Why.
        why: Disconnect,
        /// The latest time.
        until: Instant,
    },
    /// There is nothing more to do.
    Over,
}

/// What carries the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// Polls and posts.
    Polling,
    /// Polls and posts still, while the client tries a socket.
    Probing {
        /// Which.
        socket: SocketNo,
        /// The probe has come and is answered: polls are let go.
        probed: bool,
        /// When it is given up.
        until: Instant,
    },
    /// A socket, to the end.
    Socket(SocketNo),
}

/// One session of Engine.IO.
#[derive(Debug)]
pub(crate) struct Line {
    revision: Revision,
    /// The client takes no bytes.
    base64: bool,
    terms: Rc<Terms>,
    stage: Stage,
    carrier: Carrier,
    /// A poll waits for its answer.
    poll: bool,
    /// The body of a post is on its way.
    post: bool,
    /// Since when no poll has waited.
    away: Instant,
    heart: Heart,
    /// What the client says waits unread because of us.
    held: bool,
    queue: Queue,
    actions: VecDeque<Action>,
    /// Sockets that there have been.
    sockets: u32,
    pushed: u64,
    left: u64,
    now: Instant,
}

impl Line {
    /// A session that begins with a poll: the first [`next_action`](Self::next_action) answers it with the handshake. `base64`: the client
    /// takes no bytes.
    pub(crate) fn by_polling(terms: Rc<Terms>, revision: Revision, base64: bool, sid: &str, now: Instant) -> Self {
        let mut line = Self::new(terms, revision, base64, now);
        let body = answer(revision, base64, line.handshake(sid, &["websocket"]));
        (line.pushed, line.left) = (1, 1);
        line.actions.push_back(Action::AnswerPoll(body));
        line
    }

    /// A session that begins with a socket, to which the handshake goes first. There is nothing to change to.
    pub(crate) fn by_socket(
        terms: Rc<Terms>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> (Self, SocketNo) {
        let mut line = Self::new(terms, revision, base64, now);
        let socket = line.new_socket();
        line.carrier = Carrier::Socket(socket);
        line.push(Outgoing::packet(line.handshake(sid, &[])));
        (line, socket)
    }

    fn new(terms: Rc<Terms>, revision: Revision, base64: bool, now: Instant) -> Self {
        let heart = Heart::new(revision, &terms, now);
        Self {
            revision,
            base64,
            terms,
            stage: Stage::Open,
            carrier: Carrier::Polling,
            poll: false,
            post: false,
            away: now,
            heart,
            held: false,
            queue: Queue::default(),
            actions: VecDeque::new(),
            sockets: 0,
            pushed: 0,
            left: 0,
            now,
        }
    }

    fn handshake(&self, sid: &str, upgrades: &[&str]) -> Packet {
        let terms = &self.terms;
        let handshake = Handshake {
            sid,
            upgrades,
            ping_interval: milliseconds(terms.ping_interval),
            ping_timeout: milliseconds(terms.ping_timeout),
            max_payload: u64::try_from(terms.post.bytes).unwrap_or(u64::MAX),
        };
        handshake.packet()
    }

    /// Which Engine.IO the client speaks. A request that says another has lost its way.
    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    /// True while client and server talk.
    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// True where a socket carries the session: what is sent does not wait here.
    pub(crate) const fn is_on_socket(&self) -> bool {
        matches!(self.carrier, Carrier::Socket(_))
    }

    /// The latest time that it was told.
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// How many packets have been sent, the transport's own among them.
    pub(crate) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// How many of them have been handed to a poll's answer or to a socket.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Bytes that wait for the client to come.
    pub(crate) const fn waiting(&self) -> usize {
        self.queue.bytes()
    }

    /// From here on what the client says waits unread because of us, or not any more: until then its silence is excused.
    pub(crate) const fn hold(&mut self, held: bool) {
        self.held = held;
    }

    /// The next thing to do.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        if self.actions.is_empty() && self.poll && (!self.queue.is_empty() || self.lets_go()) {
            self.answer();
        }
        let action = self.actions.pop_front();
        if action.is_none() {
            // Idle sessions are many: keep nothing for them.
            self.actions = VecDeque::new();
        }
        action
    }

    /// Sends a packet; without effect once the session is to end. What waits beyond the bound ends it.
    pub(crate) fn send(&mut self, packet: Outgoing) {
        if self.is_open() {
            self.push(packet);
        }
    }

    /// Sends a packet that many are to have. `Some`: there is nothing to wait for, and the caller adds that frame to what the
    /// socket has to take by itself, as it does for all the others; `None`: it is sent as any other.
    pub(crate) fn pass(&mut self, packet: &Outgoing) -> Option<Bytes> {
        if self.is_open() && self.is_on_socket() && self.actions.is_empty() {
            (self.pushed, self.left) = (self.pushed + 1, self.left + 1);
            return Some(packet.frame(self.revision, self.base64));
        }
        self.send(packet.clone());
        None
    }

    /// Time passes: does what is due. Inputs do this by themselves.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now);
        match self.stage {
            Stage::Open => {}
            Stage::Closing { why, until } if now >= until => return self.end(Ended::By(why)),
            Stage::Closing { .. } | Stage::Over => return,
        }
        if matches!(self.carrier, Carrier::Probing { until, .. } if now >= until) {
            self.drop_probe(Disconnect::NoHello);
        }
        loop {
            match self.heart.look(self.is_on_socket() || self.poll, self.held, now) {
                Beat::Rest => break,
                Beat::Ping => self.push(Outgoing::packet(Packet::Ping("".into()))),
                Beat::Missed => return self.end(Ended::By(Disconnect::HeartbeatMissed)),
            }
        }
        if self.abandoned().is_some_and(|at| now >= at) {
            self.end(Ended::By(Disconnect::HeartbeatMissed));
        }
    }

    /// When [`tick`](Self::tick) has something to do next; `None`: never.
    pub(crate) fn due(&self) -> Option<Instant> {
        match (self.stage, self.carrier) {
            (Stage::Over, _) => None,
            (Stage::Closing { until, .. }, _) => Some(until),
            (_, Carrier::Probing { until, .. }) => Some(self.heart.due().min(until)),
            _ => Some(self.abandoned().map_or(self.heart.due(), |at| at.min(self.heart.due()))),
        }
    }

    /// When a session is given up that is polled for by nobody.
    fn abandoned(&self) -> Option<Instant> {
        let is_away = self.carrier == Carrier::Polling && !self.poll;
        is_away.then(|| self.away + self.terms.ping_interval + self.terms.ping_timeout)
    }

    /// True where a poll is not to wait: the client wants to go on over a socket.
    const fn lets_go(&self) -> bool {
        matches!(self.carrier, Carrier::Probing { probed: true, .. })
    }

    /// What the client says over the transport that carries the session.
    fn take(&mut self, packet: Packet) {
        if !self.is_open() {
            return;
        }
        self.heart.heard(&packet, self.now);
        match packet {
            Packet::Message(text) => self.actions.push_back(Action::Message(Message::Text(text))),
            Packet::Binary(bytes) => self.actions.push_back(Action::Message(Message::Binary(bytes))),
            Packet::Ping(data) if self.heart.is_asked() => self.push(Outgoing::packet(Packet::Pong(data))),
            Packet::Pong(_) if !self.heart.is_asked() => {}
            Packet::Noop => {}
            Packet::Close => self.end(Ended::Said),
            // A heartbeat in the wrong direction, or what has its place elsewhere.
            Packet::Ping(_) | Packet::Pong(_) | Packet::Open(_) | Packet::Upgrade => {
                self.end(Ended::By(Disconnect::NotTheProtocol));
            }
        }
    }

    fn push(&mut self, packet: Outgoing) {
        self.pushed += 1;
        if let Carrier::Socket(socket) = self.carrier {
            return self.frame(socket, &packet);
        }
        if self.queue.push(packet, self.terms.queue_bytes) {
            return;
        }
        // Nobody is slow before what waits was handed to the poll that has come for it.
        if self.poll {
            self.answer();
        }
        if self.queue.bytes() > self.terms.queue_bytes {
            self.end(Ended::By(Disconnect::TooSlow));
        }
    }

    fn frame(&mut self, socket: SocketNo, packet: &Outgoing) {
        self.left += 1;
        self.actions.push_back(Action::Frame(socket, packet.frame(self.revision, self.base64)));
    }
}
