//! The two kinds of errors for clients: a refusal keeps the connection, a disconnect ends it.

use std::fmt;

/// Every error that a client can receive as a reply, each with a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request is malformed, with the field and the reason.
    Invalid(String),
    /// Login with an unknown username (400).
    UnknownLogin,
    Unauthenticated,
    /// Login with a wrong password (401).
    WrongPassword,
    /// Wrong password of a user who is logged in, to change or delete their account (403).
    WrongCurrentPassword,
    Forbidden(&'static str),
    InviteRequired,
    Blocked,
    /// It does not exist, or is not visible to the requester.
    NotFound,
    UnknownUser,
    /// No user has this one of several names.
    UnknownName(String),
    UnknownRoom,
    UsernameTaken,
    AlreadyConnected,
    KeyConflict,
    /// A limit on the number of something is reached, with the message.
    LimitReached(&'static str),
    InviteClosed,
    TooLarge(String),
    UnsupportedMediaType,
    /// Too many failed attempts; milliseconds until a retry may succeed.
    TooManyAttempts(u64),
    /// Too many requests; milliseconds until a retry may succeed.
    RateLimited(u64),
    /// A queue is full; nothing was stored.
    Busy,
    /// The database is unavailable; nothing was stored.
    Unavailable,
    /// The outcome of a commit is unknown: it may or may not be stored. A connection is closed with `1013` instead.
    Unknown,
    /// Unexpected; logged where it happened.
    Internal,
}

impl Refusal {
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid(detail.into())
    }

    pub(crate) const fn code(&self) -> &'static str {
        self.code_and_text().0
    }

    const fn code_and_text(&self) -> (&'static str, &str) {
        match self {
            Self::Invalid(detail) => ("invalid_request", detail.as_str()),
            Self::UnknownLogin | Self::UnknownUser | Self::UnknownName(_) => {
                ("unknown_user", "There is no user with this name.")
            }
            Self::UnknownRoom => {
                ("unknown_room", "No room has this code. It may have been replaced, or the room has ended.")
            }
            Self::Unauthenticated => {
                ("unauthenticated", "Log in first: the token is missing, unknown, revoked or expired.")
            }
            Self::WrongPassword => ("wrong_password", "Wrong username or password."),
            Self::WrongCurrentPassword => ("wrong_password", "`current_password` is wrong. Nothing was changed."),
            Self::Forbidden(why) => ("forbidden", why),
            Self::InviteRequired => {
                ("invite_required", "This user only talks to people they have accepted. Send an invite first.")
            }
            Self::Blocked => ("blocked", "You have blocked this user. Unblock them first."),
            Self::NotFound => ("not_found", "This does not exist, or you do not have access to it."),
            Self::UsernameTaken => ("username_taken", "This name is taken or reserved. Choose another."),
            Self::AlreadyConnected => ("already_connected", "This user is already in this session."),
            Self::KeyConflict => {
                ("key_conflict", "This `key` was already used with other content. Use a new key for new content.")
            }
            Self::LimitReached(why) => ("limit_reached", why),
            Self::InviteClosed => ("invite_closed", "This invite was already answered, was withdrawn or has expired."),
            Self::TooLarge(detail) => ("too_large", detail.as_str()),
            Self::UnsupportedMediaType => ("unsupported_media_type", "Send `Content-Type: application/json`."),
            Self::TooManyAttempts(_) => ("too_many_attempts", "Too many attempts. Try again later."),
            Self::RateLimited(_) => ("rate_limited", "Too many requests. Try again later."),
            Self::Busy => ("busy", "The server is overloaded. Nothing was stored; try again later."),
            Self::Unavailable => ("unavailable", "The database is unavailable. Try again with the same key."),
            Self::Unknown => ("internal", "It is not known whether this was stored. Try again with the same key."),
            Self::Internal => ("internal", "Something went wrong on the server. Try again with the same key."),
        }
    }

    /// Milliseconds until a retry may succeed; `None` where it cannot.
    pub(crate) const fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::TooManyAttempts(ms) | Self::RateLimited(ms) => Some(*ms),
            Self::Busy => Some(1_000),
            Self::Unavailable => Some(2_000),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName(name) => write!(f, "There is no user named `{name}`."),
            _ => f.write_str(self.code_and_text().1),
        }
    }
}

/// Why the server closes a connection, which decides whether the client reconnects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disconnect {
    /// The client left on purpose or closed first.
    Goodbye,
    /// A violation of RFC 6455.
    Protocol,
    NotUtf8,
    /// A frame or message above the size limit.
    TooLarge,
    Restart,
    /// Too many connections, or the outcome of a commit is unknown.
    TryLater,
    /// The outbound buffer is full.
    TooSlow,
    HeartbeatMissed,
    /// It ignored `rate_limited` refusals.
    Flooding,
    /// Ten malformed frames in a row.
    NotTheProtocol,
    Unauthenticated,
    TokenEnded,
    NoHello,
}

impl Disconnect {
    /// The WebSocket close code.
    pub(crate) const fn code(self) -> u16 {
        self.code_and_reason().0
    }

    const fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::Goodbye => (1000, ""),
            Self::Protocol => (1002, "not a WebSocket frame"),
            Self::NotUtf8 => (1007, "not UTF-8"),
            Self::TooLarge => (1009, "frame too large"),
            Self::Restart => (1012, "retry_after_ms="),
            Self::TryLater => (1013, "retry_after_ms="),
            Self::TooSlow => (4008, "too slow"),
            Self::HeartbeatMissed => (4009, "heartbeat missed"),
            Self::Flooding => (4029, "flooding"),
            Self::NotTheProtocol => (4500, "not the protocol"),
            Self::Unauthenticated => (4501, "not authenticated"),
            Self::TokenEnded => (4502, "token ended"),
            Self::NoHello => (4503, "no hello in time"),
        }
    }

    /// The reason on the wire. Where the client is to reconnect it ends with a delay, which `spread` (any number, another for each
    /// connection) varies so that not all connections return at once.
    pub(crate) fn reason(self, spread: u64) -> String {
        let (_, reason) = self.code_and_reason();
        match self {
            Self::Restart => format!("{reason}{}", 500 + spread % 2_500),
            Self::TryLater => format!("{reason}{}", 1_000 + spread % 4_000),
            _ => reason.to_owned(),
        }
    }
}
