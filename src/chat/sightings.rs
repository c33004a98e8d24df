//! Who came and went since that was last told to connections that hear it of everybody, and who may see each other again,
//! or no more. Gathered, so that a crowd that comes at once is told once.
//!
//! No clock and no actix: `now` is an argument. Who may see whom is known only to the database: a [`Round`] says what is told
//! once that has been looked up.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{Audience, Delivery, Directory, Event, Sighted, Status, Tongue, UserId, VisibilityMatrix};

/// What is gathered is told at most so often.
pub(super) const GATHER: Duration = Duration::from_secs(1);

/// What has not been told yet.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    changes: HashMap<UserId, Change>,
    /// Changes so far; they are told in the order in which they were last made.
    turn: u64,
    /// Who looks, and whom they may see again or no more.
    crossed: BTreeSet<(UserId, UserId)>,
    told_at: Option<Instant>,
}

/// How a user has changed since the last telling.
#[derive(Debug)]
struct Change {
    username: Arc<str>,
    was_online: bool,
    online: bool,
    turn: u64,
}

/// What is due to be told.
#[derive(Debug)]
pub(super) struct Round {
    changes: Vec<(UserId, Arc<str>, Status)>,
    crossed: Vec<Crossed>,
}

/// One person of whom another may have heard the last, or hears again.
#[derive(Debug)]
struct Crossed {
    viewer: UserId,
    other: UserId,
    username: Arc<str>,
    was_online: bool,
    online: bool,
}

impl Sightings {
    /// A user came online or went offline, which they were not before.
    pub(super) fn changed(&mut self, user: UserId, username: &Arc<str>, online: bool) {
        self.turn += 1;
        let change = self.changes.entry(user).or_insert_with(|| Change {
            username: Arc::clone(username),
            was_online: !online,
            online,
            turn: 0,
        });
        (change.online, change.turn) = (online, self.turn);
    }

    /// What `viewer` may see of `other` may be another thing now.
    pub(super) fn cross(&mut self, viewer: UserId, other: UserId) {
        self.crossed.insert((viewer, other));
    }

    /// Nobody listens: what has been gathered is of no use.
    pub(super) fn forget(&mut self) {
        self.changes.clear();
        self.crossed.clear();
    }

    /// What is to be told now: nothing where nothing has changed in the end, or the last telling is less than [`GATHER`] ago.
    /// `name` gives the names of those who are online, and of nobody else.
    pub(super) fn due(&mut self, now: Instant, name: impl Fn(UserId) -> Option<Arc<str>>) -> Option<Round> {
        let is_quiet = self.changes.is_empty() && self.crossed.is_empty();
        if is_quiet || self.told_at.is_some_and(|at| now < at + GATHER) {
            return None;
        }
        let crossed = std::mem::take(&mut self.crossed).into_iter();
        let crossed: Vec<Crossed> = crossed.filter_map(|(viewer, other)| self.look(viewer, other, &name)).collect();
        let mut changes: Vec<_> =
            self.changes.drain().filter(|(_, change)| change.was_online != change.online).collect();
        changes.sort_unstable_by_key(|(_, change)| change.turn);
        if changes.is_empty() && crossed.is_empty() {
            return None;
        }
        self.told_at = Some(now);
        let told = |(user, change): (UserId, Change)| (user, change.username, Status::from(change.online));
        Some(Round { changes: changes.into_iter().map(told).collect(), crossed })
    }

    /// `None` for somebody who is offline and was: whoever sees them sees nothing.
    fn look(&self, viewer: UserId, other: UserId, name: impl Fn(UserId) -> Option<Arc<str>>) -> Option<Crossed> {
        let (username, was_online, online) = match self.changes.get(&other) {
            Some(change) => (Arc::clone(&change.username), change.was_online, change.online),
            None => (name(other)?, true, true),
        };
        Some(Crossed { viewer, other, username, was_online, online })
    }
}

impl Round {
    /// Whom this is about.
    pub(super) fn whom(&self) -> Vec<UserId> {
        let changes = self.changes.iter().map(|(user, ..)| *user);
        changes.chain(self.crossed.iter().map(|crossed| crossed.other)).collect()
    }

    /// Tells what came and went to everybody, and whoever sees somebody again, or no more, as if they had come or gone.
    pub(super) fn told(&self, visibility: VisibilityMatrix) -> Vec<Delivery> {
        let crossed: Vec<Delivery> = self.crossed.iter().filter_map(|crossed| crossed.told(&visibility)).collect();
        let mut told = Vec::with_capacity(crossed.len() + 1);
        if !self.changes.is_empty() {
            let event = Event::Sighted(Arc::new(Sighted { changes: self.changes.clone(), visibility }));
            told.push(Delivery::new(Audience::Speaking(Tongue::Contacts), event));
        }
        told.extend(crossed);
        told
    }
}

