//! What waits for a connection's client, and how it leaves: by its socket, or by way of its peer.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::rc::Rc;

use actix_web::rt::net::TcpStream;
use bytes::Bytes;

use super::super::outbox::{GATHER, Outbox};
use super::super::said::{Form, Said};
use super::{Link, Stage};
use crate::model::Disconnect;
use crate::socketio::session::Peer;

/// How far it has been told: packets that go by way of a peer, bytes that go to a socket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    packets: u64,
    bytes: u64,
    /// Of these, those of frames that went before others.
    urgent: u64,
}

impl Link {
    /// Adds a frame to what waits for the socket; past the bound the connection ends. The socket's task is not woken.
    pub fn push(&self, frame: Bytes) {
        self.add(|outbox| outbox.push(frame));
    }

    /// Tells the client something, in the form that it takes. The socket's task is not woken; that which answers polls is.
    pub fn tell(&self, said: &Said) {
        if matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        match (self.form.get(), self.peer.get()) {
            (Form::Native, _) | (_, None) => self.push(said.native().clone()),
            (_, Some(peer)) => {
                let Some(packet) = said.packet() else { return };
                let passed = peer.borrow_mut().pass(packet);
                match passed {
                    Some(frame) => self.push(frame),
                    None => self.wake(),
                }
            }
        }
    }

    /// Adds a control frame before what waits.
    pub fn push_urgent(&self, frame: Bytes) {
        self.add(|outbox| outbox.push_urgent(frame));
        self.wake();
    }

    fn add(&self, push: impl FnOnce(&mut Outbox)) {
        if self.broken.get() || matches!(self.stage.get(), Stage::Closing | Stage::Cut) {
            return;
        }
        let (before, waiting) = {
            let mut outbox = self.outbox.borrow_mut();
            let before = outbox.bytes();
            push(&mut outbox);
            (before, outbox.bytes())
        };
        if self.queue_bytes == 0 || waiting <= self.queue_bytes {
            return;
        }
        // Nobody is slow before the socket was asked to take it; and what one commit brings to a reader with an empty
        // queue may be more than the bound: it is shared by all readers.
        self.flush();
        if before > 0 && self.outbox.borrow().bytes() > self.queue_bytes {
            self.close(Disconnect::TooSlow);
        }
    }

    /// The socket that the queue goes to.
    pub fn attach(&self, socket: Rc<TcpStream>) {
        *self.socket.borrow_mut() = Some(socket);
        self.broken.set(false);
    }

    /// The socket is gone, and what waited for it.
    pub fn detach(&self) {
        *self.socket.borrow_mut() = None;
        self.broken.set(false);
        self.outbox.borrow_mut().clear();
    }

    /// A mark in what it is told: all so far.
    pub fn mark(&self) -> Mark {
        let packets = self.peer.get().map_or(0, |peer| peer.borrow().line().pushed());
        let outbox = self.outbox.borrow();
        Mark { packets, bytes: outbox.pushed(), urgent: outbox.urgent() }
    }

    /// True where half of what may wait for the client waits.
    pub fn is_half_full(&self) -> bool {
        let polled = self.peer.get().map_or(0, |peer| peer.borrow().line().waiting());
        self.queue_bytes > 0 && self.outbox.borrow().bytes() + polled >= self.queue_bytes / 2
    }

    /// True where all up to `mark` has left.
    pub fn has_left(&self, mark: Mark) -> bool {
        let polled = |peer: &Rc<RefCell<Peer>>| peer.borrow().line().left() >= mark.packets;
        let changed_over = self.changed_over.get();
        let mark = if mark.packets <= changed_over.packets && mark.bytes < changed_over.bytes {
            Mark { packets: mark.packets, ..changed_over }
        } else {
            mark
        };
        let outbox = self.outbox.borrow();
        // What went before it since then is to leave as well.
        outbox.has_left(mark.bytes + (outbox.urgent() - mark.urgent)) && self.peer.get().is_none_or(polled)
    }

    /// Writes what waits, as far as the socket takes it. `true`: nothing is left. What a socket cannot take any more is
    /// dropped: its end is noticed where it is read, behind what the client has sent before.
    pub fn flush(&self) -> bool {
        let socket = self.socket.borrow();
        let Some(socket) = &*socket else { return true };
        let mut outbox = self.outbox.borrow_mut();
        while !outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]); GATHER];
            let count = outbox.slices(&mut slices);
            let written = match slices.get(..count) {
                Some([only]) => socket.try_write(only),
                Some(several) => socket.try_write_vectored(several),
                None => Ok(0),
            };
            match written {
                Ok(count) => outbox.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => {
                    self.broken.set(true);
                    outbox.clear();
                }
            }
        }
        true
    }

    /// True where the socket takes nothing any more: what has left the queue did not arrive.
    pub fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// The same from the hub: what is left, and what follows from being done, is the connection's own task's.
    pub fn flush_or_wake(&self) {
        let idle = self.flush() && self.stage.get() == Stage::Live && !self.waits_for_room.get();
        if !idle {
            self.wake();
        }
    }

    /// The queue to the socket.
    pub const fn outbox(&self) -> &RefCell<Outbox> {
        &self.outbox
    }
}
