//! Connections that end, and transient guests who are not connected.

use std::time::{Duration, Instant};

use super::presence::LeaveOutcome;
use super::server::ChatServer;
use crate::domain::{CommitOutput, ConnId, Effect, LoginMethod, Time, UserId};
use crate::service::membership;
use crate::store::Touches;
use crate::store::transient_guests::TransientGuest;

impl ChatServer {
    /// Takes a connection out. After a `goodbye`, and where its token has ended, there is no grace period.
    pub(super) fn remove_connection(&mut self, connection: ConnId, goodbye: bool) {
        let now = Instant::now();
        let Some(outcome) = self.presence.leave(connection, goodbye, self.presence_grace, now) else { return };
        let LeaveOutcome { connection, rooms, went_offline } = outcome;
        self.remove_from_feeds(&connection, (!goodbye).then_some(self.presence_grace), now);
        for session in rooms {
            self.leave_room(session, connection.hub);
        }
        if self.presence.user(connection.user).is_none_or(|known| known.connections.is_empty()) {
            let grace = if went_offline { Duration::ZERO } else { self.presence_grace };
            self.guest_expiry.disconnected(connection.user, now + grace);
        }
        if went_offline {
            // What the user sent before has to be committed first.
            self.writer.enqueue(std::mem::take(&mut self.pending_jobs));
            self.announce_as(vec![connection.user], false, goodbye);
            self.sweep_guests(now);
        }
    }

    /// A user has left another node with a goodbye: the grace period of a connection lost at this one ends.
    pub(super) fn end_grace(&mut self, user: UserId) {
        if self.presence.end_grace(user) {
            self.guest_expiry.disconnected(user, Instant::now());
            self.announce(vec![user], false);
        }
    }

    /// A guest of the room-code form has as long to connect as an empty room is kept.
    pub(super) fn expect_guest(&mut self, guest: UserId, login_method: LoginMethod) {
        let wait = match login_method {
            LoginMethod::LobbyGuest => self.lobby_login_grace,
            LoginMethod::Password | LoginMethod::Guest | LoginMethod::RoomGuest(_) => {
                self.room_expiry.grace.max(self.presence_grace)
            }
        };
        self.guest_expiry.expect(guest, Instant::now() + wait);
    }

    /// After a restart guests have the grace period to reconnect; one who has never been connected has at least what is left of
    /// the time for that.
    pub(super) fn expect_guests_again(&mut self, found: Vec<TransientGuest>) {
        let now = Time::now();
        for TransientGuest { guest, awaited_since } in found {
            let since = |at: Time| Duration::from_millis(u64::try_from(now.0.saturating_sub(at.0)).unwrap_or_default());
            let left = awaited_since.map_or(Duration::ZERO, |at| self.lobby_login_grace.saturating_sub(since(at)));
            self.guest_expiry.expect(guest, Instant::now() + left.max(self.presence_grace));
        }
    }

    /// Ends transient guests who have been without a connection for too long. While nothing can be written they remain due.
    pub(super) fn sweep_guests(&mut self, now: Instant) {
        if self.writer.is_degraded() {
            return;
        }
        let expired = self.guest_expiry.expired(now);
        for guest in &expired {
            log::debug!("guest {guest} has been disconnected for too long");
        }
        if !expired.is_empty() {
            let overdue = expired.iter().map(|guest| CommitOutput::Effect(Effect::GuestOverdue(*guest))).collect();
            let touches = Touches::ending(expired.iter().copied());
            self.writer.submit_or(touches, move |db, now| membership::expire_guests(db, &expired, now), overdue);
        }
    }
}