impl Crossed {
    fn told(&self, visibility: &VisibilityMatrix) -> Option<Delivery> {
        let Self { viewer, other, ref username, was_online, online } = *self;
        let status = match visibility.shows_presence(viewer, other) {
            // Who has just come or gone is told of to everybody who sees them.
            true if online && was_online => Status::Online,
            false if was_online => Status::Offline,
            _ => return None,
        };
        // Looked up above; what follows from it is for the viewer alone.
        let visibility = VisibilityMatrix::new(Directory::Open, [viewer]);
        let told = Sighted { changes: vec![(other, Arc::clone(username), status)], visibility };
        Some(Delivery::new(Audience::User(viewer), Event::Sighted(Arc::new(told))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);

    /// Everybody is online, and called by their number.
    fn name(user: UserId) -> Option<Arc<str>> {
        Some(user.0.to_string().into())
    }

    fn change(sightings: &mut Sightings, user: UserId, online: bool) {
        sightings.changed(user, &name(user).unwrap(), online);
    }

    fn changes(round: Option<Round>) -> Vec<(UserId, Status)> {
        round
            .map(|round| round.changes.into_iter().map(|(user, _, status)| (user, status)).collect())
            .unwrap_or_default()
    }

    fn open<const N: usize>(viewers: [UserId; N]) -> VisibilityMatrix {
        VisibilityMatrix::new(Directory::Open, viewers)
    }

    /// Who hears what of whom.
    fn heard(round: Round, visibility: &VisibilityMatrix) -> Vec<(Audience, UserId, Status)> {
        let mut heard = Vec::new();
        for Delivery { to, event, .. } in round.told(visibility.clone()) {
            let Event::Sighted(sighted) = event else { panic!("{event:?}") };
            heard.extend(sighted.changes.iter().map(|(user, _, status)| (to.clone(), *user, *status)));
        }
        heard
    }

    #[test]
    fn a_crowd_is_told_of_once_in_the_order_in_which_it_came() {
        let (mut sightings, start) = (Sightings::default(), Instant::now());
        assert!(sightings.due(start, name).is_none());
        change(&mut sightings, UserId(9), true);
        assert_eq!(changes(sightings.due(start, name)), vec![(UserId(9), Status::Online)], "at once after silence");
        for user in [5, 3, 8] {
            change(&mut sightings, UserId(user), true);
        }
        change(&mut sightings, UserId(9), false);
        assert!(sightings.due(start + GATHER / 2, name).is_none());
        let told = changes(sightings.due(start + GATHER, name));
        let order: Vec<i64> = told.iter().map(|(user, _)| user.0).collect();
        assert_eq!(order, vec![5, 3, 8, 9]);
        assert_eq!(told.last(), Some(&(UserId(9), Status::Offline)));
        assert!(sightings.due(start + GATHER * 9, name).is_none());
    }

    #[test]
    fn whoever_goes_and_comes_back_meanwhile_was_never_away() {
        let (mut sightings, start) = (Sightings::default(), Instant::now());
        change(&mut sightings, AVI, false);
        change(&mut sightings, AVI, true);
        change(&mut sightings, LISA, true);
        change(&mut sightings, LISA, false);
        assert!(sightings.due(start, name).is_none());
        change(&mut sightings, AVI, false);
        change(&mut sightings, AVI, true);
        change(&mut sightings, AVI, false);
        assert_eq!(changes(sightings.due(start, name)), vec![(AVI, Status::Offline)], "nothing was told before");
    }

    #[test]
    fn two_who_no_longer_see_each_other_hear_that_the_other_went() {
        let (mut sightings, mut visibility) = (Sightings::default(), open([AVI, LISA]));
        visibility.add_block(AVI, LISA);
        sightings.cross(AVI, LISA);
        sightings.cross(LISA, AVI);
        let round = sightings.due(Instant::now(), name).unwrap();
        let expected = vec![(Audience::User(AVI), LISA, Status::Offline), (Audience::User(LISA), AVI, Status::Offline)];
        assert_eq!(heard(round, &visibility), expected);
    }

    #[test]
    fn whoever_sees_somebody_again_hears_that_they_came() {
        let mut sightings = Sightings::default();
        sightings.cross(AVI, LISA);
        let round = sightings.due(Instant::now(), name).unwrap();
        assert_eq!(round.whom(), vec![LISA]);
        assert_eq!(heard(round, &open([AVI])), vec![(Audience::User(AVI), LISA, Status::Online)]);
        sightings.cross(AVI, LISA);
        assert!(sightings.due(Instant::now() + GATHER * 2, |_| None).is_none(), "she is not online");
    }

    #[test]
    fn somebody_who_goes_behind_a_block_is_gone_for_whom_they_blocked_too() {
        let (mut sightings, mut visibility) = (Sightings::default(), open([AVI]));
        visibility.add_block(AVI, LISA);
        sightings.cross(AVI, LISA);
        change(&mut sightings, LISA, false);
        let everybody = (Audience::Speaking(Tongue::Contacts), LISA, Status::Offline);
        let round = sightings.due(Instant::now(), |_| None).unwrap();
        assert_eq!(heard(round, &visibility), vec![everybody, (Audience::User(AVI), LISA, Status::Offline)]);
    }

    #[test]
    fn somebody_who_comes_without_a_block_is_told_of_once() {
        let mut sightings = Sightings::default();
        sightings.cross(AVI, LISA);
        change(&mut sightings, LISA, true);
        let round = sightings.due(Instant::now(), name).unwrap();
        let everybody = (Audience::Speaking(Tongue::Contacts), LISA, Status::Online);
        assert_eq!(heard(round, &open([AVI])), vec![everybody]);
    }

    #[test]
    fn what_nobody_listens_to_is_forgotten() {
        let mut sightings = Sightings::default();
        change(&mut sightings, AVI, true);
        sightings.cross(AVI, LISA);
        sightings.forget();
        assert!(sightings.due(Instant::now(), name).is_none());
    }
}
