//! What requests tell a session's actor. One poll and one post at a time, as the peer has it, and a socket: so there are never
//! more than a few in its mailbox for each open request.

use std::time::Instant;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use bytes::{Bytes, BytesMut};
use tokio::sync::oneshot;

use super::super::connection::Connection;
use super::super::outbound::Stage;
use crate::domain::Disconnect;
use crate::socketio::codec::payload::Body;
use crate::socketio::codec::request::Refused;
use crate::socketio::session::SocketNo;

/// The client comes for what there is; the answer follows. Numbered by its handler, so that its end is not taken for another's.
#[derive(Message)]
#[rtype(result = "Result<oneshot::Receiver<Body>, Refused>")]
pub(crate) struct Poll(pub u64);

/// A poll's connection went away, be it with the answer.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct PollLost(pub u64);

/// A poll's answer is on its way to the client.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct PollTaken(pub u64);

/// The client begins to say something; answered with how many bytes it may be.
#[derive(Message)]
#[rtype(result = "Result<usize, Refused>")]
pub(crate) struct PostBegins;

/// The client has said it all; the answer follows when all of it has been taken.
#[derive(Message)]
#[rtype(result = "Result<oneshot::Receiver<()>, Refused>")]
pub(crate) struct Post {
    /// Its content type is `application/octet-stream`.
    pub octets: bool,
    /// What it says.
    pub body: Bytes,
}

/// A post will not be whole.
#[derive(Message)]
#[rtype(result = "Refused")]
pub(crate) struct PostFails {
    /// It is larger than it may be.
    pub too_large: bool,
}

/// A socket is about to come.
#[derive(Message)]
#[rtype(result = "Result<SocketNo, Refused>")]
pub(crate) struct SocketKnocks;

/// It has come. Off its thread's driver, since the session may live on another.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct SocketComes {
    /// Which.
    pub number: SocketNo,
    /// The socket.
    pub io: std::net::TcpStream,
    /// What came behind its handshake.
    pub first: BytesMut,
}

impl Handler<Poll> for Connection {
    type Result = Result<oneshot::Receiver<Body>, Refused>;

    fn handle(&mut self, Poll(ticket): Poll, ctx: &mut Context<Self>) -> Self::Result {
        let session = self.session.as_mut().ok_or(Refused::UnknownSid)?;
        let asked = session.peer.borrow_mut().on_poll(Instant::now());
        let answer = asked.map(|()| {
            let (sender, answer) = oneshot::channel();
            (session.poll, session.ticket, session.answers) = (Some(sender), Some(ticket), false);
            answer
        });
        self.go_on(ctx);
        answer
    }
}

impl Handler<PollLost> for Connection {
    type Result = ();

    fn handle(&mut self, PollLost(ticket): PollLost, ctx: &mut Context<Self>) {
        let Some(session) = &mut self.session else { return };
        if session.ticket.take_if(|last| *last == ticket).is_some() {
            session.poll = None;
            session.peer.borrow_mut().on_poll_lost(Instant::now());
            self.go_on(ctx);
        }
    }
}

impl Handler<PollTaken> for Connection {
    type Result = ();

    fn handle(&mut self, PollTaken(ticket): PollTaken, ctx: &mut Context<Self>) {
        let Some(session) = &mut self.session else { return };
        if session.ticket.take_if(|last| *last == ticket).is_some() {
            session.answers = false;
            self.go_on(ctx);
        }
    }
}

impl Handler<PostBegins> for Connection {
    type Result = Result<usize, Refused>;

    fn handle(&mut self, _: PostBegins, ctx: &mut Context<Self>) -> Self::Result {
        // Nobody whom we do not know makes us keep more than a frame.
        let most = match self.link.stage() {
            Stage::Live => 0,
            _ => self.context.services.config.limits.frame_bytes,
        };
        let session = self.session.as_mut().ok_or(Refused::UnknownSid)?;
        let now = Instant::now();
        let mut peer = session.peer.borrow_mut();
        let begun = if session.post.is_some() {
            // What the last one said is not taken yet.
            peer.close(Disconnect::NotTheProtocol, now);
            Err(Refused::BadRequest)
        } else {
            peer.on_post_begin(now)
        };
        let bounds = peer.terms().post.bytes;
        drop(peer);
        self.go_on(ctx);
        begun.map(|()| if most == 0 { bounds } else { most.min(bounds) })
    }
}

impl Handler<Post> for Connection {
    type Result = Result<oneshot::Receiver<()>, Refused>;

    fn handle(&mut self, Post { octets, body }: Post, ctx: &mut Context<Self>) -> Self::Result {
        let session = self.session.as_mut().ok_or(Refused::UnknownSid)?;
        let taken = session.peer.borrow_mut().on_post(octets, &body, Instant::now());
        let answer = taken.map(|()| {
            let (sender, answer) = oneshot::channel();
            session.post = Some(sender);
            answer
        });
        self.go_on(ctx);
        answer
    }
}

impl Handler<PostFails> for Connection {
    type Result = MessageResult<PostFails>;

    fn handle(&mut self, PostFails { too_large }: PostFails, ctx: &mut Context<Self>) -> Self::Result {
        let mut refused = Refused::BadRequest;
        if let Some(session) = &self.session {
            let (mut peer, now) = (session.peer.borrow_mut(), Instant::now());
            if too_large {
                refused = peer.on_post_too_large(now);
            } else {
                peer.on_post_lost(now);
            }
        }
        self.go_on(ctx);
        MessageResult(refused)
    }
}

impl Handler<SocketKnocks> for Connection {
    type Result = Result<SocketNo, Refused>;

    fn handle(&mut self, _: SocketKnocks, ctx: &mut Context<Self>) -> Self::Result {
        let session = self.session.as_mut().ok_or(Refused::UnknownSid)?;
        let number = session.peer.borrow_mut().on_socket_open(Instant::now());
        if let Ok(number) = number {
            session.socket = Some(number);
        }
        self.go_on(ctx);
        number
    }
}

impl Handler<SocketComes> for Connection {
    type Result = ();

    fn handle(&mut self, SocketComes { number, io, first }: SocketComes, _: &mut Context<Self>) {
        let Some(session) = &mut self.session else { return };
        if session.socket != Some(number) {
            // Given up meanwhile.
            return;
        }
        match TcpStream::from_std(io) {
            Ok(io) => session.fresh = Some((io, first)),
            Err(error) => {
                log::warn!("a socket could not be taken over: {error}");
                session.socket = None;
                session.peer.borrow_mut().on_socket_close(number, Instant::now());
            }
        }
        self.link.wake();
    }
}
