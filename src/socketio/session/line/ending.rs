//! How what waits is handed over to polls, and how a session ends: at once, or once a poll has come for what is left.

use std::time::Instant;

use super::super::action::{Action, Ended, comes_back};
use super::super::outgoing::{Outgoing, answer};
use super::{Carrier, Line, Stage};
use crate::domain::Disconnect;
use crate::socketio::codec::engine::Packet;

impl Line {
    /// Ends the session. A client that is not to come back hears so. A polling one still gets what waits for it, unless it is
    /// too slow or silent; what a socket has to take is the caller's.
    pub(crate) fn close(&mut self, why: Disconnect, now: Instant) {
        self.tick(now);
        let is_hopeless = matches!(why, Disconnect::TooSlow | Disconnect::HeartbeatMissed);
        if !self.is_open() {
            return;
        }
        if self.is_on_socket() || is_hopeless {
            return self.end(Ended::By(why));
        }
        self.drop_probe(why);
        if !comes_back(why) {
            self.pushed += 1;
            self.queue.push(Outgoing::packet(Packet::Close), usize::MAX);
        }
        self.stage = Stage::Closing { why, until: now + self.terms.linger };
        if self.poll {
            self.answer();
        } else if self.queue.is_empty() {
            self.end(Ended::By(why));
        }
    }

    /// Answers the waiting poll with what waits, or with nothing.
    pub(super) fn answer(&mut self) {
        let (body, count) = match self.queue.is_empty() {
            true => (answer(self.revision, self.base64, Packet::Noop), 0),
            false => self.queue.body(self.revision, self.base64, self.terms.poll),
        };
        self.left += count;
        self.answer_with(Action::AnswerPoll(body));
        if let (Stage::Closing { why, .. }, true) = (self.stage, self.queue.is_empty()) {
            self.end(Ended::By(why));
        }
    }

    pub(super) fn answer_with(&mut self, action: Action) {
        (self.poll, self.away) = (false, self.now);
        self.actions.push_back(action);
    }

    /// The session is over, now: a waiting poll is let go, a socket closed, what waits is dropped.
    pub(super) fn end(&mut self, ended: Ended) {
        if self.stage == Stage::Over {
            return;
        }
        if self.poll {
            let packet = match ended {
                Ended::By(why) if !comes_back(why) => Packet::Close,
                _ => Packet::Noop,
            };
            self.answer_with(Action::AnswerPoll(answer(self.revision, self.base64, packet)));
        }
        if matches!((self.carrier, ended), (Carrier::Socket(_), Ended::By(why)) if !comes_back(why)) {
            self.push(Outgoing::packet(Packet::Close));
        }
        if let Carrier::Socket(socket) | Carrier::Probing { socket, .. } = self.carrier {
            let why = if let Ended::By(why) = ended { why } else { Disconnect::Goodbye };
            self.actions.push_back(Action::CloseSocket(socket, why));
        }
        self.queue.clear();
        self.stage = Stage::Over;
        self.actions.push_back(Action::Ended(ended));
    }
}
