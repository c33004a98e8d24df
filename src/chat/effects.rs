//! What the ChatServer does about the effects of a commit.

use std::time::Instant;

use super::fanout::Pending;
use super::server::ChatServer;
use crate::domain::{Acquaintance, Disconnect, Effect, Relation, UserId};

impl ChatServer {
    /// Acts on an effect; what connections receive because of it is added to `pending`.
    pub(super) fn apply(&mut self, effect: Effect, pending: &mut Pending) {
        match effect {
            Effect::RoomGraceStarted { room, shared } => self.watch_rooms(&[(room, shared)]),
            Effect::GuestExpected { guest, login_method } => self.expect_guest(guest, login_method),
            Effect::RoomOverdue { room, grace } => {
                self.room_expiry.overdue(room, grace, self.is_occupied(room), Instant::now());
            }
            Effect::GuestOverdue(guest) => self.guest_expiry.overdue(guest, Instant::now()),
            Effect::InviteDeferred(at) => {
                self.next_deferred_invite = Some(self.next_deferred_invite.map_or(at, |known| known.min(at)));
            }
            Effect::AcquaintanceChanged { a, b, presence } => self.acquaint(a, b, presence, pending),
            Effect::BlockChanged { a, b, direct } => {
                self.receipts.drop_pending(direct);
                self.visibility_changed(a, b);
            }
            Effect::SessionDissolved(members) => {
                let here = members.iter().filter(|user| self.presence.user(**user).is_some());
                let others = |user: &UserId| members.iter().filter(|other| *other != user).copied().collect();
                self.dissolved.extend(here.map(|user| (*user, others(user))));
            }
            Effect::TokenEnded(token) => {
                let own = self.presence.of_token(token).into_iter();
                pending.closings.extend(own.map(|id| (id, Disconnect::TokenEnded)));
            }
            Effect::NodeIsolated => {
                pending.closings.extend(self.presence.all().map(|id| (id, Disconnect::TryLater)));
            }
            Effect::HistoryReplaced => {
                pending.closings.extend(self.presence.all().map(|id| (id, Disconnect::Restart)));
                // What was stored of this node may be missing too.
                self.announce_again();
            }
            Effect::Attended { node, users } => self.attended(node, &users, pending),
            Effect::RoomsOccupied { node, rooms } => self.rooms_occupied(node, &rooms),
            Effect::NodeEnded(node) => self.node_ended(node, pending),
            Effect::NodeRejoined => self.node_rejoined(pending),
            Effect::CaughtUp(connection) => pending.caught_up.push(connection),
        }
    }

    /// Sends each of two users the other's presence as it looks to them from now on.
    fn acquaint(&mut self, a: UserId, b: UserId, presence: Acquaintance, pending: &mut Pending) {
        let is_pushed = presence == Acquaintance::Pushed;
        if !self.presence.acquaint(a, b, is_pushed) {
            return;
        }
        // Where strangers do not see each other, sharing one session more, or one less, changes what these two may see.
        let strangers_see = Relation::STRANGERS.shows_presence(self.directory);
        if !strangers_see {
            self.visibility_changed(a, b);
        }
        // Where presence remains visible, no longer sharing a session must not look like going offline.
        if presence == Acquaintance::Apart && strangers_see {
            return;
        }
        for (user, viewer) in [(a, b), (b, a)] {
            if let Some(username) = self.online_name(user) {
                pending.deliveries.extend(self.presence_event(&username, viewer, is_pushed, None));
            }
        }
    }
}
