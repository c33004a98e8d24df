//! What waits for somebody who comes: messages of sessions that they have not received, told in order and once, before and
//! instead of the live ones.
//!
//! A session that is behind is read from where it was told last. What is posted meanwhile is not told but read: once a
//! reading has come to the newest that was heard of, the session is told live, but for what the reading was ahead of. Those
//! that are behind take turns, so that one in which much is said does not keep the others waiting.
//!
//! No clock and no I/O.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::{Conversation, SessionId};

/// Where each session stands that is not simply live.
#[derive(Debug, Default)]
pub(super) struct Replay {
    sessions: BTreeMap<SessionId, Place>,
    /// Messages may be told; until then all of them wait.
    begun: bool,
    /// Which was read last.
    read: Option<SessionId>,
}

#[derive(Debug)]
struct Place {
    /// All up to here has been told.
    told: i64,
    /// The newest that was heard of.
    newest: i64,
    /// The newest that had been heard of when it was last read.
    sought: i64,
}

impl Place {
    const fn is_behind(&self) -> bool {
        self.told < self.newest
    }
}

impl Replay {
    /// These are behind where they have more than was received, or `told` on the same connection before.
    pub(super) fn of(conversations: &[Conversation], told: impl Fn(SessionId) -> i64) -> Self {
        let from = conversations.iter().map(|one| (one, one.received.max(told(one.session))));
        let behind = from.filter(|(one, told)| one.seq > *told);
        let sessions = behind.map(|(one, told)| (one.session, Place { told, newest: one.seq, sought: 0 })).collect();
        Self { sessions, ..Self::default() }
    }

    /// From here on messages are told.
    pub(super) const fn begin(&mut self) {
        self.begun = true;
    }

    /// A message was posted. True: it is told now. Otherwise it was told, or will be.
    pub(super) fn takes(&mut self, session: SessionId, seq: i64) -> bool {
        match self.sessions.get_mut(&session) {
            Some(place) if seq <= place.told => false,
            Some(place) if place.is_behind() || !self.begun => {
                place.newest = place.newest.max(seq);
                false
            }
            Some(_) => {
                self.sessions.remove(&session);
                true
            }
            None if self.begun => true,
            None => {
                self.sessions.insert(session, Place { told: seq - 1, newest: seq, sought: 0 });
                false
            }
        }
    }

    /// The session to be read next, and behind which `seq`.
    pub(super) fn next(&mut self) -> Option<(SessionId, i64)> {
        if !self.begun {
            return None;
        }
        let behind = |(_, place): &(&SessionId, &Place)| place.is_behind();
        let rest = (self.read.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let found = self.sessions.range(rest).find(behind).or_else(|| self.sessions.iter().find(behind));
        let session = *found?.0;
        let place = self.sessions.get_mut(&session)?;
        place.sought = place.newest;
        self.read = Some(session);
        Some((session, place.told))
    }

    /// A session was read: all up to `told` is told now.
    pub(super) fn read(&mut self, session: SessionId, told: i64) {
        if let Some(place) = self.sessions.get_mut(&session) {
            place.told = place.told.max(told);
        }
    }

    /// There was nothing to read in a session, whatever was heard of it before.
    pub(super) fn read_nothing(&mut self, session: SessionId) {
        if let Some(place) = self.sessions.get_mut(&session) {
            place.told = place.told.max(place.sought);
        }
    }

    /// A session cannot be read any more.
    pub(super) fn forget(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: SessionId = SessionId(1);
    const OTHER: SessionId = SessionId(2);

    fn behind(received: i64, seq: i64) -> Replay {
        Replay::of(&[Conversation { session: ONE, partner: None, received, seq }], |_| 0)
    }

    #[test]
    fn what_was_told_on_the_same_connection_is_not_told_again() {
        let conversation = Conversation { session: ONE, partner: None, received: 3, seq: 5 };
        let from = |told| {
            let mut replay = Replay::of(std::slice::from_ref(&conversation), |_| told);
            replay.begin();
            replay.next()
        };
        assert_eq!((from(2), from(4), from(5)), (Some((ONE, 3)), Some((ONE, 4)), None));
    }

    #[test]
    fn what_waits_is_read_before_the_live_messages() {
        let mut replay = behind(3, 5);
        assert_eq!(replay.next(), None, "not yet");
        replay.begin();
        assert_eq!(replay.next(), Some((ONE, 3)));
        replay.read(ONE, 5);
        assert_eq!(replay.next(), None);
        assert!(replay.takes(ONE, 6) && replay.takes(ONE, 7) && replay.takes(OTHER, 1));
    }

    #[test]
    fn what_is_posted_while_it_is_read_is_read_too() {
        let mut replay = behind(3, 5);
        replay.begin();
        replay.next();
        assert!(!replay.takes(ONE, 6), "the reading may have begun before it");
        replay.read(ONE, 5);
        assert_eq!(replay.next(), Some((ONE, 5)));
        replay.read(ONE, 6);
        assert!(replay.takes(ONE, 7));
    }

    #[test]
    fn what_a_reading_was_ahead_of_is_not_told_again() {
        let mut replay = behind(3, 5);
        replay.begin();
        replay.next();
        replay.read(ONE, 8);
        assert!(!replay.takes(ONE, 6) && !replay.takes(ONE, 7) && !replay.takes(ONE, 8));
        assert_eq!(replay.next(), None);
        assert!(replay.takes(ONE, 9));
    }

    #[test]
    fn until_it_begins_everything_waits() {
        let mut replay = behind(3, 3);
        assert!(!replay.takes(ONE, 4) && !replay.takes(ONE, 5) && !replay.takes(OTHER, 9));
        replay.begin();
        assert_eq!(replay.next(), Some((ONE, 3)));
        replay.read(ONE, 5);
        assert_eq!(replay.next(), Some((OTHER, 8)));
        replay.forget(OTHER);
        assert_eq!(replay.next(), None);
    }

    #[test]
    fn a_session_in_which_there_is_nothing_is_not_read_for_ever() {
        let mut replay = behind(3, 5);
        replay.begin();
        replay.next();
        replay.takes(ONE, 6);
        replay.read_nothing(ONE);
        assert_eq!(replay.next(), Some((ONE, 5)), "the last one may be there now");
        replay.read_nothing(ONE);
        assert_eq!(replay.next(), None);
    }

    #[test]
    fn long_waits_are_told_by_pages() {
        let mut replay = behind(0, 500);
        replay.begin();
        for told in [200, 400] {
            replay.next();
            replay.read(ONE, told);
        }
        assert_eq!(replay.next(), Some((ONE, 400)));
    }

    #[test]
    fn a_session_in_which_much_is_said_does_not_keep_the_others_waiting() {
        let conversation = |session| Conversation { session, partner: None, received: 0, seq: 1 };
        let mut replay = Replay::of(&[conversation(ONE), conversation(OTHER)], |_| 0);
        replay.begin();
        for seq in 2..1_000 {
            let (session, _) = replay.next().unwrap();
            if session == OTHER {
                return;
            }
            assert!(!replay.takes(ONE, seq));
            replay.read(ONE, seq);
        }
        panic!("the other one is never read");
    }
}
