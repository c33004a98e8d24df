//! Who is active in the lobby: users with a connection that speaks its dialect, or with one lost less than the grace ago, as
//! long as they are online. Whoever speaks it is told of all of them, whenever they are others, gathered.
//!
//! No clock and no actix: `now` is an argument. Who may see whom is looked up before a [`Roll`] is told.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::expiry::ExpiryQueue;
use super::sightings::GATHER;
use crate::domain::{Active, Audience, ConnId, Delivery, Event, Tongue, UserId, VisibilityMatrix};

/// Those who are active, and who has not heard of them as they are.
#[derive(Debug, Default)]
pub(super) struct Attendance {
    places: HashMap<UserId, Place>,
    /// Users in the grace period that follows their last connection.
    lost: ExpiryQueue<UserId>,
    /// Others may be active than were told.
    changed: bool,
    /// Who was told, by name.
    told: Vec<UserId>,
    /// Connections that have just come, and have heard of nobody.
    entered: Vec<ConnId>,
    /// Users who may see others than before.
    crossed: BTreeSet<UserId>,
    told_at: Option<Instant>,
}

/// One who is active.
#[derive(Debug)]
struct Place {
    username: Arc<str>,
    connections: usize,
}

/// A list that is due to be told.
#[derive(Debug)]
pub(super) struct Roll {
    /// By name.
    users: Vec<(UserId, Arc<str>)>,
    to: Vec<Audience>,
}

impl Attendance {
    /// A connection that speaks the dialect is there: its user is active, and it is told who else is.
    pub(super) fn entered(&mut self, connection: ConnId, user: UserId, username: &Arc<str>) {
        let place = self.places.entry(user).or_insert_with(|| {
            self.changed = true;
            Place { username: Arc::clone(username), connections: 0 }
        });
        place.connections += 1;
        self.lost.cancel(user);
        self.entered.push(connection);
    }

    /// Such a connection is gone. After the last one its user is active `until` then, or with `None` no more.
    pub(super) fn left(&mut self, user: UserId, until: Option<Instant>) {
        let Some(place) = self.places.get_mut(&user) else { return };
        place.connections = place.connections.saturating_sub(1);
        if place.connections > 0 {
            return;
        }
        match until {
            Some(at) => self.lost.insert(user, at),
            None => self.went_offline(user),
        }
    }

    /// A user is offline, and so not active.
    pub(super) fn went_offline(&mut self, user: UserId) {
        self.lost.cancel(user);
        self.changed |= self.places.remove(&user).is_some();
    }

    /// What these two may see of each other may be another thing now.
    pub(super) fn cross(&mut self, a: UserId, b: UserId) {
        if self.places.contains_key(&a) && self.places.contains_key(&b) {
            self.crossed.extend([a, b]);
        }
    }

    /// Who is to be told now, and whom: everybody where others are active than were told before, else those who have not
    /// heard. Nobody where the last telling is less than [`GATHER`] ago.
    pub(super) fn due(&mut self, now: Instant) -> Option<Roll> {
        self.expire(now);
        let is_quiet = !self.changed && self.entered.is_empty() && self.crossed.is_empty();
        if is_quiet || self.told_at.is_some_and(|at| now < at + GATHER) {
            return None;
        }
        let (entered, crossed) = (std::mem::take(&mut self.entered), std::mem::take(&mut self.crossed));
        self.changed = false;
        let mut users: Vec<_> = self.places.iter().map(|(user, place)| (*user, Arc::clone(&place.username))).collect();
        users.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
        let before = std::mem::replace(&mut self.told, users.iter().map(|(user, _)| *user).collect());
        let to = if before == self.told {
            entered.into_iter().map(Audience::Connection).chain(crossed.into_iter().map(Audience::User)).collect()
        } else {
            vec![Audience::Speaking(Tongue::Lobby)]
        };
        if to.is_empty() {
            return None;
        }
        self.told_at = Some(now);
        Some(Roll { users, to })
    }

    fn expire(&mut self, now: Instant) {
        while let Some(user) = self.lost.pop_due(now) {
            self.went_offline(user);
        }
    }
}

impl Roll {
    /// Whom this is about.
    pub(super) fn whom(&self) -> Vec<UserId> {
        self.users.iter().map(|(user, _)| *user).collect()
    }

