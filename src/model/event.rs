//! What clients are told, and who hears it.

use std::sync::Arc;

use super::{ConnId, Invite, Message, Receipt, Reference, Refusal, Session, SessionId, Status, Time, TokenId, UserId};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A new message.
    Posted(Arc<Message>),
    /// A session is now one's own; each viewer has a copy of their own.
    SessionAdded(Box<Session>),
    /// Somebody's marks moved.
    Marked {
        /// Where.
        session: SessionId,
        /// Whose, and how far.
        receipt: Receipt,
    },
    /// Somebody writes.
    Typing {
        /// Where.
        session: SessionId,
        /// Who.
        username: Arc<str>,
    },
    /// Somebody came or went.
    Presence {
        /// Whose.
        user: UserId,
        /// Who.
        username: Arc<str>,
        /// Here or not.
        status: Status,
        /// Since when not.
        last_seen: Option<Time>,
    },
    /// Somebody asks.
    Invited(Box<Invite>),
    /// What one asked was answered.
    InviteAnswered(Box<Invite>),
    /// Two people may, or may no longer, see each other's presence. Told to nobody; ChatServer acts on it.
    Acquainted {
        /// One.
        a: UserId,
        /// The other.
        b: UserId,
        /// May.
        visible: bool,
    },
    /// A token ended: its connections end. Told to nobody; ChatServer acts on it.
    TokenEnded(TokenId),
    /// Everything that a connection's snapshot may hold has been told; what follows is newer. Said to nobody.
    CaughtUp,
    /// An answer to one connection's command.
    Answered(Reply),
}

/// Who hears an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every connection in the room of this session.
    Session(SessionId),
    /// Every connection of this user.
    User(UserId),
    /// This connection only.
    Connection(ConnId),
    /// No connection; ChatServer itself acts.
    House,
}

/// An event and its audience.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Who hears it.
    pub to: Audience,
    /// The acting connection, which gets its answer instead.
    pub except: Option<ConnId>,
    /// What happened.
    pub event: Event,
}

impl Delivery {
    /// `event` for `to`, without exception.
    pub const fn new(to: Audience, event: Event) -> Self {
        Self { to, except: None, event }
    }

    /// The same, but not for the acting connection.
    pub const fn except(mut self, acting: Option<ConnId>) -> Self {
        self.except = acting;
        self
    }
}

/// The answer to a command, on its way to the connection that asked.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The client's own name for the command; without one some answers are not said.
    pub reference: Option<Reference>,
    /// Yes with something, or no.
    pub outcome: Result<Answer, Refusal>,
}

/// What a yes brings.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A kept message.
    Sent {
        /// Where.
        session: SessionId,
        /// Its place.
        seq: i64,
        /// Its step.
        rev: i64,
        /// When.
        at: Time,
        /// It had been kept before.
        duplicate: bool,
    },
    /// Marks as they now stand.
    Marked {
        /// Read up to here.
        read: i64,
        /// Not read yet.
        unread: i64,
    },
    /// A session that was opened.
    Session(Box<Session>),
    /// An invite that was made, rejected or withdrawn.
    Invite(Box<Invite>),
    /// Nothing more to say.
    Done,
    /// To `ping`.
    Pong,
}
