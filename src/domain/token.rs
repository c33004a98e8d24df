//! Tokens, and how they were obtained.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SessionId, Time, TokenId, User};

/// How a token was obtained. It decides what ends with the token, and the dialect of its Socket.IO connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginMethod {
    Password,
    /// For a guest, who ends with the token.
    Guest,
    /// By the lobby dialect's login, for a transient guest.
    LobbyGuest,
    /// By the room-code form, for a transient guest of this room, who also ends with the room.
    RoomGuest(SessionId),
}

impl LoginMethod {
    /// The room of a guest of the room-code form.
    pub(crate) const fn room(self) -> Option<SessionId> {
        match self {
            Self::RoomGuest(room) => Some(room),
            Self::Password | Self::Guest | Self::LobbyGuest => None,
        }
    }

    /// True for a transient guest, who ends when without a connection for too long.
    pub(crate) const fn is_transient(self) -> bool {
        matches!(self, Self::LobbyGuest | Self::RoomGuest(_))
    }
}

/// A token as a client presents it, not verified yet. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credential(pub String);

impl fmt::Debug for Credential {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Credential")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub user: User,
    pub token: TokenId,
    pub login_method: LoginMethod,
}

/// Where a token is used from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenUse {
    /// As it is shown to the token's owner.
    pub address: String,
    /// The `User-Agent`.
    pub client: Option<String>,
}

/// The login of one device. The secret was returned once and only its hash is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// For `DELETE /tokens/{id}`.
    pub id: TokenId,
    /// The client's name for itself at login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When the login was made.
    pub created_at: Time,
    /// The last use, to within a minute.
    pub last_used_at: Time,
    /// The address of the last use: IPv4 or an IPv6 /64; left out where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_address: Option<String>,
    /// The `User-Agent` of the last use, up to 200 characters; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_client: Option<String>,
    /// When it expires unless it is used before.
    pub expires_at: Time,
    /// True for the token of this request.
    pub current: bool,
}