    /// Tells it.
    pub(super) fn told(&self, visibility: VisibilityMatrix) -> Vec<Delivery> {
        let active = Arc::new(Active { users: self.users.clone(), visibility });
        let told = |to: &Audience| Delivery::new(to.clone(), Event::Active(Arc::clone(&active)));
        self.to.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);

    /// Who is told, and whom.
    fn told(roll: Option<Roll>) -> Option<(Vec<i64>, Vec<Audience>)> {
        roll.map(|roll| (roll.whom().iter().map(|user| user.0).collect(), roll.to))
    }

    fn all() -> Vec<Audience> {
        vec![Audience::Speaking(Tongue::Lobby)]
    }

    fn enter(attendance: &mut Attendance, connection: i64, user: UserId) {
        let name = if user == AVI { "avi" } else { "Lisa" };
        attendance.entered(ConnId(connection), user, &name.into());
    }

    #[test]
    fn everybody_is_told_by_name_whenever_somebody_comes_or_goes() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        assert!(attendance.due(start).is_none());
        enter(&mut attendance, 1, AVI);
        assert_eq!(told(attendance.due(start)), Some((vec![1], all())));
        enter(&mut attendance, 2, LISA);
        assert!(attendance.due(start + GATHER / 2).is_none());
        assert_eq!(told(attendance.due(start + GATHER)), Some((vec![2, 1], all())));
        attendance.left(AVI, None);
        assert_eq!(told(attendance.due(start + GATHER * 2)), Some((vec![2], all())));
        assert!(attendance.due(start + GATHER * 9).is_none());
    }

    #[test]
    fn a_lost_connection_is_forgiven_for_a_while() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        enter(&mut attendance, 1, AVI);
        enter(&mut attendance, 2, LISA);
        attendance.due(start);
        attendance.left(AVI, Some(start + GATHER * 10));
        assert!(attendance.due(start + GATHER * 9).is_none());
        enter(&mut attendance, 3, AVI);
        let only = vec![Audience::Connection(ConnId(3))];
        assert_eq!(told(attendance.due(start + GATHER * 9)), Some((vec![2, 1], only)), "nobody else hears of it");
        assert!(attendance.due(start + GATHER * 20).is_none());
        attendance.left(AVI, Some(start + GATHER * 30));
        assert_eq!(told(attendance.due(start + GATHER * 30)), Some((vec![2], all())));
    }

    #[test]
    fn only_the_last_connection_counts() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        enter(&mut attendance, 1, AVI);
        enter(&mut attendance, 2, AVI);
        attendance.due(start);
        attendance.left(AVI, None);
        assert!(attendance.due(start + GATHER).is_none());
        attendance.left(AVI, None);
        assert_eq!(told(attendance.due(start + GATHER * 2)), Some((Vec::new(), all())));
    }

    #[test]
    fn whoever_is_offline_is_not_active() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        enter(&mut attendance, 1, AVI);
        attendance.due(start);
        attendance.left(AVI, Some(start + GATHER * 10));
        attendance.went_offline(AVI);
        attendance.went_offline(LISA);
        assert_eq!(told(attendance.due(start + GATHER)), Some((Vec::new(), all())));
    }

    #[test]
    fn whoever_goes_and_comes_back_meanwhile_was_never_away() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        enter(&mut attendance, 1, AVI);
        attendance.due(start);
        attendance.left(AVI, None);
        enter(&mut attendance, 2, AVI);
        let only = vec![Audience::Connection(ConnId(2))];
        assert_eq!(told(attendance.due(start + GATHER)), Some((vec![1], only)));
    }

    #[test]
    fn a_block_is_told_to_the_two_whom_it_parts_and_to_nobody_else() {
        let (mut attendance, start) = (Attendance::default(), Instant::now());
        enter(&mut attendance, 1, AVI);
        attendance.due(start);
        attendance.cross(AVI, LISA);
        assert!(attendance.due(start + GATHER).is_none(), "she is not there");
        enter(&mut attendance, 2, LISA);
        attendance.due(start + GATHER);
        attendance.cross(AVI, LISA);
        let both = vec![Audience::User(AVI), Audience::User(LISA)];
        assert_eq!(told(attendance.due(start + GATHER * 2)), Some((vec![2, 1], both)));
    }
}
