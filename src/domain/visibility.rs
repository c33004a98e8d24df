//! The visibility policy: what a viewer may see of a subject. The facts that it needs are read by `store/visibility`.
//!
//! It does not cover deleted users, who cannot be found. Guests are treated like accounts. The lobby does not count as a shared
//! session, since every user is a member.

use std::collections::{BTreeSet, HashMap, HashSet};

#[cfg(test)]
use super::Accepts;
use super::{SessionId, SessionKind, UserId};

/// The largest number of members with which presence is pushed in a group or room.
pub(crate) const PRESENCE_UP_TO: usize = 200;

/// Which users are found by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Directory {
    /// Everyone who is logged in finds everyone.
    Open,
    /// Only people who share a direct session, group or room find each other.
    Closed,
}

/// The closest session that two users share, the most distant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SharedSession {
    /// None but the lobby.
    None,
    /// A group or room with too many members for presence to be pushed.
    Large,
    /// A group or room in which presence is pushed.
    Close,
    Direct,
}

impl SharedSession {
    /// What two members share by a session of this kind and size.
    pub(crate) const fn by(kind: SessionKind, members: usize) -> Self {
        match kind {
            SessionKind::Lobby => Self::None,
            SessionKind::Direct => Self::Direct,
            SessionKind::Group | SessionKind::Room if members <= PRESENCE_UP_TO => Self::Close,
            SessionKind::Group | SessionKind::Room => Self::Large,
        }
    }

    /// True where presence and typing are pushed to the members.
    pub(crate) fn is_close(self) -> bool {
        self >= Self::Close
    }
}

/// The facts about two different users. Everything that follows from them is symmetric, except who is a contact: that depends on
/// the subject's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The closest one. Where only a more distant one is known, less is visible, never more.
    pub shared: SharedSession,
    /// Either has blocked the other. A block hides both from each other, so that the blocked user cannot detect it.
    pub is_blocked: bool,
}

impl Relation {
    /// Two users without a block or a shared session.
    pub(crate) const STRANGERS: Self = Self { shared: SharedSession::None, is_blocked: false };

    /// The subject is found by name and listed in the directory. A block does not hide that a user exists.
    pub(crate) fn shows_profile(self, directory: Directory) -> bool {
        directory == Directory::Open || self.shared > SharedSession::None
    }

    /// The subject's status and `last_seen` are visible on request, and to connections that follow all users.
    pub(crate) fn shows_presence(self, directory: Directory) -> bool {
        self.shows_profile(directory) && !self.is_blocked
    }

    /// Changes of the subject's status are pushed.
    pub(crate) fn pushes_presence(self) -> bool {
        self.shared.is_close() && !self.is_blocked
    }

    /// The viewer may open a direct session with the subject without an invite, and sees them among the contacts. The queries of
    /// the store are tested against it.
    #[cfg(test)]
    pub(crate) fn is_contact(self, directory: Directory, accepts: Accepts) -> bool {
        let is_open = accepts == Accepts::Anyone && self.shows_profile(directory);
        !self.is_blocked && (self.shared == SharedSession::Direct || is_open)
    }
}

/// Which subjects' presence each of some viewers may see: looked up once for a broadcast to all of them.
#[derive(Clone, Debug)]
pub(crate) struct VisibilityMatrix {
    directory: Directory,
    /// The viewers, each with the users they have blocked or are blocked by.
    blocks: HashMap<UserId, HashSet<UserId>>,
    /// The sessions, without the lobby, that each viewer or subject shares with another.
    sessions: HashMap<UserId, BTreeSet<SessionId>>,
}

impl VisibilityMatrix {
    /// A matrix of these viewers, who share no session and have no blocks yet.
    pub(crate) fn new(directory: Directory, viewers: impl IntoIterator<Item = UserId>) -> Self {
        let blocks = viewers.into_iter().map(|viewer| (viewer, HashSet::new())).collect();
        Self { directory, blocks, sessions: HashMap::new() }
    }

    pub(crate) fn add_session(&mut self, user: UserId, session: SessionId) {
        self.sessions.entry(user).or_default().insert(session);
    }

    pub(crate) fn add_block(&mut self, a: UserId, b: UserId) {
        for (viewer, other) in [(a, b), (b, a)] {
            if let Some(blocks) = self.blocks.get_mut(&viewer) {
                blocks.insert(other);
            }
        }
    }

    /// True for the viewers. A user who connected after the lookup is sent a broadcast of their own, and ignores this one.
    pub(crate) fn covers(&self, viewer: UserId) -> bool {
        self.blocks.contains_key(&viewer)
    }

    /// True where the viewer may see the presence of `subject`: always their own, and no other where the matrix does not cover them.
    pub(crate) fn shows_presence(&self, viewer: UserId, subject: UserId) -> bool {
        if viewer == subject {
            return true;
        }
        let Some(blocks) = self.blocks.get(&viewer) else { return false };
        let shared = if self.share(viewer, subject) { SharedSession::Large } else { SharedSession::None };
        Relation { shared, is_blocked: blocks.contains(&subject) }.shows_presence(self.directory)
    }

