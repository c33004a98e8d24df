//! Signs of life. In revision 4 the server asks for them, in revision 3 the client gives them by itself.

use std::time::{Duration, Instant};

use super::terms::Terms;
use crate::socketio::codec::engine::{Packet, Revision};

/// What a look at the heart says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// There is nothing to do yet.
    Rest,
    /// A ping is to be sent.
    Ping,
    /// The client has not been heard of in time.
    Missed,
}

/// When the next sign of life is due, and what it is.
#[derive(Debug)]
pub(super) struct Heart {
    revision: Revision,
    interval: Duration,
    timeout: Duration,
    due: Instant,
    awaits: Awaits,
}

/// What `due` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// The next ping of ours.
    Ping,
    /// The client's answer to it; `late`: something else has come meanwhile, which gave it more time, once.
    Pong { late: bool },
    /// Anything that the client says.
    Anything,
}

impl Heart {
    /// A session begins.
    pub(super) fn new(revision: Revision, terms: &Terms, now: Instant) -> Self {
        let (interval, timeout) = (terms.ping_interval, terms.ping_timeout);
        let (awaits, due) = match revision {
            Revision::Four => (Awaits::Ping, now + interval),
            Revision::Three => (Awaits::Anything, now + interval + timeout),
        };
        Self { revision, interval, timeout, due, awaits }
    }

    /// When it is to be looked at next.
    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// The client has said something.
    pub(super) fn heard(&mut self, packet: &Packet, now: Instant) {
        match (self.awaits, packet) {
            (Awaits::Anything, _) => self.due = now + self.interval + self.timeout,
            (_, Packet::Pong(_)) => (self.awaits, self.due) = (Awaits::Ping, now + self.interval),
            // An answer that stands behind much else may take its time.
            (Awaits::Pong { late: false }, _) => {
                (self.awaits, self.due) = (Awaits::Pong { late: true }, now + self.timeout)
            }
            _ => {}
        }
    }

    /// Looks. `takes`: a ping would leave at once; otherwise its time runs from when it was due, for nobody has come for it.
    /// `held`: what the client says waits unread because of us, so its silence says nothing.
    pub(super) fn look(&mut self, takes: bool, held: bool, now: Instant) -> Beat {
        if now < self.due {
            return Beat::Rest;
        }
        match self.awaits {
            Awaits::Ping => {
                self.awaits = Awaits::Pong { late: false };
                self.due = if takes { now } else { self.due } + self.timeout;
                Beat::Ping
            }
            _ if held => {
                self.due = now + self.timeout;
                Beat::Rest
            }
            Awaits::Pong { .. } | Awaits::Anything => Beat::Missed,
        }
    }

    /// True where the client may ping.
    pub(super) fn is_asked(&self) -> bool {
        self.revision == Revision::Three
    }
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;

    use super::super::tests::{TERMS, at};
    use super::*;

    fn pong() -> Packet {
        Packet::Pong(ByteString::new())
    }

    #[test]
    fn the_server_asks_in_revision_4() {
        let mut heart = Heart::new(Revision::Four, &TERMS, at(0));
        assert_eq!(heart.look(true, false, at(299)), Beat::Rest);
        assert_eq!(heart.look(true, false, at(310)), Beat::Ping);
        assert_eq!(heart.due(), at(510));
        heart.heard(&pong(), at(400));
        assert_eq!(heart.due(), at(700));
        assert_eq!(heart.look(true, false, at(700)), Beat::Ping);
        assert_eq!(heart.look(true, false, at(899)), Beat::Rest);
        assert_eq!(heart.look(true, false, at(900)), Beat::Missed);
    }

    #[test]
    fn something_else_gives_the_answer_more_time_once() {
        let mut heart = Heart::new(Revision::Four, &TERMS, at(0));
        assert_eq!(heart.look(true, false, at(300)), Beat::Ping);
        for (when, due) in [(450, 650), (640, 650)] {
            heart.heard(&Packet::Noop, at(when));
            assert_eq!(heart.due(), at(due));
        }
        assert_eq!(heart.look(true, false, at(650)), Beat::Missed);
    }

    #[test]
    fn the_time_of_a_ping_that_nobody_comes_for_runs_all_the_same() {
        let mut heart = Heart::new(Revision::Four, &TERMS, at(0));
        assert_eq!(heart.look(false, false, at(490)), Beat::Ping);
        assert_eq!(heart.look(false, false, at(500)), Beat::Missed);
    }

    #[test]
    fn whoever_is_not_read_is_not_silent() {
        let mut heart = Heart::new(Revision::Four, &TERMS, at(0));
        assert_eq!(heart.look(true, true, at(300)), Beat::Ping);
        assert_eq!(heart.look(true, true, at(500)), Beat::Rest);
        assert_eq!(heart.look(true, false, at(700)), Beat::Missed);
    }

    #[test]
    fn the_client_speaks_by_itself_in_revision_3() {
        let mut heart = Heart::new(Revision::Three, &TERMS, at(0));
        assert!(heart.is_asked());
        assert_eq!(heart.look(true, false, at(499)), Beat::Rest);
        heart.heard(&Packet::Noop, at(499));
        assert_eq!(heart.look(true, false, at(998)), Beat::Rest);
        assert_eq!(heart.look(true, false, at(999)), Beat::Missed);
    }
}
