//! Inputs from a connection's requests and sockets. What is due by then happens first; the engine does the rest.

use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::super::action::SocketNo;
use super::Peer;
use crate::domain::Disconnect;
use crate::socketio::codec::request::RequestError;

impl Peer {
    /// Does what is due by `now`. Every input does this too.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.engine.tick(now);
        if now >= self.connect_deadline && self.has_no_namespace() {
            self.engine.close(Disconnect::NoHello, now);
        }
    }

    /// A poll arrives. `Ok`: its answer follows as an action, at once or later.
    ///
    /// # Errors
    /// Why this request is refused; a second poll beside a pending one also ends the connection.
    pub(crate) fn on_poll(&mut self, now: Instant) -> Result<(), RequestError> {
        self.tick(now);
        self.engine.on_poll(now)
    }

    /// The poll's HTTP connection was lost before the response was written, which may lose packets: this ends the connection.
    pub(crate) fn on_poll_lost(&mut self, now: Instant) {
        self.tick(now);
        self.engine.on_poll_lost(now);
    }

    /// A post arrives; [`on_post`](Self::on_post), [`on_post_too_large`](Self::on_post_too_large) or
    /// [`on_post_lost`](Self::on_post_lost) follows.
    ///
    /// # Errors
    /// Why this request is refused; a second post beside an incomplete one also ends the connection.
    pub(crate) fn on_post_begin(&mut self, now: Instant) -> Result<(), RequestError> {
        self.tick(now);
        self.engine.on_post_begin(now)
    }

    /// A post is complete. `octets`: its content type is `application/octet-stream`. `Ok`: respond with `ok`, at the latest
    /// after the actions that follow.
    ///
    /// # Errors
    /// Why this request is refused. A body that is too large or malformed ends the connection, and nothing of it is executed.
    pub(crate) fn on_post(&mut self, octets: bool, body: &Bytes, now: Instant) -> Result<(), RequestError> {
        self.tick(now);
        self.engine.on_post(octets, body, now)
    }

    /// The body of a post exceeds its limit: this ends the connection.
    pub(crate) fn on_post_too_large(&mut self, now: Instant) -> RequestError {
        self.tick(now);
        self.engine.on_post_too_large(now)
    }

    /// The post's HTTP connection was lost before the body was complete: this ends the connection.
    pub(crate) fn on_post_lost(&mut self, now: Instant) {
        self.tick(now);
        self.engine.on_post_lost(now);
    }

    /// A WebSocket was opened for this session.
    ///
    /// # Errors
    /// It must be closed: the session already has one, or is over. The session itself is not affected.
    pub(crate) fn on_socket_open(&mut self, now: Instant) -> Result<SocketNo, RequestError> {
        self.tick(now);
        self.engine.on_socket_open(now)
    }

    pub(crate) fn on_socket_text(&mut self, socket: SocketNo, text: &ByteString, now: Instant) {
        self.tick(now);
        self.engine.on_socket_text(socket, text, now);
    }

    pub(crate) fn on_socket_binary(&mut self, socket: SocketNo, bytes: Bytes, now: Instant) {
        self.tick(now);
        self.engine.on_socket_binary(socket, bytes, now);
    }

    /// A WebSocket was closed by either side. Closing one of an incomplete upgrade does not affect the session.
    pub(crate) fn on_socket_close(&mut self, socket: SocketNo, now: Instant) {
        self.tick(now);
        self.engine.on_socket_close(socket, now);
    }
}
