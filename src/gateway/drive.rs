//! The future that drives a connection: it owns the order of work, whatever carries the connection.
//!
//! It runs on the connection's own context, so the actor's timers never wait for the socket.

use std::pin::Pin;
use std::task::{Context as Task, Poll};

use actix::fut::ActorFuture;
use actix::prelude::*;

use super::connection::Connection;
use super::transport::Transport;

/// Drives a connection over a transport; ready when the connection is over.
pub(super) struct Drive<T>(pub T);

impl<T: Transport> ActorFuture<Connection> for Drive<T> {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        act: &mut Connection,
        ctx: &mut Context<Connection>,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        act.link.park(task.waker());
        self.0.prepare(act, ctx, task);
        // What has happened goes before the answers to what is read next.
        act.begin(ctx);
        act.send_events(ctx);
        act.rest(task);
        act.go_on(ctx);
        let transferred = self.0.transfer(act, ctx, task);
        // What has left the queue makes room for more.
        act.run_queries(ctx);
        act.go_on_sending(ctx);
        // What was read may have ended the connection or a session's post, and what follows from it waits for the socket, which
        // is written next time: soon.
        let pushed = act.link.queue.pushed();
        act.go_on(ctx);
        act.rest(task);
        if act.link.queue.pushed() != pushed {
            act.link.wake();
        }
        act.leave_when_closing();
        self.0.settle(act, task, transferred)
    }
}
