//! Connections that go, and guests who end when they are missed: how long each is waited for, and the end of those who do not
//! come.

use std::time::{Duration, Instant};

use super::server::ChatServer;
use crate::domain::{Audience, ConnId, Delivery, Door, Event, Time, UserId};
use crate::service::endings;
use crate::store::stays::Stay;

impl ChatServer {
    /// A connection takes part no more. After a `goodbye`, and where its token has ended, nobody waits for it to come back.
    pub(super) fn part_with(&mut self, connection: ConnId, goodbye: bool) {
        let now = Instant::now();
        let Some(exit) = self.people.leave(connection, goodbye, self.grace, now) else { return };
        self.sight_exit(&exit, (!goodbye).then_some(self.grace), now);
        for session in exit.rooms {
            self.part(session, exit.hub);
        }
        if self.people.person(exit.user).is_none_or(|person| person.connections.is_empty()) {
            self.stays.left(exit.user, if exit.went_offline { now } else { now + self.grace });
        }
        if exit.went_offline {
            // Who says something and then leaves is heard first.
            self.writer.hand_over(std::mem::take(&mut self.gathered));
            self.announce(vec![exit.user], false);
            self.end_stays(now);
        }
    }

    /// A guest who was let in for a room may take as long to come as the room would wait for anybody.
    pub(super) fn expect(&mut self, guest: UserId, door: Door) {
        let wait = match door {
            Door::Lobby => self.lobby_login,
            Door::Login | Door::Guests | Door::Rooms(_) => self.vanishing.grace().max(self.grace),
        };
        self.stays.expect(guest, Instant::now() + wait);
    }

    /// Guests whom an earlier server has let in have their grace to come back; one who has never connected has at least
    /// what is left of the time for that.
    pub(super) fn expect_again(&mut self, found: Vec<Stay>) {
        let now = Time::now();
        for Stay { guest, awaited_since } in found {
            let since = |at: Time| Duration::from_millis(u64::try_from(now.0.saturating_sub(at.0)).unwrap_or_default());
            let left = awaited_since.map_or(Duration::ZERO, |at| self.lobby_login.saturating_sub(since(at)));
            self.stays.expect(guest, Instant::now() + left.max(self.grace));
        }
    }

    /// Ends those who have been missed for too long. While nothing can be written they remain due.
    pub(super) fn end_stays(&mut self, now: Instant) {
        if self.writer.is_troubled() {
            return;
        }
        let missed = self.stays.expired(now);
        for guest in &missed {
            log::debug!("guest {guest} has been missed for too long");
        }
        if !missed.is_empty() {
            let overdue = missed.iter().map(|guest| Delivery::new(Audience::House, Event::GuestOverdue(*guest)));
            let overdue = overdue.collect();
            self.writer.note_or(move |db, now| endings::guests(db, &missed, now), overdue);
        }
    }
}
