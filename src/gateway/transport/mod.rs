//! The transports of a connection: a WebSocket ([`Socket`]), or the polls and sockets of a Socket.IO session
//! ([`SessionTransport`]).

mod session;
mod socket;

use std::task::{Context as Task, Poll};

use actix::prelude::*;

use super::connection::Connection;

pub(super) use session::SessionTransport;
pub(super) use socket::Socket;

/// The parts of a turn that depend on the transport. [`Drive`](super::drive::Drive) calls them in this order, once in each turn.
pub(super) trait Transport: Unpin {
    /// Takes over what has arrived since the last turn.
    fn prepare(&mut self, _: &mut Connection, _: &mut Context<Connection>, _: &mut Task<'_>) {}

    /// Reads and writes as much as it can, and passes whole messages to the connection. `Ready` when the transport has ended.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()>;

    /// Has the task woken for what is due next; `transferred` is what [`transfer`](Self::transfer) returned. `Ready` when the
    /// connection has ended.
    fn settle(&mut self, _: &mut Connection, _: &mut Task<'_>, transferred: Poll<()>) -> Poll<()> {
        transferred
    }
}
