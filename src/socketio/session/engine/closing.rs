//! How polls are answered, and how a session ends: at once, or after a poll has collected the queued packets.

use std::time::Instant;

use super::super::action::{Action, SessionEnd, should_reconnect};
use super::super::outgoing::{Outgoing, poll_response};
use super::{Carrier, EngineSession, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::engine::EnginePacket;

impl EngineSession {
    /// Closes the session. A client that is not to reconnect is sent a close packet. A polling client still receives its
    /// queued packets, unless it is too slow or unresponsive; the outbound buffer of a socket is the caller's.
    pub(crate) fn close(&mut self, why: Disconnect, now: Instant) {
        self.tick(now);
        let is_unreachable = matches!(why, Disconnect::TooSlow | Disconnect::HeartbeatMissed);
        if !self.is_open() {
            return;
        }
        if self.is_on_socket() || is_unreachable {
            return self.end(SessionEnd::ByServer(why));
        }
        self.drop_probe(why);
        if !should_reconnect(why) {
            self.packets_queued += 1;
            self.queue.push(Outgoing::packet(EnginePacket::Close), usize::MAX);
        }
        self.stage = Stage::Closing { why, deadline: now + self.config.linger };
        if self.poll {
            self.flush_poll();
        } else if self.queue.is_empty() {
            self.end(SessionEnd::ByServer(why));
        }
    }

    /// Answers the pending poll with the queued packets, or with a noop packet.
    pub(super) fn flush_poll(&mut self) {
        let (body, count) = match self.queue.is_empty() {
            true => (poll_response(self.revision, self.base64, EnginePacket::Noop), 0),
            false => self.queue.body(self.revision, self.base64, self.config.poll),
        };
        self.packets_written += count;
        self.answer_poll(Action::AnswerPoll(body));
        if let (Stage::Closing { why, .. }, true) = (self.stage, self.queue.is_empty()) {
            self.end(SessionEnd::ByServer(why));
        }
    }

    pub(super) fn answer_poll(&mut self, action: Action) {
        (self.poll, self.last_poll) = (false, self.now);
        self.actions.push_back(action);
    }

    /// Ends the session now: answers a pending poll, closes the socket and drops the queue.
    pub(super) fn end(&mut self, end: SessionEnd) {
        if self.stage == Stage::Over {
            return;
        }
        let is_final = matches!(end, SessionEnd::ByServer(why) if !should_reconnect(why));
        if self.poll {
            let packet = if is_final { EnginePacket::Close } else { EnginePacket::Noop };
            self.answer_poll(Action::AnswerPoll(poll_response(self.revision, self.base64, packet)));
        }
        if self.is_on_socket() && is_final {
            self.push(Outgoing::packet(EnginePacket::Close));
        }
        if let Carrier::Socket(socket) | Carrier::Probing { socket, .. } = self.carrier {
            let why = if let SessionEnd::ByServer(why) = end { why } else { Disconnect::Goodbye };
            self.actions.push_back(Action::CloseSocket(socket, why));
        }
        self.queue.clear();
        self.stage = Stage::Over;
        self.actions.push_back(Action::Ended(end));
    }
}
