//! The list of active users as one of them sees it.

use std::sync::Arc;

use super::ACTIVE_UP_TO;
use crate::domain::{Active, UserId};

/// Whom one user was told of last.
#[derive(Debug, Default)]
pub(super) struct Listed {
    told: Option<Arc<Active>>,
}

impl Listed {
    /// Whom `me` is to be told of now, oneself included, by name; `None` where nothing is new, and where the list was looked
    /// up before `me` came: another one follows.
    pub(super) fn news<'a>(&mut self, active: &'a Arc<Active>, me: UserId) -> Option<Vec<&'a str>> {
        if !active.visibility.covers(me) {
            return None;
        }
        let before = self.told.replace(Arc::clone(active));
        let is_same = |before: Arc<Active>| ids(&before, me).eq(ids(active, me));
        if before.is_some_and(is_same) {
            return None;
        }
        Some(seen(active, me).map(|(_, name)| name).collect())
    }
}

fn ids(active: &Active, me: UserId) -> impl Iterator<Item = UserId> + '_ {
    seen(active, me).map(|(user, _)| user)
}

/// Those of whom `me` is told: of others only so many that there is a place for oneself.
fn seen(active: &Active, me: UserId) -> impl Iterator<Item = (UserId, &str)> {
    let mut others = ACTIVE_UP_TO - 1;
    let users = active.users.iter().filter(move |(user, _)| {
        if *user == me {
            return true;
        }
        let is_seen = others > 0 && active.visibility.shows_presence(me, *user);
        others -= usize::from(is_seen);
        is_seen
    });
    users.map(|(user, name)| (*user, name.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Directory, VisibilityMatrix};

    const AVI: UserId = UserId(1);
    const LISA: UserId = UserId(2);

    fn open<const N: usize>(viewers: [UserId; N]) -> VisibilityMatrix {
        VisibilityMatrix::new(Directory::Open, viewers)
    }

    fn active(users: &[(UserId, &str)], visibility: VisibilityMatrix) -> Arc<Active> {
        let users = users.iter().map(|(user, name)| (*user, (*name).into())).collect();
        Arc::new(Active { users, visibility })
    }

    #[test]
    fn what_is_the_same_for_one_viewer_is_not_repeated() {
        let (mut his, both) = (Listed::default(), [(AVI, "avi"), (LISA, "lisa")]);
        let blocked = || {
            let mut visibility = open([AVI, LISA]);
            visibility.add_block(AVI, LISA);
            visibility
        };
        assert_eq!(his.news(&active(&both, open([AVI, LISA])), AVI), Some(vec!["avi", "lisa"]));
        assert_eq!(his.news(&active(&both, open([AVI, LISA])), AVI), None);
        assert_eq!(his.news(&active(&both, blocked()), AVI), Some(vec!["avi"]));
        assert_eq!(his.news(&active(&both[..1], open([AVI, LISA])), AVI), None, "whom he does not see has gone");
        assert_eq!(his.news(&active(&both, open([AVI, LISA])), AVI), Some(vec!["avi", "lisa"]));
    }

    #[test]
    fn a_list_from_before_one_came_is_not_told() {
        let mut hers = Listed::default();
        assert_eq!(hers.news(&active(&[(AVI, "avi")], open([AVI])), LISA), None);
        let now = active(&[(AVI, "avi"), (LISA, "lisa")], open([AVI, LISA]));
        assert_eq!(hers.news(&now, LISA), Some(vec!["avi", "lisa"]));
    }

    #[test]
    fn in_a_long_list_there_is_a_place_for_oneself() {
        let last = UserId(5_000);
        let users: Vec<_> = (1..=last.0).map(|id| (UserId(id), format!("u{id:04}").into())).collect();
        let active = Arc::new(Active { users, visibility: open([AVI, last]) });
        for viewer in [AVI, last] {
            let names = Listed::default().news(&active, viewer).unwrap();
            assert_eq!(names.len(), ACTIVE_UP_TO);
            assert!(names.contains(&format!("u{:04}", viewer.0).as_str()) && names.is_sorted());
        }
    }
}
