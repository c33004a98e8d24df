//! How much each user may say and change, and everybody in the lobby. Whatever is kept and told counts: messages, and what
//! one does to messages and sessions, each with a budget of its own.

use std::sync::Arc;

use super::{Rate, Throttle};
use crate::domain::{Refusal, UserId};

/// The budgets. Cheap to clone; all clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Sends(Arc<Budgets>);

#[derive(Debug)]
struct Budgets {
    messages: Throttle<UserId>,
    changes: Throttle<UserId>,
    lobby: Throttle<UserId>,
    all_in_lobby: Throttle<()>,
}

impl Sends {
    /// `own` is how many messages each user may send, and how many changes they may make; `lobby` how many of both for each
    /// user there, and `all_in_lobby` for all of them together.
    pub(crate) fn new(own: Rate, lobby: Rate, all_in_lobby: Rate) -> Self {
        Self(Arc::new(Budgets {
            messages: Throttle::new(own),
            changes: Throttle::new(own),
            lobby: Throttle::new(lobby),
            all_in_lobby: Throttle::new(all_in_lobby),
        }))
    }

    /// A message of `user`; `in_lobby` says where.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn say(&self, user: UserId, in_lobby: bool) -> Result<(), Refusal> {
        self.0.messages.take(user).map_err(Refusal::RateLimited)?;
        self.enter(user, in_lobby)
    }

    /// A change that `user` makes, to a message or a session; `in_lobby` says where.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn change(&self, user: UserId, in_lobby: bool) -> Result<(), Refusal> {
        self.0.changes.take(user).map_err(Refusal::RateLimited)?;
        self.enter(user, in_lobby)
    }

    fn enter(&self, user: UserId, in_lobby: bool) -> Result<(), Refusal> {
        if !in_lobby {
            return Ok(());
        }
        self.0.lobby.take(user).and_then(|()| self.0.all_in_lobby.take(())).map_err(Refusal::RateLimited)
    }
}
