//! What the server itself does after a commit.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Answer, Audience, ConnId, Delivery, Event, LoginMethod, NodeId, Reply, RequestId, SessionId, Time, TokenId, UserId,
};

/// A consequence of a commit that no client receives: the ChatServer acts on it.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// The grace period of an ephemeral room starts, or starts anew.
    RoomGraceStarted {
        room: SessionId,
        /// A user other than its creator has been a member, which decides how long the room may be empty.
        shared: bool,
    },
    /// A transient guest was let in or gave a sign of life, and may connect until a deadline that depends on the login method.
    GuestExpected { guest: UserId, login_method: LoginMethod },
    /// A room had been empty for all of `grace`, and its deletion failed: to be retried unless a member has connected.
    RoomOverdue { room: SessionId, grace: Duration },
    /// A transient guest had been without a connection for too long, and ending them failed: to be retried unless they are back.
    GuestOverdue(UserId),
    /// An invite is hidden from its recipient until then.
    InviteDeferred(Time),
    /// How far two users see each other's presence has changed. The order of the two does not matter.
    AcquaintanceChanged { a: UserId, b: UserId, presence: Acquaintance },
    /// The first block between two users was set, or the last one removed. The order of the two does not matter.
    BlockChanged {
        a: UserId,
        b: UserId,
        /// Their direct session, in which receipts do not cross a block.
        direct: Option<SessionId>,
    },
    /// A session was deleted; those of its members who share no other may no longer see each other.
    SessionDissolved(Vec<UserId>),
    /// A token ended, and its connections with it.
    TokenEnded(TokenId),
    /// Users came online or went offline at a node, this one or another.
    Attended { node: NodeId, users: Vec<Attendance> },
    /// Ephemeral rooms with a connection at a node, each with whether it has one now.
    RoomsOccupied { node: NodeId, rooms: Vec<(SessionId, bool)> },
    /// Another node has stopped or is dead: its users and rooms are no longer there.
    NodeEnded(NodeId),
    /// The other nodes have taken this one for dead: it has another id, what it knew of other nodes is void, and connections
    /// have missed events.
    NodeRejoined,
    /// This node reaches neither the database nor the other nodes: its connections may miss events.
    NodeIsolated,
    /// The database has another history than before: what clients know may not be in it.
    HistoryReplaced,
    /// Everything that the snapshot of a connection may contain has been delivered: later events are newer.
    CaughtUp(ConnId),
}

/// Whether a user is online at one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attendance {
    pub user: UserId,
    pub username: Arc<str>,
    pub is_online: bool,
    /// Offline on purpose: there is no grace period, at other nodes neither.
    pub is_goodbye: bool,
    /// On the roster of the lobby dialect.
    pub in_lobby: bool,
    /// A guest who ends when without a connection for too long.
    pub is_transient: bool,
    /// When that changed.
    pub at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquaintance {
    /// It is pushed to both.
    Pushed,
    /// They share no session, or only large ones: it is not pushed. In an open directory it is still visible on request.
    Apart,
    /// One has blocked the other, or was deleted: it is not visible.
    Hidden,
}

/// One entry of the ordered output of a commit: an event for clients, or an effect for the ChatServer.
#[derive(Clone, Debug)]
pub(crate) enum CommitOutput {
    Event(Delivery),
    Effect(Effect),
}

impl CommitOutput {
    pub(crate) const fn event(to: Audience, event: Event) -> Self {
        Self::Event(Delivery::new(to, event))
    }

    /// The reply to a command of a connection; `None` for a requester without one, who is answered by its caller.
    pub(crate) fn reply(acting: ReplyTo, answer: Answer) -> Option<Self> {
        let (connection, request_id) = acting?;
        let reply = Reply { request_id, outcome: Ok(answer) };
        Some(Self::event(Audience::Connection(connection), Event::Reply(reply)))
    }

    pub(crate) const fn except(mut self, connection: Option<ConnId>) -> Self {
        if let Self::Event(delivery) = &mut self {
            delivery.except = connection;
        }
        self
    }
}

/// The connection that sent a command, and the command's id. `None` for a REST request.
pub(crate) type ReplyTo = Option<(ConnId, Option<RequestId>)>;
