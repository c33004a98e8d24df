//! What a client asks, in any dialect.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Claim, Emoji, InviteId, Key, Role, SessionId, Text, Title};

/// A name for a command; comes back on its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestId {
    /// The client's own, as the native dialect has it over WebSocket.
    Text(String),
    /// The number of an acknowledgement that the client waits for, or one that a dialect gave.
    Number(u64),
}

/// The same.
pub type Reference = RequestId;

impl RequestId {
    /// The number; `None` for a text.
    pub const fn number(&self) -> Option<u64> {
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
pub enum Target {
    /// A session one is in. `None`: the id named nothing.
    Session(Option<SessionId>),
    /// The direct session with this user, opened where allowed.
    User(String),
}

/// A message that is not kept yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where to.
    pub target: Target,
    /// What.
    pub text: Text,
    /// By which a retry is recognised.
    pub key: Option<Key>,
    /// The `seq` it answers.
    pub reply_to: Option<i64>,
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read up to this `seq`.
    Read(i64),
    /// Received up to this `seq`.
    Received(i64),
}

/// Which invite is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// This one. `None`: the id named nothing.
    Invite(Option<InviteId>),
    /// The one by which this user asked me for a direct session.
    By(String),
}

/// A session to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSession {
    /// With one other user.
    Direct {
        /// Whose name.
        username: String,
    },
    /// By invitation.
    Group {
        /// What to call it.
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
pub enum Amendment {
    /// Another text.
    Edit(Text),
    /// A tombstone.
    Delete,
    /// A reaction more, or one less.
    React {
        /// Which.
        emoji: Emoji,
        /// More or less.
        on: bool,
    },
}

/// What a client asks for over a connection. Session ids that name nothing are kept as `None`: they are answered like
/// any session one is not in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Say who one is; the token may have been told by header or cookie.
    Hello(Option<Claim>),
    /// Say something.
    Send(Draft),
    /// Move a mark forward.
    Mark(Option<SessionId>, Mark),
    /// Tell that one is writing.
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
        /// Which session.
        session: Option<SessionId>,
        /// Only below this `seq`.
        before: Option<i64>,
        /// Only above this `seq`.
        after: Option<i64>,
        /// How many.
        limit: Option<i64>,
    },
    /// List my sessions.
    Sessions {
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// List invites.
    Invites {
        /// `in` or `out`.
        direction: Option<String>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// Change a kept message.
    Amend {
        /// Where.
        session: Option<SessionId>,
        /// Which.
        seq: i64,
        /// How.
        amendment: Amendment,
    },
    /// List who is in a session.
    Members {
        /// Which session.
        session: Option<SessionId>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// Search my sessions.
    Search {
        /// What for.
        query: String,
        /// Only here. `Some(None)`: the id named nothing.
        session: Option<Option<SessionId>>,
        /// Where the last page ended.
        cursor: Option<String>,
    },
    /// Ask a user for a direct session, or into a group.
    Invite {
        /// Whom.
        username: String,
        /// Into which group. `Some(None)`: the id named nothing.
        session: Option<Option<SessionId>>,
    },
    /// Answer an invite.
    Answer {
        /// Which one.
        invite: Asked,
        /// Yes or no.
        accept: bool,
    },
    /// Make a session, or open the direct one that there is.
    Open(NewSession),
    /// Join a room.
    Join {
        /// As somebody has written it.
        code: String,
    },
    /// Leave a session.
    Leave(Option<SessionId>),
    /// Take somebody out of a session.
    Remove {
        /// Which session.
        session: Option<SessionId>,
        /// Whom.
        username: String,
    },
    /// Give somebody a role.
    SetRole {
        /// Where.
        session: Option<SessionId>,
        /// Whom.
        username: String,
        /// Which; `owner` hands over.
        role: Role,
    },
    /// Give a session a title.
    Retitle {
        /// Which session.
        session: Option<SessionId>,
        /// What to call it.
        title: Title,
    },
    /// Is anybody there?
    Ping,
    /// Leave without presence grace.
    Goodbye,
}
