//! The WebSocket, and the upgrade to it.
//!
//! A polling client opens a WebSocket, sends `2probe`, receives `3probe`, waits for its last poll and post, and sends `5`.
//! From the probe on polls are answered at once; packets are queued for the next poll or the `5`, whichever comes first. So
//! each packet is sent once, and all are in order.

use std::time::Instant;

use bytes::Bytes;
use bytestring::ByteString;

use super::super::action::{Action, SessionEnd, SocketNo};
use super::super::outgoing::{Outgoing, poll_response};
use super::{Carrier, EngineSession, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::Malformed;
use crate::socketio::codec::engine::{self, EnginePacket, PROBE};
use crate::socketio::codec::request::RequestError;

impl EngineSession {
    pub(crate) fn on_socket_open(&mut self, now: Instant) -> Result<SocketNo, RequestError> {
        self.tick(now);
        match (self.stage, self.carrier) {
            (Stage::Over, _) => Err(RequestError::UnknownSid),
            (Stage::Open, Carrier::Polling) => {
                let socket = self.new_socket();
                self.carrier = Carrier::Probing { socket, probed: false, deadline: now + self.config.upgrade };
                Ok(socket)
            }
            _ => Err(RequestError::BadRequest),
        }
    }

    pub(crate) fn on_socket_text(&mut self, socket: SocketNo, text: &ByteString, now: Instant) {
        self.tick(now);
        self.on_socket_packet(socket, engine::decode_text(self.revision, text));
    }

    pub(crate) fn on_socket_binary(&mut self, socket: SocketNo, bytes: Bytes, now: Instant) {
        self.tick(now);
        self.on_socket_packet(socket, engine::decode_binary(self.revision, bytes));
    }

    pub(crate) fn on_socket_close(&mut self, socket: SocketNo, now: Instant) {
        self.tick(now);
        if !self.is_open() {
            return;
        }
        match self.carrier {
            Carrier::Probing { socket: own, .. } if own == socket => self.fall_back_to_polling(),
            Carrier::Socket(own) if own == socket => {
                self.fall_back_to_polling();
                self.end(SessionEnd::Lost);
            }
            _ => {}
        }
    }

    fn on_socket_packet(&mut self, socket: SocketNo, packet: Result<EnginePacket, Malformed>) {
        if !self.is_open() {
            return;
        }
        match (self.carrier, packet) {
            (Carrier::Socket(own), Ok(packet)) if own == socket => self.receive(packet),
            (Carrier::Socket(own), Err(_)) if own == socket => {
                self.end(SessionEnd::ByServer(Disconnect::NotTheProtocol))
            }
            (Carrier::Probing { socket: own, deadline, probed }, packet) if own == socket => match packet {
                Ok(EnginePacket::Ping(data)) if *data == *PROBE => {
                    self.carrier = Carrier::Probing { socket, deadline, probed: true };
                    let pong = Outgoing::packet(EnginePacket::Pong(data));
                    self.actions.push_back(Action::Frame(socket, pong.frame(self.revision, self.base64)));
                }
                Ok(EnginePacket::Upgrade) if probed => self.upgrade_to(socket),
                _ => self.drop_probe(Disconnect::NotTheProtocol),
            },
            _ => {}
        }
    }

    fn upgrade_to(&mut self, socket: SocketNo) {
        if self.poll {
            self.answer_poll(Action::AnswerPoll(poll_response(self.revision, self.base64, EnginePacket::Noop)));
        }
        self.carrier = Carrier::Socket(socket);
        while let Some(packet) = self.queue.pop() {
            self.write_frame(socket, &packet);
        }
    }

    /// Closes the socket of an incomplete upgrade, if there is one.
    pub(super) fn drop_probe(&mut self, why: Disconnect) {
        if let Carrier::Probing { socket, .. } = self.carrier {
            self.actions.push_back(Action::CloseSocket(socket, why));
            self.fall_back_to_polling();
        }
    }

    fn fall_back_to_polling(&mut self) {
        // The client may have stopped polling because of the upgrade, so its time to poll starts anew.
        (self.carrier, self.last_poll) = (Carrier::Polling, self.now);
    }

    pub(super) const fn new_socket(&mut self) -> SocketNo {
        self.sockets += 1;
        SocketNo(self.sockets)
    }
}
