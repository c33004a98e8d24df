//! Which messages a client has missed and is sent, in order and once, before and in place of new ones.
//!
//! A session with missed messages is read page by page from the last one that was sent. A message that is posted meanwhile is not
//! sent but read with the others. Once the newest message is sent, the session is live again, except that messages which a page
//! contained already are not sent a second time. Sessions take turns, so a busy one does not delay the others.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::{Backlog, SessionId};

/// The sessions that are not live.
#[derive(Debug, Default)]
pub(super) struct Replay {
    sessions: BTreeMap<SessionId, Progress>,
    /// Nothing is sent before the client is ready.
    started: bool,
    last_read: Option<SessionId>,
}

/// How far a session is replayed, in `seq`s.
#[derive(Debug)]
struct Progress {
    sent: i64,
    newest: i64,
    /// `newest` when the session was last read.
    newest_at_read: i64,
}

impl Progress {
    const fn is_behind(&self) -> bool {
        self.sent < self.newest
    }
}

impl Replay {
    /// The replay of all conversations with messages behind those received, and behind those `sent` on the same connection.
    pub(super) fn of(backlogs: &[Backlog], sent: impl Fn(SessionId) -> i64) -> Self {
        let from = backlogs.iter().map(|one| (one, one.received.max(sent(one.session))));
        let behind = from.filter(|(one, sent)| one.seq > *sent);
        let progress = |sent, newest| Progress { sent, newest, newest_at_read: 0 };
        Self { sessions: behind.map(|(one, sent)| (one.session, progress(sent, one.seq))).collect(), ..Self::default() }
    }

    pub(super) const fn start(&mut self) {
        self.started = true;
    }

    /// A message was posted. True where it is to be sent now, and not read with a page.
    pub(super) fn on_posted(&mut self, session: SessionId, seq: i64) -> bool {
        match self.sessions.get_mut(&session) {
            Some(progress) if seq <= progress.sent => false,
            Some(progress) if progress.is_behind() || !self.started => {
                progress.newest = progress.newest.max(seq);
                false
            }
            Some(_) => {
                self.sessions.remove(&session);
                true
            }
            None if self.started => true,
            None => {
                self.sessions.insert(session, Progress { sent: seq - 1, newest: seq, newest_at_read: 0 });
                false
            }
        }
    }

    /// The session to read next, and the `seq` to read behind.
    pub(super) fn next(&mut self) -> Option<(SessionId, i64)> {
        if !self.started {
            return None;
        }
        let behind = |(_, progress): &(&SessionId, &Progress)| progress.is_behind();
        let rest = (self.last_read.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let found = self.sessions.range(rest).find(behind).or_else(|| self.sessions.iter().find(behind));
        let session = *found?.0;
        let progress = self.sessions.get_mut(&session)?;
        progress.newest_at_read = progress.newest;
        self.last_read = Some(session);
        Some((session, progress.sent))
    }

    pub(super) fn advance(&mut self, session: SessionId, sent: i64) {
        if let Some(progress) = self.sessions.get_mut(&session) {
            progress.sent = progress.sent.max(sent);
        }
    }

    /// The page that was read last had no messages, whatever was known before.
    pub(super) fn on_empty_page(&mut self, session: SessionId) {
        if let Some(progress) = self.sessions.get_mut(&session) {
            progress.sent = progress.sent.max(progress.newest_at_read);
        }
    }

    pub(super) fn remove(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: SessionId = SessionId(1);
    const OTHER: SessionId = SessionId(2);

    fn behind(received: i64, seq: i64) -> Replay {
        Replay::of(&[Backlog { session: ONE, partner: None, received, seq }], |_| 0)
    }

    #[test]
    fn a_message_is_sent_once_on_a_connection() {
        let conversation = Backlog { session: ONE, partner: None, received: 3, seq: 5 };
        let from = |sent| {
            let mut replay = Replay::of(std::slice::from_ref(&conversation), |_| sent);
            replay.start();
            replay.next()
        };
        assert_eq!((from(2), from(4), from(5)), (Some((ONE, 3)), Some((ONE, 4)), None));
    }

    #[test]
    fn a_replay_comes_before_new_messages() {
        let mut replay = behind(3, 5);
        assert_eq!(replay.next(), None, "not yet");
        replay.start();
        assert_eq!(replay.next(), Some((ONE, 3)));
        replay.advance(ONE, 5);
        assert_eq!(replay.next(), None);
        assert!(replay.on_posted(ONE, 6) && replay.on_posted(ONE, 7) && replay.on_posted(OTHER, 1));
    }

    #[test]
    fn a_message_posted_during_the_replay_is_read_too() {
        let mut replay = behind(3, 5);
        replay.start();
        replay.next();
        assert!(!replay.on_posted(ONE, 6), "the page may have been read before it");
        replay.advance(ONE, 5);
        assert_eq!(replay.next(), Some((ONE, 5)));
        replay.advance(ONE, 6);
        assert!(replay.on_posted(ONE, 7));
    }

    #[test]
    fn a_message_that_a_page_contained_already_is_not_sent_again() {
        let mut replay = behind(3, 5);
        replay.start();
        replay.next();
        replay.advance(ONE, 8);
        assert!(!replay.on_posted(ONE, 6) && !replay.on_posted(ONE, 7) && !replay.on_posted(ONE, 8));
        assert_eq!(replay.next(), None);
        assert!(replay.on_posted(ONE, 9));
    }

    #[test]
    fn nothing_is_sent_before_the_replay_starts() {
        let mut replay = behind(3, 3);
        assert!(!replay.on_posted(ONE, 4) && !replay.on_posted(ONE, 5) && !replay.on_posted(OTHER, 9));
        replay.start();
        assert_eq!(replay.next(), Some((ONE, 3)));
        replay.advance(ONE, 5);
        assert_eq!(replay.next(), Some((OTHER, 8)));
        replay.remove(OTHER);
        assert_eq!(replay.next(), None);
    }

    #[test]
    fn a_session_without_readable_messages_is_not_read_for_ever() {
        let mut replay = behind(3, 5);
        replay.start();
        replay.next();
        replay.on_posted(ONE, 6);
        replay.on_empty_page(ONE);
        assert_eq!(replay.next(), Some((ONE, 5)), "the last one may be there now");
        replay.on_empty_page(ONE);
        assert_eq!(replay.next(), None);
    }

    #[test]
    fn a_long_replay_is_read_by_pages() {
        let mut replay = behind(0, 500);
        replay.start();
        for sent in [200, 400] {
            replay.next();
            replay.advance(ONE, sent);
        }
        assert_eq!(replay.next(), Some((ONE, 400)));
    }

    #[test]
    fn a_busy_session_does_not_delay_the_others() {
        let conversation = |session| Backlog { session, partner: None, received: 0, seq: 1 };
        let mut replay = Replay::of(&[conversation(ONE), conversation(OTHER)], |_| 0);
        replay.start();
        for seq in 2..1_000 {
            let (session, _) = replay.next().unwrap();
            if session == OTHER {
                return;
            }
            assert!(!replay.on_posted(ONE, seq));
            replay.advance(ONE, seq);
        }
        panic!("the other one is never read");
    }
}
