//! Who sees what of whom: the one policy, without I/O. The facts that it needs are read in `store/visibility`.
//!
//! Users who are gone are no subject here: nobody finds them. Whether somebody is a guest makes no difference, and sharing the
//! lobby does not count, since everybody is in it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Accepts, SessionId, SessionKind, UserId};

/// Presence is pushed in groups and rooms of up to so many members.
pub(crate) const PRESENCE_UP_TO: usize = 200;

/// Who finds whom by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Directory {
    /// Everyone who is logged in finds everyone.
    Open,
    /// Only people who share a direct session, group or room find each other.
    Closed,
}

/// The closest session that two users share, the most distant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shared {
    /// None but the lobby.
    Nothing,
    /// A group or room in which presence is not pushed, because it has too many members.
    Crowd,
    /// A group or room in which presence is pushed.
    Group,
    /// A direct session.
    Direct,
}

impl Shared {
    /// What two members of a session of this kind and size share by it.
    pub(crate) const fn by(kind: SessionKind, members: usize) -> Self {
        match kind {
            SessionKind::Lobby => Self::Nothing,
            SessionKind::Direct => Self::Direct,
            SessionKind::Group | SessionKind::Room if members <= PRESENCE_UP_TO => Self::Group,
            SessionKind::Group | SessionKind::Room => Self::Crowd,
        }
    }

    /// True where a session is close enough for presence and typing to be pushed to its members.
    pub(crate) fn is_close(self) -> bool {
        self >= Self::Group
    }
}

/// What two different users have to do with each other. Everything here and all that follows from it holds both ways, except
/// [`Relation::is_contact`], which depends on whom the subject accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The closest session they share. Where only a more distant one is known, less is visible, never more.
    pub shared: Shared,
    /// Either has blocked the other. A block hides both from each other, so that the blocked user cannot recognise it.
    pub is_blocked: bool,
}

impl Relation {
    /// Two users without a block who share nothing.
    pub(crate) const STRANGERS: Self = Self { shared: Shared::Nothing, is_blocked: false };

    /// The subject is found by name and listed in the directory. A block does not hide that somebody exists.
    pub(crate) fn shows_profile(self, directory: Directory) -> bool {
        directory == Directory::Open || self.shared > Shared::Nothing
    }

    /// The subject's status and `last_seen` are visible on request, and to connections that follow all users.
    pub(crate) fn shows_presence(self, directory: Directory) -> bool {
        self.shows_profile(directory) && !self.is_blocked
    }

    /// Changes of the subject's status are pushed.
    pub(crate) fn pushes_presence(self) -> bool {
        self.shared.is_close() && !self.is_blocked
    }

    /// The viewer may write to the subject directly without an invite, and sees them among the contacts.
    pub(crate) fn is_contact(self, directory: Directory, accepts: Accepts) -> bool {
        let is_open = accepts == Accepts::Anyone && self.shows_profile(directory);
        !self.is_blocked && (self.shared == Shared::Direct || is_open)
    }
}

/// Which of some users' presence each of some viewers may see, looked up once for what is broadcast to all of them.
#[derive(Clone, Debug)]
pub(crate) struct VisibilityMatrix {
    directory: Directory,
    /// The viewers, each with those with whom there is a block.
    blocks: HashMap<UserId, HashSet<UserId>>,
    /// Sessions of viewers and subjects, as far as others of them are members too.
    sessions: HashMap<UserId, BTreeSet<SessionId>>,
}

impl VisibilityMatrix {
    /// Of these viewers, who share no session with anybody and have no blocks.
    pub(crate) fn new(directory: Directory, viewers: impl IntoIterator<Item = UserId>) -> Self {
        let blocks = viewers.into_iter().map(|viewer| (viewer, HashSet::new())).collect();
        Self { directory, blocks, sessions: HashMap::new() }
    }

    /// A viewer or subject is a member of this session, which is not the lobby.
    pub(crate) fn add_session(&mut self, user: UserId, session: SessionId) {
        self.sessions.entry(user).or_default().insert(session);
    }

    /// One of these two has blocked the other.
    pub(crate) fn add_block(&mut self, a: UserId, b: UserId) {
        for (viewer, other) in [(a, b), (b, a)] {
            if let Some(blocks) = self.blocks.get_mut(&viewer) {
                blocks.insert(other);
            }
        }
    }

    /// True for the viewers. Somebody who connected after the lookup gets a broadcast of their own, and ignores this one.
    pub(crate) fn covers(&self, viewer: UserId) -> bool {
        self.blocks.contains_key(&viewer)
    }

    /// Whether the viewer may see the presence of `subject`: always one's own, and nobody else's for whom this does not cover.
    pub(crate) fn shows_presence(&self, viewer: UserId, subject: UserId) -> bool {
        if viewer == subject {
            return true;
        }
        let Some(blocks) = self.blocks.get(&viewer) else { return false };
        let shared = if self.share(viewer, subject) { Shared::Crowd } else { Shared::Nothing };
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

    const SHARED: [Shared; 4] = [Shared::Nothing, Shared::Crowd, Shared::Group, Shared::Direct];

    /// Everything that a viewer may see of a subject who accepts anyone, and who does not.
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
        use Shared::{Crowd, Direct, Group, Nothing};
        let cases: [(Directory, Shared, bool, &[&str]); 16] = [
            (Open, Nothing, false, &["profile", "presence", "contact"]),
            (Open, Crowd, false, &["profile", "presence", "contact"]),
            (Open, Group, false, &["profile", "presence", "push", "contact"]),
            (Open, Direct, false, &["profile", "presence", "push", "contact", "contact by invite"]),
            (Open, Nothing, true, &["profile"]),
            (Open, Crowd, true, &["profile"]),
            (Open, Group, true, &["profile"]),
            (Open, Direct, true, &["profile"]),
            (Closed, Nothing, false, &[]),
            (Closed, Crowd, false, &["profile", "presence", "contact"]),
            (Closed, Group, false, &["profile", "presence", "push", "contact"]),
            (Closed, Direct, false, &["profile", "presence", "push", "contact", "contact by invite"]),
            (Closed, Nothing, true, &[]),
            (Closed, Crowd, true, &["profile"]),
            (Closed, Group, true, &["profile"]),
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
            (SessionKind::Lobby, 2, Shared::Nothing),
            (SessionKind::Direct, 2, Shared::Direct),
            (SessionKind::Group, PRESENCE_UP_TO, Shared::Group),
            (SessionKind::Room, PRESENCE_UP_TO, Shared::Group),
            (SessionKind::Group, PRESENCE_UP_TO + 1, Shared::Crowd),
            (SessionKind::Room, PRESENCE_UP_TO + 1, Shared::Crowd),
        ] {
            assert_eq!(Shared::by(kind, members), shared, "{kind:?} of {members}");
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
