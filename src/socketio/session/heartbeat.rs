//! Heartbeats: in revision 4 the server pings, in revision 3 the client.

use std::time::{Duration, Instant};

use super::config::SessionConfig;
use crate::socketio::codec::engine::{EnginePacket, Revision};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeartbeatAction {
    None,
    Ping,
    /// Nothing was received in time.
    Missed,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    revision: Revision,
    interval: Duration,
    timeout: Duration,
    deadline: Instant,
    awaits: Awaits,
}

/// What the deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// The server's next ping.
    Ping,
    /// The client's pong; `extended`: another packet arrived first and extended the deadline, which happens once.
    Pong { extended: bool },
    /// Any packet of the client.
    AnyPacket,
}

impl Heartbeat {
    pub(super) fn new(revision: Revision, config: &SessionConfig, now: Instant) -> Self {
        let (interval, timeout) = (config.ping_interval, config.ping_timeout);
        let (awaits, deadline) = match revision {
            Revision::Four => (Awaits::Ping, now + interval),
            Revision::Three => (Awaits::AnyPacket, now + interval + timeout),
        };
        Self { revision, interval, timeout, deadline, awaits }
    }

    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(super) fn packet_received(&mut self, packet: &EnginePacket, now: Instant) {
        match (self.awaits, packet) {
            (Awaits::AnyPacket, _) => self.deadline = now + self.interval + self.timeout,
            (_, EnginePacket::Pong(_)) => (self.awaits, self.deadline) = (Awaits::Ping, now + self.interval),
            // The pong may be queued behind many other packets.
            (Awaits::Pong { extended: false }, _) => {
                (self.awaits, self.deadline) = (Awaits::Pong { extended: true }, now + self.timeout)
            }
            _ => {}
        }
    }

    /// `is_writable`: a ping leaves at once; otherwise its timeout counts from the deadline, since no poll has come for it.
    /// `is_paused`: the server is not reading, so that silence is no fault of the client.
    pub(super) fn poll(&mut self, is_writable: bool, is_paused: bool, now: Instant) -> HeartbeatAction {
        if now < self.deadline {
            return HeartbeatAction::None;
        }
        match self.awaits {
            Awaits::Ping => {
                self.awaits = Awaits::Pong { extended: false };
                self.deadline = if is_writable { now } else { self.deadline } + self.timeout;
                HeartbeatAction::Ping
            }
            _ if is_paused => {
                self.deadline = now + self.timeout;
                HeartbeatAction::None
            }
            Awaits::Pong { .. } | Awaits::AnyPacket => HeartbeatAction::Missed,
        }
    }

    pub(super) fn client_pings(&self) -> bool {
        self.revision == Revision::Three
    }
}

#[cfg(test)]
mod tests {
    use bytestring::ByteString;

    use super::super::tests::{CONFIG, at};
    use super::*;

    fn pong() -> EnginePacket {
        EnginePacket::Pong(ByteString::new())
    }

    #[test]
    fn the_server_pings_in_revision_4() {
        let mut heartbeat = Heartbeat::new(Revision::Four, &CONFIG, at(0));
        assert_eq!(heartbeat.poll(true, false, at(299)), HeartbeatAction::None);
        assert_eq!(heartbeat.poll(true, false, at(310)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.deadline(), at(510));
        heartbeat.packet_received(&pong(), at(400));
        assert_eq!(heartbeat.deadline(), at(700));
        assert_eq!(heartbeat.poll(true, false, at(700)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.poll(true, false, at(899)), HeartbeatAction::None);
        assert_eq!(heartbeat.poll(true, false, at(900)), HeartbeatAction::Missed);
    }

    #[test]
    fn another_packet_extends_the_deadline_of_a_pong_once() {
        let mut heartbeat = Heartbeat::new(Revision::Four, &CONFIG, at(0));
        assert_eq!(heartbeat.poll(true, false, at(300)), HeartbeatAction::Ping);
        for (when, deadline) in [(450, 650), (640, 650)] {
            heartbeat.packet_received(&EnginePacket::Noop, at(when));
            assert_eq!(heartbeat.deadline(), at(deadline));
        }
        assert_eq!(heartbeat.poll(true, false, at(650)), HeartbeatAction::Missed);
    }

    #[test]
    fn the_timeout_of_a_ping_without_a_poll_counts_from_its_deadline() {
        let mut heartbeat = Heartbeat::new(Revision::Four, &CONFIG, at(0));
        assert_eq!(heartbeat.poll(false, false, at(490)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.poll(false, false, at(500)), HeartbeatAction::Missed);
    }

    #[test]
    fn a_client_that_is_not_read_is_not_timed_out() {
        let mut heartbeat = Heartbeat::new(Revision::Four, &CONFIG, at(0));
        assert_eq!(heartbeat.poll(true, true, at(300)), HeartbeatAction::Ping);
        assert_eq!(heartbeat.poll(true, true, at(500)), HeartbeatAction::None);
        assert_eq!(heartbeat.poll(true, false, at(700)), HeartbeatAction::Missed);
    }

    #[test]
    fn the_client_pings_in_revision_3() {
        let mut heartbeat = Heartbeat::new(Revision::Three, &CONFIG, at(0));
        assert!(heartbeat.client_pings());
        assert_eq!(heartbeat.poll(true, false, at(499)), HeartbeatAction::None);
        heartbeat.packet_received(&EnginePacket::Noop, at(499));
        assert_eq!(heartbeat.poll(true, false, at(998)), HeartbeatAction::None);
        assert_eq!(heartbeat.poll(true, false, at(999)), HeartbeatAction::Missed);
    }
}
