//! An index of who sees whose presence: from a subject, who may be online at another node, to the viewers at this one. Without
//! it each change at another node would look through all users.

use std::collections::{HashMap, HashSet};

use crate::domain::UserId;

#[derive(Debug, Default)]
pub(super) struct ViewerIndex {
    viewers: HashMap<UserId, HashSet<UserId>>,
}

impl ViewerIndex {
    pub(super) fn set(&mut self, subject: UserId, viewer: UserId, sees: bool) {
        if sees {
            self.viewers.entry(subject).or_default().insert(viewer);
        } else if let Some(viewers) = self.viewers.get_mut(&subject) {
            viewers.remove(&viewer);
            if viewers.is_empty() {
                self.viewers.remove(&subject);
            }
        }
    }

    pub(super) fn of(&self, subject: UserId) -> impl Iterator<Item = UserId> + '_ {
        self.viewers.get(&subject).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_without_viewers_is_forgotten() {
        let mut index = ViewerIndex::default();
        index.set(UserId(1), UserId(2), true);
        index.set(UserId(1), UserId(2), true);
        index.set(UserId(1), UserId(3), false);
        assert_eq!(index.of(UserId(1)).collect::<Vec<_>>(), [UserId(2)]);
        index.set(UserId(1), UserId(2), false);
        assert!(index.of(UserId(1)).next().is_none() && index.viewers.is_empty());
    }
}
