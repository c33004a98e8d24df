//! The two ways to say no: a refusal keeps the connection, a disconnect ends it.

use std::fmt;

/// Every no that a client can hear, each with a stable code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request cannot be understood; says which field and why.
    Invalid(String),
    /// Login with a name nobody has (400), and only there.
    UnknownLogin,
    /// No token, or none that counts.
    Unauthenticated,
    /// The password does not match.
    WrongPassword,
    /// The password that somebody gives who is logged in, to change or delete their account, does not match (403).
    WrongCurrentPassword,
    /// Not yours to do; says why.
    Forbidden(&'static str),
    /// This user accepts only the invited.
    InviteRequired,
    /// The asker has blocked that user.
    Blocked,
    /// No such thing, or none that the asker may know of.
    NotFound,
    /// Nobody has that name.
    UnknownUser,
    /// One of several names is nobody's; says which.
    UnknownName(String),
    /// No room has that code, whatever it may once have had.
    UnknownRoom,
    /// The name is taken.
    UsernameTaken,
    /// There is a direct session already, or that user is a member already.
    AlreadyConnected,
    /// The same key with another content.
    KeyConflict,
    /// A number that may not grow further; says which.
    LimitReached(&'static str),
    /// The invite was answered, withdrawn or expired.
    InviteClosed,
    /// Above a size limit; says which.
    TooLarge(String),
    /// Not JSON.
    UnsupportedMediaType,
    /// Too many failures; milliseconds until trying again helps.
    TooManyAttempts(u64),
    /// Too fast; milliseconds until trying again helps.
    RateLimited(u64),
    /// More waits than can be kept up with; nothing was kept.
    Busy,
    /// The store is out of reach.
    Unavailable,
    /// A commit did not answer: the change may or may not have been kept. A connection is closed with `1013` instead.
    Unknown,
    /// Something that should not happen; logged where it did.
    Internal,
}

impl Refusal {
    /// `invalid_request` with its reason.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid(detail.into())
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_request",
            Self::UnknownLogin | Self::UnknownUser | Self::UnknownName(_) => "unknown_user",
            Self::UnknownRoom => "unknown_room",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongPassword | Self::WrongCurrentPassword => "wrong_password",
            Self::Forbidden(_) => "forbidden",
            Self::InviteRequired => "invite_required",
            Self::Blocked => "blocked",
            Self::NotFound => "not_found",
            Self::UsernameTaken => "username_taken",
            Self::AlreadyConnected => "already_connected",
            Self::KeyConflict => "key_conflict",
            Self::LimitReached(_) => "limit_reached",
            Self::InviteClosed => "invite_closed",
            Self::TooLarge(_) => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::RateLimited(_) => "rate_limited",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Unknown | Self::Internal => "internal",
        }
    }

    /// How long to wait before trying again helps, in milliseconds; `None` where it does not.
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
        if let Self::UnknownName(name) = self {
            return write!(f, "There is no user named `{name}`.");
        }
        f.write_str(match self {
            Self::Invalid(detail) | Self::TooLarge(detail) => detail,
            Self::UnknownLogin | Self::UnknownUser | Self::UnknownName(_) => "There is no user with this name.",
            Self::UnknownRoom => "No room has this code. It may have been replaced, or the room has ended.",
            Self::Unauthenticated => "Log in first: the token is missing, unknown, revoked or expired.",
            Self::WrongPassword => "Wrong username or password.",
            Self::WrongCurrentPassword => "`current_password` is wrong. Nothing was changed.",
            Self::Forbidden(why) | Self::LimitReached(why) => why,
            Self::InviteRequired => "This user only talks to people they have accepted. Send an invite first.",
            Self::Blocked => "You have blocked this user. Unblock them first.",
            Self::NotFound => "This does not exist, or you do not have access to it.",
            Self::UsernameTaken => "This name is taken or reserved. Choose another.",
            Self::AlreadyConnected => "This user is already in this session.",
            Self::KeyConflict => "This `key` was already used with other content. Use a new key for new content.",
            Self::InviteClosed => "This invite was already answered, was withdrawn or has expired.",
            Self::UnsupportedMediaType => "Send `Content-Type: application/json`.",
            Self::TooManyAttempts(_) => "Too many attempts. Try again later.",
            Self::RateLimited(_) => "Too many requests. Try again later.",
            Self::Busy => "The server is overloaded. Nothing was stored; try again later.",
            Self::Unavailable => "The database is unavailable. Try again with the same key.",
            Self::Unknown => "It is not known whether this was stored. Try again with the same key.",
            Self::Internal => "Something went wrong on the server. Try again with the same key.",
        })
    }
}

/// Why the server ends a connection, and whether to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disconnect {
    /// The client said goodbye or closed first.
    Goodbye,
    /// Not what a WebSocket speaks (RFC 6455).
    Protocol,
    /// Text that is not UTF-8.
    NotUtf8,
    /// A frame or message above the limit.
    TooLarge,
    /// The server restarts.
    Restart,
    /// Come back later: too many connections, or the outcome of a commit is unknown.
    TryLater,
    /// What waits for this connection passed its bound.
    TooSlow,
    /// A ping stayed unanswered.
    HeartbeatMissed,
    /// It went on although told that it was too fast.
    Flooding,
    /// Ten things in a row that are not the protocol.
    NotTheProtocol,
    /// The token is no good.
    Unauthenticated,
    /// The token ended.
    TokenEnded,
    /// No hello in time.
    NoHello,
}

impl Disconnect {
    /// The close code on the wire.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Goodbye => 1000,
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
            Self::Restart => 1012,
            Self::TryLater => 1013,
            Self::TooSlow => 4008,
            Self::HeartbeatMissed => 4009,
            Self::Flooding => 4029,
            Self::NotTheProtocol => 4500,
            Self::Unauthenticated => 4501,
            Self::TokenEnded => 4502,
            Self::NoHello => 4503,
        }
    }

    /// The reason on the wire. Where coming back is asked for it says after how many milliseconds; `spread` (any
    /// number, another for each connection) keeps everyone from coming back at once.
    pub(crate) fn reason(self, spread: u64) -> String {
        match self {
            Self::Restart => format!("retry_after_ms={}", 500 + spread % 2_500),
            Self::TryLater => format!("retry_after_ms={}", 1_000 + spread % 4_000),
            Self::Goodbye => String::new(),
            Self::Protocol => "not a WebSocket frame".to_owned(),
            Self::NotUtf8 => "not UTF-8".to_owned(),
            Self::TooLarge => "frame too large".to_owned(),
            Self::TooSlow => "too slow".to_owned(),
            Self::HeartbeatMissed => "heartbeat missed".to_owned(),
            Self::Flooding => "flooding".to_owned(),
            Self::NotTheProtocol => "not the protocol".to_owned(),
            Self::Unauthenticated => "not authenticated".to_owned(),
            Self::TokenEnded => "token ended".to_owned(),
            Self::NoHello => "no hello in time".to_owned(),
        }
    }
}
