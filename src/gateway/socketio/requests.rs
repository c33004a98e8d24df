//! What HTTP requests do with their session's actor, which may live on another thread. A session has one poll, one POST and one
//! socket at a time, so its mailbox holds few calls for each open request.

use std::time::Instant;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use bytes::{Bytes, BytesMut};
use tokio::sync::oneshot;

use super::super::connection::Connection;
use super::super::outbound::Phase;
use crate::domain::Disconnect;
use crate::socketio::codec::payload::Body;
use crate::socketio::codec::request::RequestError;
use crate::socketio::session::SocketNo;

pub(super) struct Call<R>(Box<Function<R>>);

type Function<R> = dyn FnOnce(&mut Connection, &mut Context<Connection>) -> R + Send;

impl<R: Send + 'static> Message for Call<R> {
    type Result = R;
}

impl<R: Send + 'static> Handler<Call<R>> for Connection {
    type Result = MessageResult<Call<R>>;

    fn handle(&mut self, call: Call<R>, ctx: &mut Context<Self>) -> Self::Result {
        let result = (call.0)(self, ctx);
        self.process_session(ctx);
        MessageResult(result)
    }
}

pub(super) fn call<R>(call: impl FnOnce(&mut Connection, &mut Context<Connection>) -> R + Send + 'static) -> Call<R> {
    Call(Box::new(call))
}

impl Connection {
    /// Begins a poll, with a number that its handler has chosen. The body is sent as soon as there are packets.
    pub(super) fn begin_poll(&mut self, poll_id: u64) -> Result<oneshot::Receiver<Body>, RequestError> {
        let session = self.session.as_mut().ok_or(RequestError::UnknownSid)?;
        session.peer.borrow_mut().on_poll(Instant::now())?;
        let (sender, body) = oneshot::channel();
        (session.poll, session.poll_id, session.answering_poll) = (Some(sender), Some(poll_id), false);
        Ok(body)
    }

    pub(super) fn poll_answered(&mut self, poll_id: u64) {
        let Some(session) = &mut self.session else { return };
        if session.poll_id.take_if(|last| *last == poll_id).is_some() {
            session.answering_poll = false;
        }
    }

    /// A poll's client has disconnected, perhaps while it was answered.
    pub(super) fn poll_aborted(&mut self, poll_id: u64) {
        let Some(session) = &mut self.session else { return };
        if session.poll_id.take_if(|last| *last == poll_id).is_some() {
            session.poll = None;
            session.peer.borrow_mut().on_poll_lost(Instant::now());
        }
    }

    /// Begins a POST; returns how many bytes its body may have.
    pub(super) fn begin_post(&mut self) -> Result<usize, RequestError> {
        // Clients that are not authenticated can make the server keep no more than a frame.
        let frame_bytes = match self.link.phase() {
            Phase::Live => 0,
            _ => self.context.services.config.limits.frame_bytes,
        };
        let session = self.session.as_mut().ok_or(RequestError::UnknownSid)?;
        let now = Instant::now();
        let mut peer = session.peer.borrow_mut();
        if session.post.is_some() {
            // The events of the last one are not all processed.
            peer.close(Disconnect::NotTheProtocol, now);
            return Err(RequestError::BadRequest);
        }
        peer.on_post_begin(now)?;
        let bytes = peer.config().post.bytes;
        Ok(if frame_bytes == 0 { bytes } else { bytes.min(frame_bytes) })
    }

    /// Takes the body of a POST; the receiver completes when all of its events are processed.
    pub(super) fn finish_post(&mut self, octets: bool, body: &Bytes) -> Result<oneshot::Receiver<()>, RequestError> {
        let session = self.session.as_mut().ok_or(RequestError::UnknownSid)?;
        session.peer.borrow_mut().on_post(octets, body, Instant::now())?;
        let (sender, processed) = oneshot::channel();
        session.post = Some(sender);
        Ok(processed)
    }

    /// The body of a POST is too large, or its client has disconnected.
    pub(super) fn abort_post(&mut self, too_large: bool) -> RequestError {
        let Some(session) = &self.session else { return RequestError::BadRequest };
        let (mut peer, now) = (session.peer.borrow_mut(), Instant::now());
        if too_large {
            return peer.on_post_too_large(now);
        }
        peer.on_post_lost(now);
        RequestError::BadRequest
    }

    /// Accepts a WebSocket for the session, before its handshake is answered.
    pub(super) fn reserve_socket(&mut self) -> Result<SocketNo, RequestError> {
        let session = self.session.as_mut().ok_or(RequestError::UnknownSid)?;
        let number = session.peer.borrow_mut().on_socket_open(Instant::now())?;
        session.socket = Some(number);
        Ok(number)
    }

    /// Takes over the socket, with the bytes behind its handshake. The socket is detached from the runtime of the thread that
    /// accepted it.
    pub(super) fn attach_socket(&mut self, number: SocketNo, io: std::net::TcpStream, first: BytesMut) {
        let Some(session) = &mut self.session else { return };
        if session.socket != Some(number) {
            // The session has dropped it meanwhile.
            return;
        }
        match TcpStream::from_std(io) {
            Ok(io) => session.new_socket = Some(Box::new((io, first))),
            Err(error) => {
                log::warn!("a socket could not be taken over: {error}");
                session.socket = None;
                session.peer.borrow_mut().on_socket_close(number, Instant::now());
            }
        }
        self.link.wake();
    }
}
