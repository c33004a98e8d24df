//! How much each user may say, and everybody in the lobby. Whatever is kept and told counts: messages, changes of them, and
//! what one does to a session.

use std::sync::Arc;

use super::{Rate, Throttle};
use crate::model::{Refusal, UserId};

/// The budgets. Cheap to clone; all clones share them.
#[derive(Clone, Debug)]
pub struct Sends(Arc<Budgets>);

#[derive(Debug)]
struct Budgets {
    own: Throttle<UserId>,
    lobby: Throttle<UserId>,
    all_in_lobby: Throttle<()>,
}

impl Sends {
    /// `own` for each user, `lobby` for each user there, and `all_in_lobby` for all of them together.
    pub fn new(own: Rate, lobby: Rate, all_in_lobby: Rate) -> Self {
        Self(Arc::new(Budgets {
            own: Throttle::new(own),
            lobby: Throttle::new(lobby),
            all_in_lobby: Throttle::new(all_in_lobby),
        }))
    }

    /// Takes one of `user`.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn take(&self, user: UserId) -> Result<(), Refusal> {
        self.0.own.take(user).map_err(Refusal::RateLimited)
    }

    /// The same for the lobby.
    ///
    /// # Errors
    /// `rate_limited`.
    pub fn take_in_lobby(&self, user: UserId) -> Result<(), Refusal> {
        self.take(user)?;
        self.0.lobby.take(user).and_then(|()| self.0.all_in_lobby.take(())).map_err(Refusal::RateLimited)
    }
}
