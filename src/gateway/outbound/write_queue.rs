//! What is queued for a client, and what happens when a client is slow.
//!
//! The queue is bounded by `queue_bytes`. A client that does not read never delays others: frames are queued for it until the
//! bound is passed although the socket was offered all of them ([`Added::TooSlow`]); then [`Link`](super::Link) closes the
//! connection with [`Disconnect::TooSlow`], and the client reconnects and catches up. Replies to queries and replayed messages
//! do not count towards this: they are read from the database only when the last ones have left
//! ([`has_left`](WriteQueue::has_left), [`is_half_full`](WriteQueue::is_half_full)).
//!
//! A queue leaves by a socket, or, on a Socket.IO session that polls, by the packets of the session.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::time::Instant;

use actix_web::rt::net::TcpStream;
use bytes::Bytes;

use super::encoded::{EncodedEvent, Framing};
use super::frames::{FrameQueue, GATHER};
use super::limits::OutboundLimits;
use crate::domain::Disconnect;
use crate::socketio::codec::packet::Namespace;
use crate::socketio::session::Peer;

/// A position in the stream to the client: packets of a session, bytes of a socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    packets: u64,
    bytes: u64,
    /// Bytes of urgent frames among `bytes`.
    urgent: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Added {
    /// Nothing: the hub or the connection's task flushes the queue.
    Queued,
    /// The connection's task must run: a poll may be answered.
    Waits,
    /// The queue is over its bound although the socket was offered all of it.
    TooSlow,
}

/// Frames for one client, bounded in bytes, and the socket that takes them.
pub(crate) struct WriteQueue {
    frames: RefCell<FrameQueue>,
    socket: RefCell<Option<Rc<TcpStream>>>,
    /// Set where the connection is a Socket.IO session.
    session: OnceCell<Box<SessionQueue>>,
    limits: Rc<OutboundLimits>,
    framing: Cell<Framing>,
    /// Writing has failed; what the client sent before may still be read.
    broken: Cell<bool>,
}

/// What only Socket.IO sessions have. What waits for a poll is queued in `peer`, everything else in the frames.
struct SessionQueue {
    peer: Rc<RefCell<Peer>>,
    /// The position at which packets that had waited for polls went over to a socket.
    upgraded_at: Cell<Position>,
}

impl WriteQueue {
    pub(crate) fn new(limits: Rc<OutboundLimits>) -> Self {
        Self {
            frames: RefCell::default(),
            socket: RefCell::default(),
            session: OnceCell::new(),
            limits,
            framing: Cell::new(Framing::Frames),
            broken: Cell::new(false),
        }
    }

    pub(crate) fn framing(&self) -> Framing {
        self.framing.get()
    }

    pub(crate) fn set_framing(&self, framing: Framing) {
        if self.framing.replace(framing) == Framing::Packets
            && framing == Framing::PacketFrames
            && let Some(session) = self.session.get()
        {
            // The session has handed its packets to the socket, which has not taken them yet.
            session.upgraded_at.set(self.position());
        }
    }

    /// Makes the connection a Socket.IO session, for all its life.
    pub(crate) fn attach_session(&self, peer: Rc<RefCell<Peer>>) {
        let _ = self.session.set(Box::new(SessionQueue { peer, upgraded_at: Cell::default() }));
        self.framing.set(Framing::Packets);
    }

    fn peer(&self) -> Option<&RefCell<Peer>> {
        self.session.get().map(|session| &*session.peer)
    }

    pub(crate) fn has_session(&self) -> bool {
        self.session.get().is_some()
    }

    pub(crate) fn is_in_namespace(&self) -> bool {
        self.peer().is_some_and(|peer| peer.borrow().is_in(&Namespace::main()))
    }

    /// Ends the Socket.IO session, if the connection is one.
    pub(crate) fn close_session(&self, why: Disconnect) {
        if let Some(peer) = self.peer() {
            peer.borrow_mut().close(why, Instant::now());
        }
    }

    pub(crate) fn attach(&self, socket: Rc<TcpStream>) {
        *self.socket.borrow_mut() = Some(socket);
        self.broken.set(false);
    }

    /// Drops the socket, and all that is queued for it.
    pub(crate) fn detach(&self) {
        *self.socket.borrow_mut() = None;
        self.broken.set(false);
        self.frames.borrow_mut().clear();
    }

