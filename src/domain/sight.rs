//! What is broadcast to everybody who follows all users: who came and went, who is active. Each receiver takes from it what
//! they may see.

use std::sync::Arc;

use super::{Status, UserId, VisibilityMatrix};

/// Users who came online or went offline since the last broadcast.
#[derive(Clone, Debug)]
pub(crate) struct Sighted {
    /// Each once, with their name and as they now are, in the order in which they came and went.
    pub changes: Vec<(UserId, Arc<str>, Status)>,
    /// Who may see which of them.
    pub visibility: VisibilityMatrix,
}

/// Who is active in the lobby: online, with a connection that speaks its dialect, or one lost less than the grace ago.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    /// All of them with their names, by name.
    pub users: Vec<(UserId, Arc<str>)>,
    /// Who may see which of them.
    pub visibility: VisibilityMatrix,
}
