//! What a client asks, in any dialect.

use std::collections::BTreeMap;

use super::{InviteId, Key, SessionId, Text};

/// The client's own name for a command; comes back on its answer.
pub type Reference = String;

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

/// What a client asks for over a connection. Session ids that name nothing are kept as `None`: they are answered like
/// any session one is not in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Say who one is; the token may have been told by header or cookie.
    Hello(Option<String>),
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
    /// Ask a user for a direct session.
    Invite {
        /// Whom.
        username: String,
    },
    /// Answer an invite.
    Answer {
        /// Which one.
        invite: Asked,
        /// Yes or no.
        accept: bool,
    },
    /// Open a direct session.
    Open {
        /// With whom.
        username: String,
    },
    /// Is anybody there?
    Ping,
    /// Leave without presence grace.
    Goodbye,
}
