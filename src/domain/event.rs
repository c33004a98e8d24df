//! What clients are told, and who hears it.

use std::sync::Arc;

use super::{
    Active, ConnId, Door, Invite, MemberChange, Message, MessageId, Receipt, Reference, Refusal, Removal, Session,
    SessionId, Sighted, Status, Time, TokenId, Tongue, UserId,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A new message.
    Posted(Arc<Message>),
    /// A message was edited, deleted or reacted to: as it now stands.
    Changed(Arc<Message>),
    /// Somebody came, went or has another role.
    Member {
        /// The session of the membership.
        session: SessionId,
        /// The membership as it now is.
        change: Box<MemberChange>,
    },
    /// A session has another title or code.
    SessionChanged {
        /// The session that changed.
        session: SessionId,
        /// The `rev` of the change.
        rev: i64,
        /// The title from now on.
        title: String,
        /// A room's code from now on; `None` for other sessions.
        code: Option<String>,
    },
    /// A session is no longer one's own: always to one user.
    SessionRemoved {
        /// The session that is gone for them.
        session: SessionId,
        /// The step at which one went; the highest number where the session itself went.
        rev: i64,
        /// Shown to the user.
        reason: Removal,
    },
    /// An ephemeral room: start its grace period, or start it anew. Not sent to clients; ChatServer acts on it.
    Vanishing {
        /// The room.
        room: SessionId,
        /// Somebody other than its creator has been in it, which decides how long it may be empty.
        shared: bool,
    },
    /// A guest who ends when missed may come, or come back. Told to nobody; ChatServer acts on it.
    Expected {
        /// The guest who is expected.
        guest: UserId,
        /// How they were let in, which decides how long they are waited for.
        door: Door,
    },
    /// A room was empty for too long and could not be deleted: to be tried again unless somebody is there. Sent to nobody;
    /// ChatServer acts on it.
    RoomOverdue {
        /// The room that was to end.
        room: SessionId,
        /// How long it was to be empty.
        grace: std::time::Duration,
    },
    /// A guest was gone for too long and could not be ended: to be tried again unless they are back. Sent to nobody;
    /// ChatServer acts on it.
    GuestOverdue(UserId),
    /// A session is now one's own; each viewer has a copy of their own.
    SessionAdded(Box<Session>),
    /// Somebody's marks moved.
    Marked {
        /// The session of the marks.
        session: SessionId,
        /// The member's marks as they now are.
        receipt: Receipt,
    },
    /// Somebody writes.
    Typing {
        /// The session in which they type.
        session: SessionId,
        /// The name of the user who is typing.
        username: Arc<str>,
    },
    /// Somebody came or went.
    Presence {
        /// The user who came online or went offline.
        user: UserId,
        /// The same user's name.
        username: Arc<str>,
        /// Their status from now on.
        status: Status,
        /// When they went offline; `None` while online.
        last_seen: Option<Time>,
    },
    /// Who came and went, gathered, for dialects that tell it of everybody; each hearer is told of those they see.
    Sighted(Arc<Sighted>),
    /// Who is active in the lobby, for its dialect; each hearer is told of those they see.
    Active(Arc<Active>),
    /// Somebody asks.
    Invited(Box<Invite>),
    /// An invite is hidden until then. Not sent to clients; ChatServer has it delivered.
    InviteDeferred(Time),
    /// What one asked was answered.
    InviteAnswered(Box<Invite>),
    /// How far two users see each other's presence has changed. Not sent to clients; ChatServer acts on it.
    Acquainted {
        /// One of the two; the order does not matter.
        a: UserId,
        /// The other one.
        b: UserId,
        /// How far they see each other from now on.
        presence: Acquaintance,
    },
    /// The first block between these two was set, or the last one taken back. Not sent to clients; ChatServer acts on it.
    BlockChanged {
        /// One of the two; the order does not matter.
        a: UserId,
        /// The other one.
        b: UserId,
        /// Their direct session, in which no receipts cross a block.
        direct: Option<SessionId>,
    },
    /// A session that these people shared has ended: those who share nothing else may no longer see each other. Told to
    /// nobody; ChatServer acts on it.
    Parted(Vec<UserId>),
    /// A token ended: its connections end. Told to nobody; ChatServer acts on it.
    TokenEnded(TokenId),
    /// Everything that a connection's snapshot may hold has been told; what follows is newer. Said to nobody.
    CaughtUp,
    /// An answer to one connection's command.
    Answered(Reply),
}

/// How far two users see each other's presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acquaintance {
    /// It is pushed to both.
    Pushed,
    /// They share no session any more, or only large ones: it is pushed no more. An open directory still answers for it.
    Apart,
    /// One has blocked the other, or is gone: it is not visible at all.
    Hidden,
}

/// Who hears an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Every connection in the room of this session.
    Session(SessionId),
    /// Every connection of this user.
    User(UserId),
    /// This connection only.
    Connection(ConnId),
    /// Every connection that speaks this dialect, which is not the native one.
    Speaking(Tongue),
    /// No connection; ChatServer itself acts.
    House,
}

/// An event and its audience.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// Who hears it.
    pub to: Audience,
    /// The acting connection, which gets its answer instead.
    pub except: Option<ConnId>,
    /// What happened.
    pub event: Event,
}

impl Delivery {
    /// `event` for `to`, without exception.
    pub(crate) const fn new(to: Audience, event: Event) -> Self {
        Self { to, except: None, event }
    }

    /// The answer to whoever acts, in the stream; nothing for somebody without a connection, who is answered otherwise.
    pub(crate) fn answer(acting: Acting, answer: Answer) -> Option<Self> {
        let (connection, reference) = acting?;
        let event = Event::Answered(Reply { reference, outcome: Ok(answer) });
        Some(Self::new(Audience::Connection(connection), event))
    }

    /// The same, but not for the acting connection.
    pub(crate) const fn except(mut self, acting: Option<ConnId>) -> Self {
        self.except = acting;
        self
    }
}

/// The connection that asks, and what it calls its command. `None`: somebody without a connection asks.
pub(crate) type Acting = Option<(ConnId, Option<Reference>)>;

/// The answer to a command, on its way to the connection that asked.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The client's own name for the command; without one some answers are not said.
    pub reference: Option<Reference>,
    /// Yes with something, or no.
    pub outcome: Result<Answer, Refusal>,
}

/// What a yes brings.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A kept message.
    Sent {
        /// The session in which it was stored.
        session: SessionId,
        /// This server's own number for it.
        id: MessageId,
        /// Its number in the session.
        seq: i64,
        /// The session's `rev` with it.
        rev: i64,
        /// When it was stored.
        at: Time,
        /// It was stored before, under the same key.
        duplicate: bool,
    },
    /// Marks as they now stand.
    Marked {
        /// Read up to here.
        read: i64,
        /// Messages above `read`, counted up to 1,000.
        unread: i64,
    },
    /// A change was made, or nothing was to change: the `rev` of it, or the present one.
    Changed(i64),
    /// A session that was opened or joined.
    Session(Box<Session>),
    /// An invite that was made, rejected or withdrawn.
    Invite(Box<Invite>),
    /// Nothing more to say.
    Done,
    /// To `ping`.
    Pong,
}