    pub(crate) fn send(&self, event: &EncodedEvent) -> Added {
        match (self.framing.get(), self.peer()) {
            (Framing::Frames, _) | (_, None) => self.push(event.native().clone()),
            (_, Some(peer)) => {
                let Some(packet) = event.packet() else { return Added::Queued };
                let frame = peer.borrow_mut().send_shared(packet);
                frame.map_or(Added::Waits, |frame| self.push(frame))
            }
        }
    }

    pub(crate) fn push(&self, frame: Bytes) -> Added {
        self.add(|frames| frames.push(frame))
    }

    pub(crate) fn push_urgent(&self, frame: Bytes) -> Added {
        self.add(|frames| frames.push_urgent(frame))
    }

    fn add(&self, push: impl FnOnce(&mut FrameQueue)) -> Added {
        if self.broken.get() {
            return Added::Queued;
        }
        let (before, after) = {
            let mut frames = self.frames.borrow_mut();
            let before = frames.bytes();
            push(&mut frames);
            (before, frames.bytes())
        };
        let max_bytes = self.limits.queue_bytes;
        if max_bytes == 0 || after <= max_bytes {
            return Added::Queued;
        }
        // A client is not slow before its socket was offered the frames. And what one commit brings to a client with an empty
        // queue may be more than the bound: these bytes are shared by all recipients.
        self.flush();
        let is_slow = before > 0 && self.frames.borrow().bytes() > max_bytes;
        if is_slow { Added::TooSlow } else { Added::Queued }
    }

    /// Adds a frame without looking at the bound: close frames, and those of a session, which has a bound of its own.
    pub(crate) fn append(&self, frame: Bytes) {
        self.frames.borrow_mut().push(frame);
    }

    /// The same, before the other frames.
    pub(crate) fn append_urgent(&self, frame: Bytes) {
        self.frames.borrow_mut().push_urgent(frame);
    }

    pub(crate) fn drop_rest(&self) {
        self.frames.borrow_mut().drop_rest();
    }

    pub(crate) fn position(&self) -> Position {
        let packets = self.peer().map_or(0, |peer| peer.borrow().engine().packets_queued());
        let frames = self.frames.borrow();
        Position { packets, bytes: frames.pushed(), urgent: frames.urgent() }
    }

    /// True where all up to `position` has left the queue.
    pub(crate) fn has_left(&self, mut position: Position) -> bool {
        let session = self.session.get();
        let upgraded_at = session.map_or_else(Position::default, |session| session.upgraded_at.get());
        if position.packets <= upgraded_at.packets && position.bytes < upgraded_at.bytes {
            position = Position { packets: position.packets, ..upgraded_at };
        }
        let frames = self.frames.borrow();
        // Urgent frames that were put before it since then must have left as well.
        frames.written() >= position.bytes + (frames.urgent() - position.urgent)
            && session.is_none_or(|session| session.peer.borrow().engine().packets_written() >= position.packets)
    }

    pub(crate) fn is_half_full(&self) -> bool {
        let polled = self.peer().map_or(0, |peer| peer.borrow().engine().queued_bytes());
        let max_bytes = self.limits.queue_bytes;
        max_bytes > 0 && self.frames.borrow().bytes() + polled >= max_bytes / 2
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.borrow().is_empty()
    }

    pub(crate) fn pushed(&self) -> u64 {
        self.frames.borrow().pushed()
    }

    pub(crate) fn written(&self) -> u64 {
        self.frames.borrow().written()
    }

    /// Writes as much as the socket takes. True where nothing is left. On an error all frames are dropped; the connection ends
    /// only where the socket is read, behind what the client has sent before.
    pub(crate) fn flush(&self) -> bool {
        let socket = self.socket.borrow();
        let Some(socket) = &*socket else { return true };
        let mut frames = self.frames.borrow_mut();
        while !frames.is_empty() {
            let mut slices = [IoSlice::new(&[]); GATHER];
            let count = frames.slices(&mut slices);
            let written = match slices.get(..count) {
                Some([only]) => socket.try_write(only),
                Some(several) => socket.try_write_vectored(several),
                None => Ok(0),
            };
            match written {
                Ok(count) => frames.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => {
                    self.broken.set(true);
                    frames.clear();
                }
            }
        }
        true
    }

    /// True where writing has failed: what has left the queue did not arrive.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get()
    }
}
