//! The way to the ChatServer for doors without a connection.

use actix::Addr;
use tokio::sync::oneshot;

use super::messages::{Caller, Census, Everybody, Move, Online, Submit};
use super::server::ChatServer;
use crate::domain::{Answer, Draft, Mark, Refusal, SessionId, UserId};
use crate::store::Origin;

/// Asks the ChatServer and waits for its answer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Chat(pub Addr<ChatServer>);

impl Chat {
    /// Which of these users are online, in the same order.
    pub(crate) async fn online(&self, users: Vec<UserId>) -> Vec<bool> {
        let count = users.len();
        self.0.send(Online(users)).await.unwrap_or_else(|_| vec![false; count])
    }

    /// Everybody who is online.
    pub(crate) async fn everybody(&self) -> Vec<UserId> {
        self.0.send(Everybody).await.unwrap_or_default()
    }

    /// How many rooms have somebody in them, and how many users are online.
    pub(crate) async fn census(&self) -> (usize, usize) {
        self.0.send(Census).await.unwrap_or_default()
    }

    /// Keeps a message and tells it; the answer is [`Answer::Sent`].
    ///
    /// # Errors
    /// Why it was not kept.
    pub(crate) async fn post(&self, sender: UserId, draft: Draft) -> Result<Answer, Refusal> {
        self.ask(|caller| Submit { sender, draft, origin: Origin::Caller(caller), from: None, echo: false }).await
    }

    /// Moves a mark; the answer is [`Answer::Marked`].
    ///
    /// # Errors
    /// `not_found`, `invalid_request`.
    pub(crate) async fn mark(&self, user: UserId, session: SessionId, mark: Mark) -> Result<Answer, Refusal> {
        self.ask(|caller| Move { user, session, mark, origin: Origin::Caller(caller) }).await
    }

    async fn ask<M>(&self, message: impl FnOnce(Caller) -> M) -> Result<Answer, Refusal>
    where
        M: actix::Message<Result = ()> + Send + 'static,
        ChatServer: actix::Handler<M>,
    {
        let (caller, answer) = oneshot::channel();
        // A REST request waits for its answer, so there is no more in the mailbox than there are requests.
        self.0.send(message(caller)).await.map_err(|_| Refusal::Unavailable)?;
        answer.await.unwrap_or(Err(Refusal::Unknown))
    }
}
