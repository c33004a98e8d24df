//! A login as its owner sees it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{SessionId, Time, TokenId, User};

/// Who asks: a user, and the token that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: User,
    /// The token, by id.
    pub token: TokenId,
    /// The room for which the user is here; `None` for all but guests of the room-code form.
    pub room: Option<SessionId>,
}

/// One device's login. The secret itself was told once and is not kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    /// What `DELETE /tokens/{id}` takes.
    pub id: TokenId,
    /// What the client called itself at login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The login.
    pub created_at: Time,
    /// The last use, to within a minute.
    pub last_used_at: Time,
    /// The end unless it is used again before.
    pub expires_at: Time,
    /// True for the token that asks.
    pub current: bool,
}
