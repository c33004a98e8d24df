//! Payloads of the broadcasts to all connections of a dialect: computed once, and filtered for each viewer by the
//! [`VisibilityMatrix`] beside them.

use std::sync::Arc;

use super::{Status, UserId, VisibilityMatrix};

/// Users who came online or went offline since the last broadcast of the presence feed.
#[derive(Clone, Debug)]
pub(crate) struct PresenceChanges {
    /// Each user once, with the latest status, in the order of the latest changes.
    pub changes: Vec<(UserId, Arc<str>, Status)>,
    pub visibility: VisibilityMatrix,
}

/// The lobby roster: online users with a connection of the lobby dialect, or one lost less than the grace period ago.
#[derive(Clone, Debug)]
pub(crate) struct ActiveUsers {
    /// Ordered by name.
    pub users: Vec<(UserId, Arc<str>)>,
    pub visibility: VisibilityMatrix,
}
