//! Commands, in any dialect.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{Credential, Emoji, InviteId, Key, Role, SessionId, Text, Title};

/// The id of a command, which its reply carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestId {
    /// Chosen by the client, as in the native dialect over a WebSocket.
    Text(String),
    /// The number of a Socket.IO acknowledgement, or one that a dialect has assigned.
    Number(u64),
}

impl RequestId {
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Session(Option<SessionId>),
    /// The direct session with this user, which is opened where allowed.
    User(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub target: Target,
    pub text: Text,
    pub key: Option<Key>,
    /// A `seq`.
    pub reply_to: Option<i64>,
}

/// How far a member has come in a session, as a `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Read(i64),
    Received(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InviteSelector {
    Invite(Option<InviteId>),
    /// The pending invite of this user to a direct session.
    By(String),
}

/// A session to be opened. Usernames are in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NewSession {
    /// With this user.
    Direct { username: String },
    Group {
        title: Title,
        /// The members, or those who are invited where they do not accept anyone.
        usernames: Vec<String>,
        key: Option<Key>,
    },
    Room {
        title: Option<Title>,
        /// It is kept when empty.
        keep: bool,
        key: Option<Key>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Amendment {
    /// Replaces the text.
    Edit(Text),
    /// Leaves a tombstone.
    Delete,
    /// Adds (`on`) or removes a reaction.
    React { emoji: Emoji, on: bool },
}

/// A client's command. Where an id that is no id was given, it is `None`: the reply is the same as for an unknown session.
/// Usernames are in any case. A `cursor` is the `next` of the previous page, `None` for the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Authenticates. `None`: with the token of a header or cookie.
    Hello(Option<Credential>),
    /// Stores and delivers a message.
    Send(Draft),
    /// Moves a mark forward.
    Mark(Option<SessionId>, Mark),
    /// Signals that the user is typing.
    Typing(Option<SessionId>),
    /// Catches up.
    Sync {
        /// Session ids as the client sent them, each with the `rev` that it has.
        sessions: BTreeMap<String, i64>,
        /// The epoch of these revs.
        epoch: Option<String>,
    },
    /// Lists messages between two `seq`s, ascending.
    History { session: Option<SessionId>, before: Option<i64>, after: Option<i64>, limit: Option<i64> },
    /// Lists the user's sessions.
    Sessions { cursor: Option<String> },
    /// Lists invites.
    Invites {
        /// `in` or `out`.
        direction: Option<String>,
        cursor: Option<String>,
    },
    /// Changes a stored message.
    Amend { session: Option<SessionId>, seq: i64, amendment: Amendment },
    /// Lists the members of a session.
    Members { session: Option<SessionId>, cursor: Option<String> },
    /// Searches the user's sessions.
    Search {
        query: String,
        /// Only this session; `Some(None)` where the given id is none.
        session: Option<Option<SessionId>>,
        cursor: Option<String>,
    },
    /// Invites a user.
    Invite {
        username: String,
        /// The group to join, or `None` for a direct session; `Some(None)` where the given id is none.
        session: Option<Option<SessionId>>,
    },
    /// Accepts or rejects an invite.
    Answer { invite: InviteSelector, accept: bool },
    /// Opens a session, or returns the existing direct one.
    Open(NewSession),
    /// Joins a room by its code, which is not parsed yet.
    Join { code: String },
    /// Ends the user's own membership.
    Leave(Option<SessionId>),
    /// Removes a member.
    Remove { session: Option<SessionId>, username: String },
    /// Gives a member a role; `owner` transfers the ownership.
    SetRole { session: Option<SessionId>, username: String, role: Role },
    /// Gives a group or room another title.
    Retitle { session: Option<SessionId>, title: Title },
    /// Checks the connection.
    Ping,
    /// Leaves without a presence grace period.
    Goodbye,
}
