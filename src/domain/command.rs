//! What a client asks, in any dialect.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Claim, Emoji, InviteId, Key, Role, SessionId, Text, Title};

/// A name for a command; comes back on its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestId {
    /// The client's own, as the native dialect has it over WebSocket.
    Text(String),
    /// The number of an acknowledgement that the client waits for, or one that a dialect gave.
    Number(u64),
}

/// The same.
pub(crate) type Reference = RequestId;

impl RequestId {
    /// The number; `None` for a text.
    pub(crate) const fn number(&self) -> Option<u64> {
        match self {
            Self::Text(_) => None,
            Self::Number(number) => Some(*number),
        }
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// Always as a string.
impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => to.serialize_str(text),
            Self::Number(number) => to.collect_str(number),
        }
    }
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A session one is in. `None`: the id named nothing.
    Session(Option<SessionId>),
    /// The direct session with this user, opened where allowed.
    User(String),
}

/// A message that is not kept yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The session or user it goes to.
    pub target: Target,
    /// Checked for size and content.
    pub text: Text,
    /// By which a retry is recognised.
    pub key: Option<Key>,
    /// The `seq` it answers.
    pub reply_to: Option<i64>,
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Read up to this `seq`.
    Read(i64),
    /// Received up to this `seq`.
    Received(i64),
}

/// Which invite is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// This one. `None`: the id named nothing.
    Invite(Option<InviteId>),
    /// The one by which this user asked me for a direct session.
    By(String),
}

/// A session to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NewSession {
    /// With one other user.
    Direct {
        /// The other user's name, in any case.
        username: String,
    },
    /// By invitation.
    Group {
        /// Shown to all members.
        title: Title,
        /// Who is to be in it.
        usernames: Vec<String>,
        /// By which a retry is recognised.
        key: Option<Key>,
    },
    /// Joined by code.
    Room {
        /// What to call it.
        title: Option<Title>,
        /// It stays when nobody is there.
        keep: bool,
        /// By which a retry is recognised.
        key: Option<Key>,
    },
}

/// What is to become of a kept message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amendment {
    /// Another text.
    Edit(Text),
    /// A tombstone.
    Delete,
    /// A reaction more, or one less.
    React {
        /// Checked to be one emoji.
        emoji: Emoji,
        /// True adds the reaction, false takes it back.
        on: bool,
    },
}

/// What a client asks for over a connection. Session ids that name nothing are kept as `None`: they are answered like
/// any session one is not in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Authenticate. `None`: the token came by header or cookie.
    Hello(Option<Claim>),
    /// Send a message.
    Send(Draft),
    /// Move a mark forward. `None`: the id named nothing.
    Mark(Option<SessionId>, Mark),
    /// Signal that one is typing. `None`: the id named nothing.
    Typing(Option<SessionId>),
    /// Catch up from these revs.
    Sync {
        /// Ids as the client knows them, with the rev it holds of each.
        sessions: BTreeMap<String, i64>,
        /// The epoch the revs are from.
        epoch: Option<String>,
    },
    /// Read messages, ascending.
    History {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// Only below this `seq`.
        before: Option<i64>,
        /// Only above this `seq`.
        after: Option<i64>,
        /// The default number of messages without it.
        limit: Option<i64>,
    },
    /// List my sessions.
    Sessions {
        /// The `next` of the page before; `None` for the first page.
        cursor: Option<String>,
    },
    /// List invites.
    Invites {
        /// `in` or `out`.
        direction: Option<String>,
        /// The `next` of the page before; `None` for the first page.
        cursor: Option<String>,
    },
    /// Change a kept message.
    Amend {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// The message's number in its session.
        seq: i64,
        /// What becomes of it.
        amendment: Amendment,
    },
    /// List who is in a session.
    Members {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// The `next` of the page before; `None` for the first page.
        cursor: Option<String>,
    },
    /// Search my sessions.
    Search {
        /// The words as they were typed.
        query: String,
        /// Only here. `Some(None)`: the id named nothing.
        session: Option<Option<SessionId>>,
        /// The `next` of the page before; `None` for the first page.
        cursor: Option<String>,
    },
    /// Ask a user for a direct session, or into a group.
    Invite {
        /// The addressee's name, in any case.
        username: String,
        /// The group to join; a direct session without it. `Some(None)`: the id named nothing.
        session: Option<Option<SessionId>>,
    },
    /// Answer an invite.
    Answer {
        /// By its id or by its sender.
        invite: Asked,
        /// True accepts, false rejects.
        accept: bool,
    },
    /// Make a session, or open the direct one that there is.
    Open(NewSession),
    /// Join a room.
    Join {
        /// As it was typed: case, spaces and hyphens do not matter.
        code: String,
    },
    /// Leave a session. `None`: the id named nothing.
    Leave(Option<SessionId>),
    /// Take somebody out of a session.
    Remove {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// The member's name, in any case.
        username: String,
    },
    /// Give somebody a role.
    SetRole {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// The member's name, in any case.
        username: String,
        /// `owner` transfers ownership.
        role: Role,
    },
    /// Give a session a title.
    Retitle {
        /// `None`: the id named nothing.
        session: Option<SessionId>,
        /// Shown to all members.
        title: Title,
    },
    /// Ask for a `pong`.
    Ping,
    /// Leave without presence grace.
    Goodbye,
}
