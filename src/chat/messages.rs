//! Messages to the ChatServer, and from it to the hubs.

use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use crate::domain::{
    Answer, CommitOutput, ConnId, Delivery, Dialect, Disconnect, Draft, Mark, Refusal, RequestId, SessionId, TokenId,
    UserId,
};
use crate::rate_limit::Address;
use crate::store::{Requester, Unanswered};

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Attach {
    /// Never reused.
    pub hub: usize,
    pub recipient: Recipient<Batch>,
}

/// What a hub passes on to its connections: the deliveries in order, then the rest in the order of the fields.
#[derive(Clone, Default, Message)]
#[rtype(result = "()")]
pub(crate) struct Batch {
    pub deliveries: Arc<[Delivery]>,
    /// Connections whose snapshot contains nothing that is delivered after this.
    pub caught_up: Arc<[ConnId]>,
    pub closings: Arc<[(ConnId, Disconnect)]>,
    pub close_all: Option<Disconnect>,
}

/// An authenticated connection begins. It misses nothing from here on: it receives events to its user at once, and those of its
/// rooms once it has entered them.
#[derive(Message)]
#[rtype(result = "Result<(), Refusal>")]
pub(crate) struct Register {
    pub connection: ConnId,
    pub user: UserId,
    pub username: Arc<str>,
    pub token: TokenId,
    pub dialect: Dialect,
    /// The user is a guest who ends when without a connection for too long.
    pub is_transient: bool,
    pub hub: usize,
}

#[derive(Message)]
#[rtype(result = "Entered")]
pub(crate) struct Enter {
    pub connection: ConnId,
    /// The user's sessions, read after the registration.
    pub sessions: Vec<SessionId>,
    /// The users whose presence is pushed to this one, read after the registration.
    pub acquaintances: Vec<UserId>,
}

/// The names of the acquaintances who are online, in order.
#[derive(MessageResponse)]
pub(crate) struct Entered(pub Vec<Arc<str>>);

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Leave {
    pub connection: ConnId,
    /// The client left on purpose: there is no grace period.
    pub goodbye: bool,
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Submit {
    pub sender: UserId,
    pub draft: Draft,
    pub requester: Requester,
    /// Whose lookups of unknown names are counted; `None` where they are not.
    pub from: Option<Address>,
    /// The sending connection receives the event too.
    pub echo: bool,
}

/// Completes once everything submitted before has been handed to the writer: later changes are committed behind it.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct FlushSubmissions;

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct MoveMark {
    pub user: UserId,
    pub session: SessionId,
    pub mark: Mark,
    pub requester: Requester,
}

/// A member is typing; the sender of this has checked the membership.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct SignalTyping {
    pub connection: ConnId,
    /// `None` where it is not shown to anyone.
    pub session: Option<SessionId>,
    /// With one there is a reply.
    pub request_id: Option<RequestId>,
}

#[derive(Message)]
#[rtype(result = "Vec<bool>")]
pub(crate) struct OnlineStatus(pub Vec<UserId>);

#[derive(Message)]
#[rtype(result = "Vec<UserId>")]
pub(crate) struct OnlineUsers;

#[derive(Message)]
#[rtype(result = "(usize, usize)")]
pub(crate) struct LiveCounts;

/// What the writer lets out, and the end of it all: one stream, so that the end comes behind everything that was committed.
pub(crate) enum Fanout {
    /// A commit holds, or has failed and only replies are left.
    Committed {
        outputs: Vec<CommitOutput>,
        /// Connections with a command whose outcome is unknown.
        lost: Unanswered,
    },
    Close(Disconnect),
}

pub(super) type ReplySender = oneshot::Sender<Result<Answer, Refusal>>;
