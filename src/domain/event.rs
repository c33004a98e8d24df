//! Events and their audiences.

use std::sync::Arc;

use super::{
    ActiveUsers, ConnId, Dialect, Invite, MemberChange, Message, PresenceChanges, Receipt, Removal, Reply, Session,
    SessionId, Status, Time, UserId,
};

/// What a client can receive. What only the server reacts to is an [`Effect`](super::Effect).
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A new message.
    Posted(Arc<Message>),
    /// A message that was edited, deleted or reacted to, in its present state.
    Changed(Arc<Message>),
    /// A member joined, left, was removed or has another role.
    Member { session: SessionId, change: Box<MemberChange> },
    /// A session has another title or code.
    SessionChanged {
        session: SessionId,
        rev: i64,
        title: String,
        /// `None` for all but rooms.
        code: Option<String>,
    },
    /// The user is no longer a member, or the session was deleted; always to one user.
    SessionRemoved {
        session: SessionId,
        /// The `rev` at which the membership ended; `i64::MAX` where the session was deleted.
        rev: i64,
        reason: Removal,
    },
    /// The user is a member from now on; each member receives their own view.
    SessionAdded(Box<Session>),
    /// A member's marks moved.
    Marked { session: SessionId, receipt: Receipt },
    /// A member is typing.
    Typing { session: SessionId, username: Arc<str> },
    /// An acquaintance came online or went offline.
    Presence {
        username: Arc<str>,
        status: Status,
        /// `None` while online.
        last_seen: Option<Time>,
    },
    /// The presence feed; only for the contacts dialect.
    PresenceFeed(Arc<PresenceChanges>),
    /// The lobby roster; only for the lobby dialect.
    LobbyRoster(Arc<ActiveUsers>),
    /// An invite to the user.
    Invited(Box<Invite>),
    /// An invite of the user was accepted, rejected or withdrawn.
    InviteAnswered(Box<Invite>),
    /// The reply to a command of one connection.
    Reply(Reply),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Every connection in the room of this session.
    Session(SessionId),
    User(UserId),
    Connection(ConnId),
    /// Every connection of this dialect; never the native one.
    Dialect(Dialect),
}

#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub to: Audience,
    /// A connection of the audience that does not receive it: the one that sent the command, and receives a reply.
    pub except: Option<ConnId>,
    pub event: Event,
}

impl Delivery {
    pub(crate) const fn new(to: Audience, event: Event) -> Self {
        Self { to, except: None, event }
    }

    pub(crate) const fn except(mut self, connection: Option<ConnId>) -> Self {
        self.except = connection;
        self
    }
}
