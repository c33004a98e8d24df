//! The transport of a Socket.IO session: polls, or a WebSocket, or both during an upgrade. Polls are HTTP requests, whose handlers
//! call the connection; packets for them are queued in the session's peer.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll};
use std::time::Instant;

use actix::prelude::*;
use tokio::time::{Sleep, sleep_until};

use super::super::connection::Connection;
use super::super::outbound::Phase;
use super::Transport;
use super::socket::Socket;
use crate::websocket::inbox::Inbox;

#[derive(Default)]
pub(crate) struct SessionTransport {
    socket: Option<Socket>,
    /// Elapses when something may be due. Clients are promised these times in milliseconds, which the hub's interval is too coarse
    /// for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl SessionTransport {
    /// Takes over a new socket. One that is there already is abandoned, with all that is queued for it.
    fn take_new_socket(&mut self, act: &mut Connection) {
        let Some(session) = &mut act.session else { return };
        if let Some(new_socket) = session.new_socket.take() {
            let (io, first) = *new_socket;
            let io = Rc::new(io);
            act.link.queue.detach();
            act.link.queue.attach(Rc::clone(&io));
            act.inbox = Inbox::default();
            act.inbox.hold(first);
            self.socket = Some(Socket::new(io));
        }
    }

    /// Lets the peer do what is due, and has the task woken when something is due next. A timer that elapses early costs less than
    /// one that is reset with everything that the client sends.
    fn poll_timer(&mut self, act: &Connection, task: &mut Task<'_>) {
        let Some(session) = &act.session else { return };
        loop {
            let Some(due) = session.peer.borrow().next_deadline() else {
                self.timer = None;
                return;
            };
            let at = tokio::time::Instant::from_std(due);
            match &mut self.timer {
                None => self.timer = Some(Box::pin(sleep_until(at))),
                Some(timer) if at < timer.deadline() => timer.as_mut().reset(at),
                Some(_) => {}
            }
            let Some(timer) = &mut self.timer else { return };
            if timer.as_mut().poll(task).is_pending() {
                return;
            }
            self.timer = None;
            session.peer.borrow_mut().tick(Instant::now());
            act.link.wake();
        }
    }

    /// Drops a socket that the session has closed while it continues without.
    fn drop_abandoned_socket(&mut self, act: &Connection) {
        let is_abandoned = act.session.as_ref().is_some_and(|session| session.socket.is_none() && !session.ended);
        if is_abandoned && self.socket.take().is_some() {
            act.link.queue.detach();
        }
    }
}

impl Transport for SessionTransport {
    fn prepare(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) {
        self.take_new_socket(act);
        self.poll_timer(act, task);
        act.run_actions(ctx);
        self.drop_abandoned_socket(act);
    }

    /// Always `Pending`: a session outlives its sockets.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        if let Some(socket) = &mut self.socket
            && socket.transfer(act, ctx, task).is_ready()
        {
            self.socket = None;
            act.on_socket_lost();
        }
        Poll::Pending
    }

    fn settle(&mut self, act: &mut Connection, task: &mut Task<'_>, _: Poll<()>) -> Poll<()> {
        self.poll_timer(act, task);
        let Some(session) = &act.session else { return Poll::Ready(()) };
        let is_unread = !session.inbound.is_empty() || (self.socket.is_some() && act.link.deadlines.read_paused.get());
        session.peer.borrow_mut().pause_reading(is_unread);
        let is_done = session.ended && !act.is_finishing() && self.socket.is_none() && session.new_socket.is_none();
        if is_done || act.link.phase() == Phase::Aborted { Poll::Ready(()) } else { Poll::Pending }
    }
}
