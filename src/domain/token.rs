//! Logins: the door by which somebody came in, who asks, and a login as its owner sees it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SessionId, Time, TokenId, User};

/// How somebody came in. It decides what ends with the login, and which dialect its Socket.IO connections speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// With a password.
    Login,
    /// As a guest, whose visit ends with the login.
    Guests,
    /// By the lobby dialect's login, as a guest who ends when missed for too long.
    Lobby,
    /// By the room-code form, as a guest of this room, who ends with it and when missed for too long.
    Rooms(SessionId),
}

impl Door {
    /// The room for which somebody is here; `None` for all but guests of the room-code form.
    pub(crate) const fn room(self) -> Option<SessionId> {
        match self {
            Self::Rooms(room) => Some(room),
            Self::Login | Self::Guests | Self::Lobby => None,
        }
    }

    /// True for a stay: a guest who ends when they have been without a connection for too long.
    pub(crate) const fn is_stay(self) -> bool {
        matches!(self, Self::Lobby | Self::Rooms(_))
    }
}

/// A token as somebody has said it, before it was looked at. No `Debug` shows it.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Claim(pub String);

impl fmt::Debug for Claim {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Claim")
    }
}

/// Who asks: a user, and the token that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The user whose token it is.
    pub user: User,
    /// The token, by id.
    pub token: TokenId,
    /// By which the user came in.
    pub door: Door,
}

/// From where and by what a token is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenUse {
    /// An address as its owner is to read it.
    pub address: String,
    /// What the client calls itself.
    pub client: Option<String>,
}

/// One device's login. The secret itself was told once and is not kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// What `DELETE /tokens/{id}` takes.
    pub id: TokenId,
    /// What the client called itself at login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When the login was made.
    pub created_at: Time,
    /// The last use, to within a minute.
    pub last_used_at: Time,
    /// From where it was used last: an IPv4 address or an IPv6 /64; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_address: Option<String>,
    /// What the client of the last use called itself (its `User-Agent`, up to 200 characters); left out where it said nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_client: Option<String>,
    /// The end unless it is used again before.
    pub expires_at: Time,
    /// True for the token that asks.
    pub current: bool,
}
