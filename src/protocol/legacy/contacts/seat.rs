//! Whose a connection is, and what waits until its client is ready to hear it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::said::Request;
use crate::domain::{Sighted, Status, User, UserId};

/// A user at a connection.
pub(super) struct Seat {
    /// Who.
    pub user: UserId,
    /// Their name.
    pub username: String,
    /// The token by which they came.
    pub jwt: String,
    /// The last join with another token of theirs: what the seat is taken with again when the first ends.
    pub again: Option<Request>,
    /// Acknowledgements that wait for the end of the token.
    pub farewells: Vec<u64>,
    /// Until when the client attaches its handlers, and who came and went meanwhile; `None` once it is over.
    settling: Option<(Instant, Vec<Seen>)>,
    keep_alive: Option<Duration>,
    /// The token ends then.
    alive_until: Option<Instant>,
}

/// Somebody, and whether they are here.
pub(super) type Seen = (UserId, Arc<str>, Status);

impl Seat {
    /// Somebody who came with this token, and by that is online.
    pub(super) fn new(me: &User, jwt: String, settle: Duration, keep_alive: Option<Duration>, now: Instant) -> Self {
        let own = (me.id, me.username.as_str().into(), Status::Online);
        Self {
            user: me.id,
            username: me.username.clone(),
            jwt,
            again: None,
            farewells: Vec::new(),
            settling: Some((now + settle, vec![own])),
            keep_alive,
            alive_until: keep_alive.map(|time| now + time),
        }
    }

    /// Who came and went, as far as it is to be told now. That one is here oneself is told when it begins, and never changes
    /// while one hears of it.
    pub(super) fn sight(&mut self, sighted: &Sighted) -> Vec<Seen> {
        let is_seen = |(user, ..): &&Seen| *user != self.user && sighted.visibility.shows_presence(self.user, *user);
        let seen: Vec<Seen> = sighted.changes.iter().filter(is_seen).cloned().collect();
        let Some((_, gathered)) = &mut self.settling else { return seen };
        for one in seen {
            gathered.retain(|(user, ..)| *user != one.0);
            gathered.push(one);
        }
        Vec::new()
    }

    /// What waited, once, when the client has settled.
    pub(super) fn settle(&mut self, now: Instant) -> Option<Vec<Seen>> {
        self.settling.take_if(|(until, _)| *until <= now).map(|(_, gathered)| gathered)
    }

    /// The client is there.
    pub(super) fn stay_alive(&mut self, now: Instant) {
        self.alive_until = self.keep_alive.map(|time| now + time);
    }

    /// True once where the client has not said for too long that it is there.
    pub(super) fn is_missed(&mut self, now: Instant) -> bool {
        self.alive_until.take_if(|until| *until <= now).is_some()
    }

    /// When something is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let settled = self.settling.as_ref().map(|(until, _)| *until);
        settled.into_iter().chain(self.alive_until).min()
    }
}
