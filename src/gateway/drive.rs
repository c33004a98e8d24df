//! The future that drives a connection, on every transport: it owns the order of work.
//!
//! It runs in the connection's actor context, so the actor's timers never wait for the socket.

use std::pin::Pin;
use std::task::{Context as Task, Poll};

use actix::fut::ActorFuture;
use actix::prelude::*;

use super::connection::Connection;
use super::transport::Transport;

pub(super) struct Drive<T>(pub T);

impl<T: Transport> ActorFuture<Connection> for Drive<T> {
    type Output = ();

    fn poll(
        mut self: Pin<&mut Self>,
        act: &mut Connection,
        ctx: &mut Context<Connection>,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        act.link.set_waker(task.waker());
        self.0.prepare(act, ctx, task);
        // Events are sent before the replies to what is read next.
        act.complete_handshake(ctx);
        act.send_events(ctx);
        act.poll_rate_pause(task);
        act.process_session(ctx);
        let transferred = self.0.transfer(act, ctx, task);
        // Replies may have left the queue, which makes room for the next ones.
        act.run_queries(ctx);
        act.continue_replay(ctx);
        // What was read may have ended the connection or completed a POST. Frames that follow from it are written in the next
        // turn: at once.
        let pushed = act.link.queue.pushed();
        act.process_session(ctx);
        act.poll_rate_pause(task);
        if act.link.queue.pushed() != pushed {
            act.link.wake();
        }
        act.unregister_when_closing();
        self.0.settle(act, task, transferred)
    }
}
