//! The ChatServer as request handlers use it.

use actix::Addr;
use tokio::sync::oneshot;

use super::messages::{LiveCounts, MoveMark, OnlineStatus, OnlineUsers, ReplySender, Submit};
use super::server::ChatServer;
use crate::domain::{Answer, Draft, Mark, Refusal, SessionId, UserId};
use crate::store::Requester;

/// Sends requests to the ChatServer and awaits the replies. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Chat(pub Addr<ChatServer>);

impl Chat {
    /// Which of these users are online, in the same order.
    pub(crate) async fn online(&self, users: Vec<UserId>) -> Vec<bool> {
        let count = users.len();
        self.0.send(OnlineStatus(users)).await.unwrap_or_else(|_| vec![false; count])
    }

    pub(crate) async fn online_users(&self) -> Vec<UserId> {
        self.0.send(OnlineUsers).await.unwrap_or_default()
    }

    /// The number of rooms with a connection, and of users who are online.
    pub(crate) async fn live_counts(&self) -> (usize, usize) {
        self.0.send(LiveCounts).await.unwrap_or_default()
    }

    /// Stores and delivers a message. The answer is [`Answer::Sent`].
    pub(crate) async fn post(&self, sender: UserId, draft: Draft) -> Result<Answer, Refusal> {
        self.request(|caller| Submit { sender, draft, requester: Requester::Caller(caller), from: None, echo: false })
            .await
    }

    /// Moves a mark. The answer is [`Answer::Marked`].
    ///
    /// # Errors
    /// `not_found`, `invalid_request`.
    pub(crate) async fn mark(&self, user: UserId, session: SessionId, mark: Mark) -> Result<Answer, Refusal> {
        self.request(|caller| MoveMark { user, session, mark, requester: Requester::Caller(caller) }).await
    }

    async fn request<M>(&self, message: impl FnOnce(ReplySender) -> M) -> Result<Answer, Refusal>
    where
        M: actix::Message<Result = ()> + Send + 'static,
        ChatServer: actix::Handler<M>,
    {
        let (caller, reply) = oneshot::channel();
        // A REST request awaits its reply, so there is no more in the mailbox than there are requests.
        self.0.send(message(caller)).await.map_err(|_| Refusal::Unavailable)?;
        reply.await.unwrap_or(Err(Refusal::Unknown))
    }
}
