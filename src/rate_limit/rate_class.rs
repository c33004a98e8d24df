//! What a request or command costs. Every route of REST names a [`RateClass`] in its table, and every command has one here.

use crate::domain::{Command, Page, SessionId};

/// What is counted beside the rates that everything has: requests of a user by HTTP, frames of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RateClass {
    /// Nothing: there is no user yet. What strangers may try is bounded by the services, by address.
    Anonymous,
    /// Nothing more.
    Basic,
    /// A message. The ChatServer counts it in the order of sends, and the writer refuses it only where its idempotency key is
    /// new: a retry is recognised before rates are applied.
    Message,
    /// A change to a session.
    Change,
    /// A change to a message. In the lobby it counts against the lobby's rates too.
    Amendment,
    /// An invite. It is refused too while the address has looked up too many unknown names.
    Invite,
    Search,
    /// A new session. The service counts it inside the transaction that knows whether one is made: neither a retry with a
    /// known key nor a direct session that exists is counted.
    NewSession,
}

/// The class of one request or command, and the session that it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub class: RateClass,
    pub session: Option<SessionId>,
}

impl Cost {
    /// The cost of a command. One that is malformed is refused without being counted.
    pub(crate) fn of(command: &Command) -> Self {
        let class = match command {
            Command::Amend { session: Some(session), .. } => {
                return Self { class: RateClass::Amendment, session: Some(*session) };
            }
            Command::Amend { session: None, .. }
            | Command::Leave(None)
            | Command::Remove { session: None, .. }
            | Command::SetRole { session: None, .. }
            | Command::Retitle { session: None, .. }
            | Command::Invite { session: Some(None), .. }
            | Command::Search { session: Some(None), .. }
            | Command::Hello(_)
            | Command::Mark(..)
            | Command::Typing(_)
            | Command::Sync { .. }
            | Command::History { .. }
            | Command::Sessions { .. }
            | Command::Invites { .. }
            | Command::Members { .. }
            | Command::Answer { .. }
            | Command::Ping
            | Command::Goodbye => RateClass::Basic,
            Command::Send(_) => RateClass::Message,
            Command::Join { .. }
            | Command::Leave(Some(_))
            | Command::Remove { .. }
            | Command::SetRole { .. }
            | Command::Retitle { .. } => RateClass::Change,
            Command::Invite { .. } => RateClass::Invite,
            Command::Search { cursor, .. } if Page::parse(None, cursor.as_deref()).is_err() => RateClass::Basic,
            Command::Search { .. } => RateClass::Search,
            Command::Open(_) => RateClass::NewSession,
        };
        Self { class, session: None }
    }
}