    fn share(&self, a: UserId, b: UserId) -> bool {
        match (self.sessions.get(&a), self.sessions.get(&b)) {
            (Some(a), Some(b)) => !a.is_disjoint(b),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: [SharedSession; 4] =
        [SharedSession::None, SharedSession::Large, SharedSession::Close, SharedSession::Direct];

    /// What a viewer may see of a subject, with either setting of `accepts`.
    fn visible(directory: Directory, relation: Relation) -> Vec<&'static str> {
        let parts = [
            ("profile", relation.shows_profile(directory)),
            ("presence", relation.shows_presence(directory)),
            ("push", relation.pushes_presence()),
            ("contact", relation.is_contact(directory, Accepts::Anyone)),
            ("contact by invite", relation.is_contact(directory, Accepts::Invited)),
        ];
        parts.into_iter().filter(|(_, shown)| *shown).map(|(part, _)| part).collect()
    }

    #[test]
    fn every_relation_in_every_directory() {
        use Directory::{Closed, Open};
        use SharedSession::{Close, Direct, Large, None};
        let cases: [(Directory, SharedSession, bool, &[&str]); 16] = [
            (Open, None, false, &["profile", "presence", "contact"]),
            (Open, Large, false, &["profile", "presence", "contact"]),
            (Open, Close, false, &["profile", "presence", "push", "contact"]),
            (Open, Direct, false, &["profile", "presence", "push", "contact", "contact by invite"]),
            (Open, None, true, &["profile"]),
            (Open, Large, true, &["profile"]),
            (Open, Close, true, &["profile"]),
            (Open, Direct, true, &["profile"]),
            (Closed, None, false, &[]),
            (Closed, Large, false, &["profile", "presence", "contact"]),
            (Closed, Close, false, &["profile", "presence", "push", "contact"]),
            (Closed, Direct, false, &["profile", "presence", "push", "contact", "contact by invite"]),
            (Closed, None, true, &[]),
            (Closed, Large, true, &["profile"]),
            (Closed, Close, true, &["profile"]),
            (Closed, Direct, true, &["profile"]),
        ];
        for (directory, shared, is_blocked, expected) in cases {
            let relation = Relation { shared, is_blocked };
            assert_eq!(visible(directory, relation), expected, "{directory:?} {relation:?}");
        }
    }

    #[test]
    fn a_lower_bound_of_what_is_shared_never_shows_more() {
        for directory in [Directory::Open, Directory::Closed] {
            for is_blocked in [false, true] {
                let of = |shared| visible(directory, Relation { shared, is_blocked });
                for (less, more) in SHARED.into_iter().zip(SHARED.into_iter().skip(1)) {
                    assert!(of(less).iter().all(|part| of(more).contains(part)), "{directory:?} {less:?} {more:?}");
                }
            }
        }
    }

    #[test]
    fn a_session_counts_by_its_kind_and_size() {
        for (kind, members, shared) in [
            (SessionKind::Lobby, 2, SharedSession::None),
            (SessionKind::Direct, 2, SharedSession::Direct),
            (SessionKind::Group, PRESENCE_UP_TO, SharedSession::Close),
            (SessionKind::Room, PRESENCE_UP_TO, SharedSession::Close),
            (SessionKind::Group, PRESENCE_UP_TO + 1, SharedSession::Large),
            (SessionKind::Room, PRESENCE_UP_TO + 1, SharedSession::Large),
        ] {
            assert_eq!(SharedSession::by(kind, members), shared, "{kind:?} of {members}");
        }
    }

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);
    const NOA: UserId = UserId(3);
    const BAND: SessionId = SessionId(1);
    const CHOIR: SessionId = SessionId(2);

    #[test]
    fn in_an_open_directory_only_a_block_hides() {
        let mut matrix = VisibilityMatrix::new(Directory::Open, [AVI, LISA]);
        matrix.add_block(AVI, LISA);
        assert!(!matrix.shows_presence(AVI, LISA) && !matrix.shows_presence(LISA, AVI));
        assert!(matrix.shows_presence(AVI, NOA) && matrix.shows_presence(LISA, NOA));
    }

    #[test]
    fn in_a_closed_directory_a_shared_session_shows_unless_there_is_a_block() {
        let mut matrix = VisibilityMatrix::new(Directory::Closed, [AVI, LISA, NOA]);
        assert!(!matrix.shows_presence(AVI, LISA));
        for (user, session) in [(AVI, BAND), (LISA, BAND), (LISA, CHOIR), (NOA, CHOIR)] {
            matrix.add_session(user, session);
        }
        assert!(matrix.shows_presence(AVI, LISA) && matrix.shows_presence(LISA, AVI));
        assert!(matrix.shows_presence(LISA, NOA));
        assert!(!matrix.shows_presence(AVI, NOA) && !matrix.shows_presence(NOA, AVI));
        matrix.add_block(NOA, LISA);
        assert!(!matrix.shows_presence(LISA, NOA) && !matrix.shows_presence(NOA, LISA));
    }

    #[test]
    fn ones_own_presence_is_always_visible_and_others_only_to_viewers() {
        for directory in [Directory::Open, Directory::Closed] {
            for viewers in [vec![], vec![AVI]] {
                let mut matrix = VisibilityMatrix::new(directory, viewers);
                matrix.add_block(AVI, AVI);
                assert!(matrix.shows_presence(AVI, AVI));
            }
        }
        let matrix = VisibilityMatrix::new(Directory::Open, [AVI]);
        assert!(matrix.covers(AVI) && !matrix.covers(LISA));
        assert!(matrix.shows_presence(AVI, LISA) && !matrix.shows_presence(LISA, AVI));
    }
}
