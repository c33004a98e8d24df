//! Everything alive: the ChatServer actor and what it owns.

use crate::model::{Answer, Draft, Mark, Refusal, SessionId, UserId};

/// The way to the ChatServer, for doors without a connection. Cheap to clone.
#[derive(Clone)]
pub struct Chat;

impl Chat {
    /// Which of these users are online, in the same order.
    pub async fn online(&self, users: Vec<UserId>) -> Vec<bool> {
        users.iter().map(|_| false).collect()
    }

    /// Keeps a message and tells it; the answer is `Answer::Sent`.
    ///
    /// # Errors
    /// Why it was not kept.
    pub async fn post(&self, _sender: UserId, _draft: Draft) -> Result<Answer, Refusal> {
        Err(Refusal::Internal)
    }

    /// Moves a mark; the answer is `Answer::Marked`.
    ///
    /// # Errors
    /// `not_found`, `invalid_request`.
    pub async fn mark(&self, _user: UserId, _session: SessionId, _mark: Mark) -> Result<Answer, Refusal> {
        Err(Refusal::Internal)
    }
}
