//! What happens to a connection's requests and sockets. Time that has passed counts first; the rest is the line's.

use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::super::action::SocketNo;
use super::Peer;
use crate::domain::Disconnect;
use crate::socketio::codec::request::Refused;

impl Peer {
    /// Time passes: does what is due. Inputs do this by themselves.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.line.tick(now);
        if now >= self.lonely && self.is_lonely() {
            self.line.close(Disconnect::NoHello, now);
        }
    }

    /// The client comes for what there is. `Ok`: the answer will be told, at once or later.
    ///
    /// # Errors
    /// Why this request is refused; a second poll beside a waiting one also ends the connection.
    pub(crate) fn on_poll(&mut self, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.line.on_poll(now)
    }

    /// The poll's connection went away, before it was answered or while it was; the connection is lost with it.
    pub(crate) fn on_poll_lost(&mut self, now: Instant) {
        self.tick(now);
        self.line.on_poll_lost(now);
    }

    /// The client begins to say something; [`on_post`](Self::on_post), [`on_post_too_large`](Self::on_post_too_large) or
    /// [`on_post_lost`](Self::on_post_lost) follows.
    ///
    /// # Errors
    /// Why this request is refused; a second post beside one that is not whole also ends the connection.
    pub(crate) fn on_post_begin(&mut self, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.line.on_post_begin(now)
    }

    /// The client has said it all. `octets`: the body's content type is `application/octet-stream`. `Ok`: the answer is `ok`,
    /// at the latest when all that the client said has been told.
    ///
    /// # Errors
    /// Why this request is refused; what is too large or no packets ends the connection, and nothing of it is told.
    pub(crate) fn on_post(&mut self, octets: bool, body: &Bytes, now: Instant) -> Result<(), Refused> {
        self.tick(now);
        self.line.on_post(octets, body, now)
    }

    /// The body of a post is larger than may be read: it ends the connection.
    pub(crate) fn on_post_too_large(&mut self, now: Instant) -> Refused {
        self.tick(now);
        self.line.on_post_too_large(now)
    }

    /// The post's connection went away before it was whole; the connection is lost with it.
    pub(crate) fn on_post_lost(&mut self, now: Instant) {
        self.tick(now);
        self.line.on_post_lost(now);
    }

    /// A socket has come for this session.
    ///
    /// # Errors
    /// It is to be closed: the session has one already, or is over. It goes on as it was.
    pub(crate) fn on_socket_open(&mut self, now: Instant) -> Result<SocketNo, Refused> {
        self.tick(now);
        self.line.on_socket_open(now)
    }

    /// A text frame.
    pub(crate) fn on_socket_text(&mut self, socket: SocketNo, text: &ByteString, now: Instant) {
        self.tick(now);
        self.line.on_socket_text(socket, text, now);
    }

    /// A binary frame.
    pub(crate) fn on_socket_binary(&mut self, socket: SocketNo, bytes: Bytes, now: Instant) {
        self.tick(now);
        self.line.on_socket_binary(socket, bytes, now);
    }

    /// A socket has ended, from whichever side. One that only probed leaves the connection as it was.
    pub(crate) fn on_socket_close(&mut self, socket: SocketNo, now: Instant) {
        self.tick(now);
        self.line.on_socket_close(socket, now);
    }
}
