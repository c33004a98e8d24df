//! One Socket.IO connection as a state machine: a [`Line`] and the [namespaces] above it.

mod hearing;
mod inputs;
mod namespaces;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use super::action::{Action, SocketNo, comes_back};
use super::line::Line;
use super::outgoing::Outgoing;
use super::terms::Terms;
use crate::domain::Disconnect;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::packet::{Assembly, Namespace};
use namespaces::Space;

/// One Socket.IO connection. Inputs return at once; what follows from them is told by [`next_action`](Self::next_action).
#[derive(Debug)]
pub(crate) struct Peer {
    line: Line,
    terms: Rc<Terms>,
    assembly: Assembly,
    spaces: Vec<Space>,
    /// What is to be told before what the line has to tell.
    ready: VecDeque<Action>,
    /// When it ends unless it is in a namespace, or wants into one.
    lonely: Instant,
    /// It is to end: what the client says means nothing any more.
    deaf: bool,
    /// There is no Socket.IO above the session: messages are told as they are.
    #[cfg(feature = "conformance")]
    bare: bool,
}

impl Peer {
    /// A connection that begins with a poll; see [`Line::by_polling`].
    pub(crate) fn by_polling(terms: Rc<Terms>, revision: Revision, base64: bool, sid: &str, now: Instant) -> Self {
        let line = Line::by_polling(Rc::clone(&terms), revision, base64, sid, now);
        Self::new(line, terms, now)
    }

    /// A connection that begins with a socket; see [`Line::by_socket`].
    pub(crate) fn by_socket(
        terms: Rc<Terms>,
        revision: Revision,
        base64: bool,
        sid: &str,
        now: Instant,
    ) -> (Self, SocketNo) {
        let (line, socket) = Line::by_socket(Rc::clone(&terms), revision, base64, sid, now);
        (Self::new(line, terms, now), socket)
    }

    fn new(mut line: Line, terms: Rc<Terms>, now: Instant) -> Self {
        // The handshake goes before anything about namespaces.
        let ready = std::iter::from_fn(|| line.next_action()).collect();
        let mut peer = Self {
            assembly: Assembly::new(terms.attachments),
            spaces: Vec::new(),
            ready,
            lonely: now + terms.connect,
            deaf: false,
            #[cfg(feature = "conformance")]
            bare: false,
            line,
            terms,
        };
        if peer.line.revision() == Revision::Three {
            peer.wants(Namespace::main(), None);
        }
        peer
    }

    /// The session under it, to ask how it stands.
    pub(crate) const fn line(&self) -> &Line {
        &self.line
    }

    /// The session alone, without Socket.IO above it.
    #[cfg(feature = "conformance")]
    pub(crate) fn lay_bare(&mut self) {
        self.bare = true;
        self.spaces.clear();
        self.ready.retain(|action| !matches!(action, Action::Connect(..)));
        self.lonely = self.line.now() + std::time::Duration::from_secs(1_000_000);
    }

    /// What holds for it.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The next thing to do; `None`: nothing until the next input.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(action) = self.ready.pop_front() {
                return Some(action);
            }
            self.ready = VecDeque::new();
            match self.line.next_action()? {
                #[cfg(feature = "conformance")]
                Action::Message(message) if self.bare => return Some(Action::Message(message)),
                Action::Message(message) => self.hear(message),
                other => return Some(other),
            }
        }
    }

    /// When [`tick`](Self::tick) has something to do next; `None`: never.
    pub(crate) fn due(&self) -> Option<Instant> {
        let due = self.line.due()?;
        Some(if self.line.is_open() && self.is_lonely() { due.min(self.lonely) } else { due })
    }

    /// Sends a packet that was made for a namespace that the client is in. Attachments follow it by further calls.
    pub(crate) fn send(&mut self, packet: Outgoing) {
        self.line.send(packet);
    }

    /// The same for packets that many are to have; see [`Line::pass`].
    pub(crate) fn pass(&mut self, packet: &Outgoing) -> Option<Bytes> {
        self.line.pass(packet)
    }

    /// From here on what the client says waits unread because of us, or not any more: until then its silence is excused.
    pub(crate) const fn hold(&mut self, held: bool) {
        self.line.hold(held);
    }

    /// Ends the connection. Where it is not to come back it is first sent away from every namespace: a client that only loses
    /// its transport comes back by itself.
    pub(crate) fn close(&mut self, why: Disconnect, now: Instant) {
        self.line.tick(now);
        if !comes_back(why) {
            self.dismiss_from_all();
        }
        self.deaf = true;
        self.line.close(why, now);
    }
}
