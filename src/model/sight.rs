//! Who of some users may see whom of them, for what is told to everybody at once: who came and went, who is active. Looked
//! up once for all who hear it; each of them is then told of those they may see, and of nobody else.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{SessionId, Status, UserId};

/// Who may see whom: in an open directory everybody, in a closed one people who share a direct session, group or room, and
/// never those of whom one has blocked the other.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Those who look, each with those whom they have blocked, or by whom they are blocked.
    blocks: HashMap<UserId, HashSet<UserId>>,
    /// The sessions of each that others are in too; `None` where the directory is open.
    circles: Option<HashMap<UserId, BTreeSet<SessionId>>>,
}

impl Sight {
    /// These look, in an open directory: they see everybody.
    pub fn open(viewers: impl IntoIterator<Item = UserId>) -> Self {
        let blocks = viewers.into_iter().map(|viewer| (viewer, HashSet::new())).collect();
        Self { blocks, circles: None }
    }

    /// These look, in a closed directory: as long as nobody is in a session, each sees nobody but themselves.
    pub fn closed(viewers: impl IntoIterator<Item = UserId>) -> Self {
        Self { circles: Some(HashMap::new()), ..Self::open(viewers) }
    }

    /// A user, who looks or is looked at, is in this session, which is not the lobby.
    pub fn seat(&mut self, user: UserId, session: SessionId) {
        if let Some(circles) = &mut self.circles {
            circles.entry(user).or_default().insert(session);
        }
    }

    /// One of these two has blocked the other.
    pub fn block(&mut self, a: UserId, b: UserId) {
        for (viewer, other) in [(a, b), (b, a)] {
            if let Some(blocks) = self.blocks.get_mut(&viewer) {
                blocks.insert(other);
            }
        }
    }

    /// True for those who were known to look when this was looked up. Whoever came later is told anew, and ignores this.
    pub fn covers(&self, viewer: UserId) -> bool {
        self.blocks.contains_key(&viewer)
    }

    /// Whether `viewer` may see the presence of `other`: always one's own; nobody else's for those whom this does not cover.
    pub fn sees(&self, viewer: UserId, other: UserId) -> bool {
        viewer == other
            || self.blocks.get(&viewer).is_some_and(|blocks| !blocks.contains(&other)) && self.knows(viewer, other)
    }

    fn knows(&self, viewer: UserId, other: UserId) -> bool {
        let Some(circles) = &self.circles else { return true };
        match (circles.get(&viewer), circles.get(&other)) {
            (Some(own), Some(others)) => !own.is_disjoint(others),
            _ => false,
        }
    }
}

/// Users who came online or went offline since the last telling.
#[derive(Clone, Debug)]
pub struct Sighted {
    /// Each once, with their name and as they now are, in the order in which they came and went.
    pub changes: Vec<(UserId, Arc<str>, Status)>,
    /// Who may be told of whom.
    pub sight: Sight,
}

/// Who is active in the lobby: online, with a connection that speaks its dialect, or one lost less than the grace ago.
#[derive(Clone, Debug)]
pub struct Active {
    /// All of them with their names, by name.
    pub users: Vec<(UserId, Arc<str>)>,
    /// Who may be told of whom.
    pub sight: Sight,
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);
    const NOA: UserId = UserId(3);
    const BAND: SessionId = SessionId(1);
    const CHOIR: SessionId = SessionId(2);

    #[test]
    fn everybody_sees_everybody_but_across_a_block() {
        let mut sight = Sight::open([AVI, LISA]);
        sight.block(AVI, LISA);
        assert!(!sight.sees(AVI, LISA) && !sight.sees(LISA, AVI));
        assert!(sight.sees(AVI, NOA) && sight.sees(LISA, NOA));
    }

    #[test]
    fn in_a_closed_directory_only_those_who_share_a_session_see_each_other() {
        let mut sight = Sight::closed([AVI, LISA, NOA]);
        assert!(!sight.sees(AVI, LISA));
        for (user, session) in [(AVI, BAND), (LISA, BAND), (LISA, CHOIR), (NOA, CHOIR)] {
            sight.seat(user, session);
        }
        assert!(sight.sees(AVI, LISA) && sight.sees(LISA, AVI) && sight.sees(LISA, NOA));
        assert!(!sight.sees(AVI, NOA) && !sight.sees(NOA, AVI));
        sight.block(NOA, LISA);
        assert!(!sight.sees(LISA, NOA) && !sight.sees(NOA, LISA), "a block counts in a shared session too");
    }

    #[test]
    fn one_always_sees_oneself() {
        for mut sight in [Sight::open([]), Sight::closed([]), Sight::closed([AVI])] {
            sight.block(AVI, AVI);
            assert!(sight.sees(AVI, AVI));
        }
    }

    #[test]
    fn whoever_came_later_sees_nobody_else() {
        let sight = Sight::open([AVI]);
        assert!(sight.covers(AVI) && !sight.covers(LISA));
        assert!(sight.sees(AVI, LISA) && !sight.sees(LISA, AVI));
    }
}
