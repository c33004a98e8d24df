//! What waits for a connection's client, and how it leaves: by a socket, or by the packets of a session.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::time::Instant;

use actix_web::rt::net::TcpStream;
use bytes::Bytes;

use super::encoded::{EncodedEvent, Framing};
use super::frames::{FrameQueue, GATHER};
use super::packets::PacketQueue;
use crate::domain::Disconnect;

/// How much the client has been sent: packets of a session, bytes of a socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    packets: u64,
    bytes: u64,
    /// Of these, those of frames that went before others.
    urgent: u64,
}

/// What follows from adding to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Added {
    /// Nothing: whoever writes the socket comes by.
    Queued,
    /// The connection's task must run: a poll may be answered.
    Waits,
    /// The client does not read: the queue is over its bound although the socket was offered it.
    TooSlow,
}

/// Frames for one client, bounded in bytes, and the socket that takes them.
pub(crate) struct WriteQueue {
    frames: RefCell<FrameQueue>,
    socket: RefCell<Option<Rc<TcpStream>>>,
    /// The socket takes nothing any more; what it has brought may still be read.
    broken: Cell<bool>,
    /// Where Socket.IO carries the connection. What waits for a poll waits there, everything else in `frames`.
    packets: OnceCell<Rc<dyn PacketQueue>>,
    framing: Cell<Framing>,
    /// The position at which what waited for polls went over to a socket.
    changed_over: Cell<Position>,
    max_bytes: usize,
}

impl WriteQueue {
    /// An empty queue without a socket; `max_bytes` bounds what may wait, 0 is no bound.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            frames: RefCell::default(),
            socket: RefCell::default(),
            broken: Cell::new(false),
            packets: OnceCell::new(),
            framing: Cell::new(Framing::Frames),
            changed_over: Cell::default(),
            max_bytes,
        }
    }

    /// How the client takes what it is sent.
    pub(crate) fn framing(&self) -> Framing {
        self.framing.get()
    }

    /// From now on the client takes what it is sent in another framing.
    pub(crate) fn set_framing(&self, framing: Framing) {
        if self.framing.replace(framing) == Framing::Packets && framing == Framing::PacketFrames {
            // The session has let go of what waited there, and the socket has not taken it yet.
            self.changed_over.set(self.position());
        }
    }

    /// Socket.IO carries the connection, for all its life.
    pub(crate) fn carry_packets(&self, packets: Rc<dyn PacketQueue>) {
        let _ = self.packets.set(packets);
        self.framing.set(Framing::Packets);
    }

    /// True where Socket.IO carries the connection.
    pub(crate) fn has_packets(&self) -> bool {
        self.packets.get().is_some()
    }

    /// True where the client is in the main namespace of a Socket.IO session.
    pub(crate) fn is_connected(&self) -> bool {
        self.packets.get().is_some_and(|packets| packets.is_connected())
    }

    /// Ends the session that carries the connection. False where there is none.
    pub(crate) fn close_packets(&self, why: Disconnect) -> bool {
        self.packets.get().is_some_and(|packets| {
            packets.close(why, Instant::now());
            true
        })
    }

    /// The socket that the queue goes to.
    pub(crate) fn attach(&self, socket: Rc<TcpStream>) {
        *self.socket.borrow_mut() = Some(socket);
        self.broken.set(false);
    }

    /// The socket is gone, and what waited for it.
    pub(crate) fn detach(&self) {
        *self.socket.borrow_mut() = None;
        self.broken.set(false);
        self.frames.borrow_mut().clear();
    }

    /// Adds an event in the framing that the client takes.
    pub(crate) fn send(&self, event: &EncodedEvent) -> Added {
        match (self.framing.get(), self.packets.get()) {
            (Framing::Frames, _) | (_, None) => self.push(event.native().clone()),
            (_, Some(packets)) => {
                let Some(packet) = event.packet() else { return Added::Queued };
                packets.pass(packet).map_or(Added::Waits, |frame| self.push(frame))
            }
        }
    }

    /// Adds a frame behind the others.
    pub(crate) fn push(&self, frame: Bytes) -> Added {
        self.add(|frames| frames.push(frame))
    }

    /// Adds a control frame before what waits.
    pub(crate) fn push_urgent(&self, frame: Bytes) -> Added {
        self.add(|frames| frames.push_urgent(frame))
    }

    fn add(&self, push: impl FnOnce(&mut FrameQueue)) -> Added {
        if self.broken.get() {
            return Added::Queued;
        }
        let (before, waiting) = {
            let mut frames = self.frames.borrow_mut();
            let before = frames.bytes();
            push(&mut frames);
            (before, frames.bytes())
        };
        if self.max_bytes == 0 || waiting <= self.max_bytes {
            return Added::Queued;
        }
        // Nobody is slow before the socket was asked to take it; and what one commit brings to a reader with an empty
        // queue may be more than the bound: it is shared by all readers.
        self.flush();
        let is_slow = before > 0 && self.frames.borrow().bytes() > self.max_bytes;
        if is_slow { Added::TooSlow } else { Added::Queued }
    }

    /// Adds a frame whatever waits and however the connection stands: frames of a session, which has a bound of its own, and
    /// close frames.
    pub(crate) fn append(&self, frame: Bytes) {
        self.frames.borrow_mut().push(frame);
    }

    /// The same, before what waits.
    pub(crate) fn append_urgent(&self, frame: Bytes) {
        self.frames.borrow_mut().push_urgent(frame);
    }

    /// Drops all that the socket has not begun to take.
    pub(crate) fn drop_rest(&self) {
        self.frames.borrow_mut().drop_rest();
    }

    /// Where the stream to the client is now, all included that waits.
    pub(crate) fn position(&self) -> Position {
        let packets = self.packets.get().map_or(0, |packets| packets.pushed());
        let frames = self.frames.borrow();
        Position { packets, bytes: frames.pushed(), urgent: frames.urgent() }
    }

    /// True where all up to `position` has left.
    pub(crate) fn has_left(&self, position: Position) -> bool {
        let changed_over = self.changed_over.get();
        let position = if position.packets <= changed_over.packets && position.bytes < changed_over.bytes {
            Position { packets: position.packets, ..changed_over }
        } else {
            position
        };
        let frames = self.frames.borrow();
        // What went before it since then is to leave as well.
        frames.has_left(position.bytes + (frames.urgent() - position.urgent))
            && self.packets.get().is_none_or(|packets| packets.left() >= position.packets)
    }

    /// True where half of what may wait for the client waits.
    pub(crate) fn is_half_full(&self) -> bool {
        let polled = self.packets.get().map_or(0, |packets| packets.waiting());
        self.max_bytes > 0 && self.frames.borrow().bytes() + polled >= self.max_bytes / 2
    }

    /// True where nothing waits for the socket.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.borrow().is_empty()
    }

    /// Bytes that were added for sockets so far.
    pub(crate) fn pushed(&self) -> u64 {
        self.frames.borrow().pushed()
    }

    /// Bytes that sockets have taken so far.
    pub(crate) fn written(&self) -> u64 {
        self.frames.borrow().written()
    }

    /// Writes what waits, as far as the socket takes it. `true`: nothing is left. What a socket cannot take any more is
    /// dropped: its end is noticed where it is read, behind what the client has sent before.
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

    /// True where the socket takes nothing any more: what has left the queue did not arrive.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get()
    }
}
