//! The list of active users as one viewer sees it.

use std::sync::Arc;

use crate::domain::{ActiveUsers, UserId};

/// Names in one list.
const MAX_USERS: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct RosterDiff {
    last_sent: Option<Arc<ActiveUsers>>,
}

impl RosterDiff {
    /// The names to send to `me`, their own among them. `None` where they see no change, and where the list is from before
    /// they connected: another one follows.
    pub(super) fn update<'a>(&mut self, active: &'a Arc<ActiveUsers>, me: UserId) -> Option<Vec<&'a str>> {
        if !active.visibility.covers(me) {
            return None;
        }
        let before = self.last_sent.replace(Arc::clone(active));
        let is_same = |before: Arc<ActiveUsers>| ids(&before, me).eq(ids(active, me));
        if before.is_some_and(is_same) {
            return None;
        }
        Some(visible(active, me).map(|(_, name)| name).collect())
    }
}

fn ids(active: &ActiveUsers, me: UserId) -> impl Iterator<Item = UserId> + '_ {
    visible(active, me).map(|(user, _)| user)
}

/// The users that `me` sees, of the others so many that one place is left for `me`.
fn visible(active: &ActiveUsers, me: UserId) -> impl Iterator<Item = (UserId, &str)> {
    let mut others = MAX_USERS - 1;
    let users = active.users.iter().filter(move |(user, _)| {
        if *user == me {
            return true;
        }
        let is_visible = others > 0 && active.visibility.shows_presence(me, *user);
        others -= usize::from(is_visible);
        is_visible
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

    fn active(users: &[(UserId, &str)], visibility: VisibilityMatrix) -> Arc<ActiveUsers> {
        let users = users.iter().map(|(user, name)| (*user, (*name).into())).collect();
        Arc::new(ActiveUsers { users, visibility })
    }

    #[test]
    fn a_list_is_sent_only_when_the_viewer_sees_a_change() {
        let (mut his, both) = (RosterDiff::default(), [(AVI, "avi"), (LISA, "lisa")]);
        let blocked = || {
            let mut visibility = open([AVI, LISA]);
            visibility.add_block(AVI, LISA);
            visibility
        };
        assert_eq!(his.update(&active(&both, open([AVI, LISA])), AVI), Some(vec!["avi", "lisa"]));
        assert_eq!(his.update(&active(&both, open([AVI, LISA])), AVI), None);
        assert_eq!(his.update(&active(&both, blocked()), AVI), Some(vec!["avi"]));
        assert_eq!(his.update(&active(&both[..1], open([AVI, LISA])), AVI), None, "an invisible user went offline");
        assert_eq!(his.update(&active(&both, open([AVI, LISA])), AVI), Some(vec!["avi", "lisa"]));
    }

    #[test]
    fn a_list_from_before_the_connection_is_not_sent() {
        let mut hers = RosterDiff::default();
        assert_eq!(hers.update(&active(&[(AVI, "avi")], open([AVI])), LISA), None);
        let now = active(&[(AVI, "avi"), (LISA, "lisa")], open([AVI, LISA]));
        assert_eq!(hers.update(&now, LISA), Some(vec!["avi", "lisa"]));
    }

    #[test]
    fn a_long_list_has_the_viewers_own_name() {
        let last = UserId(5_000);
        let users: Vec<_> = (1..=last.0).map(|id| (UserId(id), format!("u{id:04}").into())).collect();
        let active = Arc::new(ActiveUsers { users, visibility: open([AVI, last]) });
        for viewer in [AVI, last] {
            let names = RosterDiff::default().update(&active, viewer).unwrap();
            assert_eq!(names.len(), MAX_USERS);
            assert!(names.contains(&format!("u{:04}", viewer.0).as_str()) && names.is_sorted());
        }
    }
}
