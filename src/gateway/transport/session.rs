//! What carries a Socket.IO session: polls, or a socket, or both while the client changes over. Polls are requests of their
//! own; their handlers send them to the connection, and what they are answered with waits in the session's peer.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Task, Poll};
use std::time::Instant;

use actix::prelude::*;
use tokio::time::{Sleep, sleep_until};

use super::super::connection::Connection;
use super::super::outbound::Stage;
use super::Transport;
use super::socket::Socket;
use crate::websocket::inbox::Inbox;

/// A session's socket, if it has one, and its clock.
#[derive(Default)]
pub(crate) struct SessionTransport {
    socket: Option<Socket>,
    /// Runs out when something may be due. Times of sessions are told to clients in milliseconds, so it does not wait for the
    /// hub's.
    timer: Option<Pin<Box<Sleep>>>,
}

impl SessionTransport {
    /// Takes over a socket that has come. One that is there already has been given up, with all that waited for it.
    fn take_fresh(&mut self, act: &mut Connection) {
        let Some(session) = &mut act.session else { return };
        if let Some((io, first)) = session.fresh.take() {
            let io = Rc::new(io);
            act.link.queue.detach();
            act.link.queue.attach(Rc::clone(&io));
            act.inbox = Inbox::default();
            act.inbox.hold(first);
            self.socket = Some(Socket::new(io));
        }
    }

    /// Lets the peer do what is due, and has the task woken when something is due next. A timer that runs out early costs less
    /// than one that is set anew with everything that the client sends.
    fn keep_time(&mut self, act: &Connection, task: &mut Task<'_>) {
        let Some(session) = &act.session else { return };
        loop {
            let Some(due) = session.peer.borrow().due() else {
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

    /// Lets a socket go that was given up while the session goes on.
    fn drop_given_up(&mut self, act: &Connection) {
        let is_given_up = act.session.as_ref().is_some_and(|session| session.socket.is_none() && !session.over);
        if is_given_up && self.socket.take().is_some() {
            act.link.queue.detach();
        }
    }
}

impl Transport for SessionTransport {
    fn prepare(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) {
        self.take_fresh(act);
        self.keep_time(act, task);
        act.carry_out(ctx);
        self.drop_given_up(act);
    }

    /// Always `Pending`: a session outlives its sockets.
    fn transfer(&mut self, act: &mut Connection, ctx: &mut Context<Connection>, task: &mut Task<'_>) -> Poll<()> {
        if let Some(socket) = &mut self.socket
            && socket.transfer(act, ctx, task).is_ready()
        {
            self.socket = None;
            act.lose_socket();
        }
        Poll::Pending
    }

    fn settle(&mut self, act: &mut Connection, task: &mut Task<'_>, _: Poll<()>) -> Poll<()> {
        self.keep_time(act, task);
        let Some(session) = &act.session else { return Poll::Ready(()) };
        let is_unread = !session.received.is_empty() || (self.socket.is_some() && act.link.deadlines.is_held_back());
        session.peer.borrow_mut().hold(is_unread);
        let is_done = session.over && !act.is_finishing() && self.socket.is_none() && session.fresh.is_none();
        if is_done || act.link.stage() == Stage::Cut { Poll::Ready(()) } else { Poll::Pending }
    }
}
