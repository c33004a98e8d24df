//! What the write queue needs to know of a session.

use std::cell::RefCell;
use std::time::Instant;

use bytes::Bytes;

use super::super::outbound::PacketQueue;
use crate::domain::Disconnect;
use crate::socketio::codec::packet::Namespace;
use crate::socketio::session::{Outgoing, Peer};

impl PacketQueue for RefCell<Peer> {
    fn pass(&self, packet: &Outgoing) -> Option<Bytes> {
        self.borrow_mut().pass(packet)
    }

    fn close(&self, why: Disconnect, now: Instant) {
        self.borrow_mut().close(why, now);
    }

    fn is_connected(&self) -> bool {
        self.borrow().is_in(&Namespace::main())
    }

    fn pushed(&self) -> u64 {
        self.borrow().line().pushed()
    }

    fn left(&self) -> u64 {
        self.borrow().line().left()
    }

    fn waiting(&self) -> usize {
        self.borrow().line().waiting()
    }
}
