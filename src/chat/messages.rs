//! What the ChatServer is told, and what it tells the workers.

use std::sync::Arc;

use actix::prelude::*;
use tokio::sync::oneshot;

use crate::domain::{
    Answer, ConnId, Delivery, Disconnect, Draft, Mark, Reference, Refusal, SessionId, TokenId, Tongue, UserId,
};
use crate::rate_limit::Address;
use crate::store::{Lost, Origin};

/// A worker's hub introduces itself.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Attach {
    /// Its number; no other hub has had it.
    pub hub: usize,
    /// Where it hears.
    pub recipient: Recipient<Batch>,
}

/// What a hub is to pass on to its connections.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Batch {
    /// In order.
    pub deliveries: Arc<[Delivery]>,
    /// Behind them: connections that end.
    pub closings: Arc<[(ConnId, Disconnect)]>,
    /// Behind them: every connection ends.
    pub all: Option<Disconnect>,
}

/// A connection has said who it is. Nothing is missed from here on: it is told of what concerns its user, and of its
/// rooms once it has entered them.
#[derive(Message)]
#[rtype(result = "Result<(), Refusal>")]
pub(crate) struct Register {
    /// Which.
    pub connection: ConnId,
    /// Whose.
    pub user: UserId,
    /// The user's name.
    pub username: Arc<str>,
    /// By which token.
    pub token: TokenId,
    /// What it speaks.
    pub tongue: Tongue,
    /// The user is a guest who ends when missed for too long.
    pub is_stay: bool,
    /// On which hub.
    pub hub: usize,
}

/// A connection enters the rooms of its user's sessions.
#[derive(Message)]
#[rtype(result = "Entered")]
pub(crate) struct Enter {
    /// Which.
    pub connection: ConnId,
    /// The user's sessions, read after the registration.
    pub sessions: Vec<SessionId>,
    /// The people whose presence is pushed to the user, read after the registration.
    pub acquaintances: Vec<UserId>,
}

/// Who of one's acquaintances is online.
#[derive(MessageResponse)]
pub(crate) struct Entered(pub Vec<Arc<str>>);

/// A connection has ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Leave {
    /// Which.
    pub connection: ConnId,
    /// It said so: no presence grace.
    pub goodbye: bool,
}

/// A message to be kept.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Submit {
    /// Who says it.
    pub sender: UserId,
    /// What, and where.
    pub draft: Draft,
    /// Who waits for the answer.
    pub origin: Origin,
    /// From where, for a name that nobody may have.
    pub from: Option<Address>,
    /// The connection that sends it is told of it too.
    pub echo: bool,
}

/// Answered once everything that was said before is on its way to be kept: what follows takes effect behind it.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Settle;

/// A mark to be moved.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Move {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub session: SessionId,
    /// Which, and how far.
    pub mark: Mark,
    /// Who waits for the answer.
    pub origin: Origin,
}

/// A member writes; membership has been looked at.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Type {
    /// By which connection.
    pub connection: ConnId,
    /// Where; `None` where it is told to nobody.
    pub session: Option<SessionId>,
    /// The client's own name for the command: with one it is answered.
    pub reference: Option<Reference>,
}

/// Which of these users are online, in the same order.
#[derive(Message)]
#[rtype(result = "Vec<bool>")]
pub(crate) struct Online(pub Vec<UserId>);

/// Everybody who is online.
#[derive(Message)]
#[rtype(result = "Vec<UserId>")]
pub(crate) struct Everybody;

/// How many rooms have somebody in them, and how many users are online.
#[derive(Message)]
#[rtype(result = "(usize, usize)")]
pub(crate) struct Census;

/// What one commit lets out, or the end of it all, in one stream so that the end comes behind everything.
pub(crate) enum Outlet {
    /// A commit holds.
    Committed {
        /// In order.
        deliveries: Vec<Delivery>,
        /// Connections whose answer will not come.
        lost: Lost,
    },
    /// Every connection is to end.
    Close(Disconnect),
}

/// Who waits outside of any connection.
pub(super) type Caller = oneshot::Sender<Result<Answer, Refusal>>;
