//! Ends that a client causes wait until what it sent before them is carried out, on every transport and however it ends.
//! Nothing that comes behind such an end is read.

use std::time::Duration;

use super::super::outbound::Stage;
use super::Connection;
use crate::domain::Disconnect;
use crate::socketio::session::Ended;

/// Answers take no longer; then the connection is cut.
const DEADLINE: Duration = Duration::from_secs(5);

/// How a connection ends once everything before is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The client has sent a close frame with this code; 0 is none.
    CloseFrame(u16),
    /// The client has said goodbye: its user is offline without a grace period.
    Goodbye,
    /// The client has left the namespace.
    Left,
    /// The client has sent what it may not send.
    Fault(Disconnect),
    /// The stream has ended, and nobody waits for a close frame.
    EndOfStream,
    /// The Engine.IO session is over.
    Session(Ended),
}

impl Finish {
    /// True where events that were taken out of their frames already are not looked at any more: they came behind it.
    pub(crate) const fn is_deaf(self) -> bool {
        matches!(self, Self::Goodbye | Self::Fault(_))
    }
}

impl Connection {
    /// The connection ends in this way, at once where nothing is left to be done before.
    pub(in crate::gateway) fn finish(&mut self, how: Finish) {
        if self.link.is_closing() {
            return;
        }
        if how == Finish::Goodbye {
            self.goodbye = true;
        }
        if how.is_deaf() {
            self.session.iter_mut().for_each(|session| session.received.clear());
        }
        // A session that is over stays over, whatever else its client has said before.
        if !matches!(self.finishing, Some(Finish::Session(_))) {
            self.finishing = Some(how);
        }
        self.extend_finish();
        self.go_on_finishing();
    }

    /// Something was carried out: what is left has its time again.
    pub(in crate::gateway) fn extend_finish(&self) {
        if self.finishing.is_some() {
            self.link.deadlines.finish_within(DEADLINE);
        }
    }

    /// True where the client has ended it, and what it sent before is still being carried out.
    pub(in crate::gateway) const fn is_finishing(&self) -> bool {
        self.finishing.is_some()
    }

    /// Ends where the client has ended it and everything before is carried out.
    pub(in crate::gateway) fn go_on_finishing(&mut self) {
        if self.finishing.is_none() {
            return;
        }
        let is_over = self.link.is_closing();
        if !is_over && !self.is_carried_out() {
            return;
        }
        match self.finishing.take() {
            _ if is_over => {}
            Some(Finish::CloseFrame(code)) => self.link.close_with(Disconnect::Goodbye, code),
            Some(Finish::Goodbye) => {
                self.leave(true);
                self.link.close(Disconnect::Goodbye);
            }
            Some(Finish::Left) => self.link.close(Disconnect::Goodbye),
            Some(Finish::Fault(why)) => self.link.close(why),
            Some(Finish::Session(Ended::Said)) => self.link.begin_closing(Disconnect::Goodbye),
            Some(Finish::Session(Ended::By(why))) => self.link.begin_closing(why),
            // The socket's task, or the session's, ends by itself.
            Some(Finish::EndOfStream | Finish::Session(Ended::Lost)) | None => return,
        }
        self.let_post_go();
        self.link.wake();
    }

    /// True where nothing that the client has sent is left to be looked at or to be answered.
    fn is_carried_out(&self) -> bool {
        let is_arriving = self.link.stage() == Stage::Arriving;
        let holds = |session: &super::super::socketio::Session| {
            !session.received.is_empty() || (is_arriving && session.peer.borrow().holds_events())
        };
        // Older systems' clients say who they are together with what they want, which is kept while they arrive.
        let asks = self.looks_up || (is_arriving && self.replaying.is_some());
        let is_reading = self.can_answer() && !self.queries.is_idle();
        !asks && !is_reading && !self.link.is_busy() && !self.session.as_deref().is_some_and(holds)
    }

    /// True where an answer may still reach the client.
    pub(in crate::gateway) fn can_answer(&self) -> bool {
        !self.link.queue.is_broken() && self.session.as_ref().is_none_or(|session| !session.over)
    }
}
