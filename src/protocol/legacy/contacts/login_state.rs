//! The state of an authenticated connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::requests::ContactsRequest;
use crate::domain::{PresenceChanges, Status, User, UserId};

pub(super) struct LoginState {
    pub user: UserId,
    pub username: String,
    /// The token that authenticated the connection.
    pub jwt: String,
    /// The last join with another token of the user: repeated when the first token ends.
    pub rejoin: Option<ContactsRequest>,
    /// Acknowledgements to be sent when the token has ended.
    pub pending_acks: Vec<u64>,
    /// The deadline until which presence is queued, while the client attaches its handlers; `None` after it.
    settling: Option<(Instant, Vec<PresenceChange>)>,
    keep_alive: Option<Duration>,
    /// When the token ends unless the client sends a keep-alive.
    keep_alive_deadline: Option<Instant>,
}

pub(super) type PresenceChange = (UserId, Arc<str>, Status);

impl LoginState {
    pub(super) fn new(me: &User, jwt: String, settle: Duration, keep_alive: Option<Duration>, now: Instant) -> Self {
        let own = (me.id, me.username.as_str().into(), Status::Online);
        Self {
            user: me.id,
            username: me.username.clone(),
            jwt,
            rejoin: None,
            pending_acks: Vec::new(),
            settling: Some((now + settle, vec![own])),
            keep_alive,
            keep_alive_deadline: keep_alive.map(|time| now + time),
        }
    }

    /// The changes that are to be sent now; others are queued while the client is settling. The own presence is sent at the
    /// start only: it does not change during a connection.
    pub(super) fn update_presence(&mut self, update: &PresenceChanges) -> Vec<PresenceChange> {
        let is_visible =
            |(user, ..): &&PresenceChange| *user != self.user && update.visibility.shows_presence(self.user, *user);
        let changes: Vec<PresenceChange> = update.changes.iter().filter(is_visible).cloned().collect();
        let Some((_, queued)) = &mut self.settling else { return changes };
        for change in changes {
            queued.retain(|(user, ..)| *user != change.0);
            queued.push(change);
        }
        Vec::new()
    }

    /// The queued presence, once, when the client has settled.
    pub(super) fn settle(&mut self, now: Instant) -> Option<Vec<PresenceChange>> {
        self.settling.take_if(|(deadline, _)| *deadline <= now).map(|(_, queued)| queued)
    }

    pub(super) fn extend_keep_alive(&mut self, now: Instant) {
        self.keep_alive_deadline = self.keep_alive.map(|time| now + time);
    }

    /// True once, when the client has sent no keep-alive in time.
    pub(super) fn times_out(&mut self, now: Instant) -> bool {
        self.keep_alive_deadline.take_if(|deadline| *deadline <= now).is_some()
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let settled = self.settling.as_ref().map(|(deadline, _)| *deadline);
        settled.into_iter().chain(self.keep_alive_deadline).min()
    }
}
