//! How bytes get from and to a client: a [`Socket`] of its own, or a Socket.IO session with polls and sockets
//! ([`SessionTransport`]).

mod session;
mod socket;

use std::task::{Context as Task, Poll};

use actix::prelude::*;

use super::connection::Connection;

pub(super) use session::SessionTransport;
pub(super) use socket::Socket;

/// The parts of a turn that depend on what carries a connection. [`Drive`](super::drive::Drive) calls them in this order, once
/// in each turn.
pub(super) trait Transport: Unpin {
    /// Takes over what came since the last turn.
    fn prepare(&mut self, _: &mut Connection, _: &mut Context<Connection>, _: &mut Task<'_>) {}

    /// Reads what may be read, hands whole messages to the connection, and writes what waits. `Ready`: there is nothing more to
    /// read or write, ever.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()>;

    /// Has the task woken for what is due next; `transferred` is what [`transfer`](Self::transfer) returned. `Ready`: the
    /// connection is over.
    fn settle(&mut self, _: &mut Connection, _: &mut Task<'_>, transferred: Poll<()>) -> Poll<()> {
        transferred
    }
}
