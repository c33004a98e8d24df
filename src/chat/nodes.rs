//! What happens at other nodes, and what this node announces of itself. There is one node on SQLite, and its own announcements
//! take the same way.

use std::time::Instant;

use super::attendance::Departed;
use super::fanout::Pending;
use super::server::ChatServer;
use crate::domain::{Attendance, CommitOutput, Disconnect, Effect, NodeId, SessionId, Time};
use crate::store::{Touches, attendance};

impl ChatServer {
    pub(super) fn attended(&mut self, node: NodeId, changes: &[Attendance], pending: &mut Pending) {
        let own = self.node();
        for change in changes {
            let Attendance { user, ref username, is_online, at, .. } = *change;
            // On SQLite each announcement is a change, and nothing needs to be remembered of the one node.
            let is_only_node = node == own && !self.store.is_clustered();
            let has_changed = is_only_node || self.attendance.change(node, change);
            let is_repeated = node == own
                && self.announcements.take_replaced(user)
                && (is_online || !self.attendance.is_elsewhere(user, own));
            let viewers = if node == own { self.presence.announced(user, at) } else { self.presence.viewers(user) };
            if has_changed || is_repeated {
                self.push_presence((user, username), is_online, at, viewers, pending);
            }
            if node != own {
                self.changed_elsewhere(change, own);
                if change.is_goodbye {
                    self.end_grace(user);
                }
            }
        }
        self.broadcast_feeds(Instant::now());
    }

    fn changed_elsewhere(&mut self, change: &Attendance, own: NodeId) {
        let user = change.user;
        let in_lobby = self.attendance.in_lobby_elsewhere(user, own);
        self.lobby_roster.set_elsewhere(user, &change.username, in_lobby);
        if self.attendance.is_guest_elsewhere(user, own) {
            self.guest_expiry.connected_elsewhere(user);
        } else {
            // Their node ends them, and it may expect them for longer than is known here: this is for the case that it cannot.
            let longest = self.presence_grace.max(self.lobby_login_grace).max(self.room_expiry.grace);
            self.guest_expiry.disconnected_elsewhere(user, Instant::now() + longest);
        }
    }

    pub(super) fn rooms_occupied(&mut self, node: NodeId, changes: &[(SessionId, bool)]) {
        for (room, is_occupied) in changes {
            self.attendance.change_room(node, *room, *is_occupied);
            if node != self.node() {
                self.occupation_changed(*room);
            }
        }
    }

    fn occupation_changed(&mut self, room: SessionId) {
        if self.is_occupied(room) {
            self.room_expiry.occupied(room);
        } else {
            self.room_expiry.emptied(room, Instant::now());
        }
    }

    /// True for a room with a connection at any node.
    pub(super) fn is_occupied(&self, room: SessionId) -> bool {
        self.rooms.is_open(room) || self.attendance.is_occupied_elsewhere(room, self.node())
    }

    /// The users of a node that has ended are offline, unless they are at another; its guests and rooms have their grace period.
    pub(super) fn node_ended(&mut self, node: NodeId, pending: &mut Pending) {
        let (own, now) = (self.node(), Instant::now());
        if node == own {
            return;
        }
        let (departed, rooms) = self.attendance.end_node(node);
        for Departed { user, username, is_offline, .. } in departed {
            if is_offline {
                self.push_presence((user, &username), false, Time::now(), self.presence.viewers(user), pending);
            }
            let in_lobby = self.attendance.in_lobby_elsewhere(user, own);
            self.lobby_roster.set_elsewhere(user, &username, in_lobby);
            if !self.attendance.is_guest_elsewhere(user, own) {
                self.guest_expiry.disconnected_elsewhere(user, now + self.presence_grace);
            }
        }
        rooms.into_iter().for_each(|room| self.occupation_changed(room));
        self.broadcast_feeds(now);
    }

    /// Other nodes have ended this one, which has a new id now: connections have missed events, and nothing is known of other
    /// nodes until they are announced again, behind this.
    pub(super) fn node_rejoined(&mut self, pending: &mut Pending) {
        pending.closings.extend(self.presence.all().map(|id| (id, Disconnect::TryLater)));
        let rooms = self.attendance.clear();
        self.lobby_roster.forget_elsewhere();
        self.guest_expiry.forget_elsewhere(Instant::now() + self.presence_grace);
        self.presence.forget_announcements();
        rooms.into_iter().for_each(|room| self.occupation_changed(room));
        self.announce_again();
    }

    /// Stores and announces anew who is online at this node, and which rooms have a connection here.
    pub(super) fn announce_again(&mut self) {
        if !self.store.is_clustered() {
            return;
        }
        let identity = self.store.node().clone();
        self.writer
            .submit(Touches::nothing(), move |db, _| attendance::delete_all(db, identity.get()).map(|()| Vec::new()));
        self.announce(self.presence.online(), true);
        self.occupied_rooms.restart();
        self.announce_rooms();
    }

    /// A room has got its first connection at this node, or lost its last one, or is watched from now on.
    pub(super) fn occupation_changed_here(&mut self, room: SessionId) {
        if self.store.is_clustered() && (self.room_expiry.is_watched(room) || self.occupied_rooms.is_announced(room)) {
            self.occupied_rooms.changed(room);
        }
    }

    /// Stores and announces which ephemeral rooms have got or lost their connections here. While nothing can be written,
    /// changes accumulate.
    pub(super) fn announce_rooms(&mut self) {
        if self.occupied_rooms.is_unchanged() || self.writer.is_degraded() {
            return;
        }
        let rooms = self.occupied_rooms.take(|room| self.rooms.is_open(room));
        if rooms.is_empty() {
            return;
        }
        let identity = self.store.node().clone();
        self.writer.submit(Touches::nothing(), move |db, _| {
            let node = identity.get();
            attendance::store_rooms(db, node, &rooms)?;
            Ok(vec![CommitOutput::Effect(Effect::RoomsOccupied { node, rooms: rooms.clone() })])
        });
    }
}
