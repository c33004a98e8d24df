//! Users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Time, UserId};

/// The kind of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserKind {
    Account,
    /// Has only a name, for one visit.
    Guest,
    Bot,
}

/// Online means a live connection, or one lost less than the grace period ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Online,
    Offline,
}

impl From<bool> for Status {
    fn from(online: bool) -> Self {
        if online { Self::Online } else { Self::Offline }
    }
}

/// Who may open a direct session with an account without an invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Accepts {
    /// Any user who finds the name.
    Anyone,
    /// Only users with an accepted invite.
    Invited,
}

/// A user as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct User {
    /// Never reused.
    pub id: UserId,
    /// Unique without regard to case.
    pub username: String,
    /// Shown in place of the username; the same until it is changed.
    pub display_name: String,
    /// Account, guest or bot.
    pub kind: UserKind,
    /// Left out where presence is not visible to the requester.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When the user was last connected; left out where presence is, and where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
    /// The account was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}
