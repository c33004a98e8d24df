//! The socket, and how a session comes to it.
//!
//! A client that polls opens a socket beside, says `2probe`, hears `3probe`, lets its last poll and post come back and says
//! `5`. From the probe on polls are not kept waiting; what is sent meanwhile waits for whichever comes first, a poll or the
//! `5`. So each packet leaves once, and all in order.

use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::super::action::{Action, Ended, SocketNo};
use super::super::outgoing::{Outgoing, answer};
use super::{Carrier, Line, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::engine::{self, PROBE, Packet};
use crate::socketio::codec::request::Refused;

impl Line {
    /// A socket has come for this session.
    ///
    /// # Errors
    /// It is to be closed: the session has one already, or is over. It goes on as it was.
    pub(crate) fn on_socket_open(&mut self, now: Instant) -> Result<SocketNo, Refused> {
        self.tick(now);
        match (self.stage, self.carrier) {
            (Stage::Over, _) => Err(Refused::UnknownSid),
            (Stage::Open, Carrier::Polling) => {
                let socket = self.new_socket();
                self.carrier = Carrier::Probing { socket, probed: false, until: now + self.terms.upgrade };
                Ok(socket)
            }
            _ => Err(Refused::BadRequest),
        }
    }

    /// A text frame.
    pub(crate) fn on_socket_text(&mut self, socket: SocketNo, text: &ByteString, now: Instant) {
        self.tick(now);
        let packet = engine::decode_text(self.revision, text);
        self.on_socket_packet(socket, packet);
    }

    /// A binary frame.
    pub(crate) fn on_socket_binary(&mut self, socket: SocketNo, bytes: Bytes, now: Instant) {
        self.tick(now);
        let packet = engine::decode_binary(self.revision, bytes);
        self.on_socket_packet(socket, packet);
    }

    /// A socket has ended, from whichever side. One that only probed leaves the session as it was.
    pub(crate) fn on_socket_close(&mut self, socket: SocketNo, now: Instant) {
        self.tick(now);
        if !self.is_open() {
            return;
        }
        match self.carrier {
            Carrier::Probing { socket: own, .. } if own == socket => self.stay_polling(),
            Carrier::Socket(own) if own == socket => {
                self.stay_polling();
                self.end(Ended::Lost);
            }
            _ => {}
        }
    }

    fn on_socket_packet(&mut self, socket: SocketNo, packet: Result<Packet, Malformed>) {
        if !self.is_open() {
            return;
        }
        match (self.carrier, packet) {
            (Carrier::Socket(own), Ok(packet)) if own == socket => self.take(packet),
            (Carrier::Socket(own), Err(_)) if own == socket => self.end(Ended::By(Disconnect::NotTheProtocol)),
            (Carrier::Probing { socket: own, until, probed }, packet) if own == socket => match packet {
                Ok(Packet::Ping(data)) if *data == *PROBE => {
                    self.carrier = Carrier::Probing { socket, until, probed: true };
                    let pong = Outgoing::packet(Packet::Pong(data));
                    self.actions.push_back(Action::Frame(socket, pong.frame(self.revision, self.base64)));
                }
                Ok(Packet::Upgrade) if probed => self.change_to(socket),
                _ => self.drop_probe(Disconnect::NotTheProtocol),
            },
            _ => {}
        }
    }

    /// From here on everything goes over the socket, first what waits.
    fn change_to(&mut self, socket: SocketNo) {
        if self.poll {
            self.answer_with(Action::AnswerPoll(answer(self.revision, self.base64, Packet::Noop)));
        }
        self.carrier = Carrier::Socket(socket);
        while let Some(packet) = self.queue.pop() {
            self.frame(socket, &packet);
        }
    }

    /// A socket that probes is given up, if there is one.
    pub(super) fn drop_probe(&mut self, why: Disconnect) {
        if let Carrier::Probing { socket, .. } = self.carrier {
            self.actions.push_back(Action::CloseSocket(socket, why));
            self.stay_polling();
        }
    }

    fn stay_polling(&mut self) {
        // The client may have stopped polling for the socket's sake: its time begins anew.
        (self.carrier, self.away) = (Carrier::Polling, self.now);
    }

    pub(super) const fn new_socket(&mut self) -> SocketNo {
        self.sockets += 1;
        SocketNo(self.sockets)
    }
}
