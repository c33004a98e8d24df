//! Who talks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Time, UserId};

/// How a user came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserKind {
    /// Has a password.
    Account,
    /// A name only, for a visit.
    Guest,
    /// A program.
    Bot,
}

/// Online means a live connection, or one lost less than the grace period ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Reachable now.
    Online,
    /// Not reachable.
    Offline,
}

impl From<bool> for Status {
    fn from(online: bool) -> Self {
        if online { Self::Online } else { Self::Offline }
    }
}

/// Who may open a direct session with an account without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Accepts {
    /// Whoever knows the name.
    Anyone,
    /// Only who was invited, or whose invite was accepted.
    Invited,
}

/// A user as others see one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct User {
    /// Never reused.
    pub id: UserId,
    /// Unique without regard to case.
    pub username: String,
    /// What people read; the username until it is changed.
    pub display_name: String,
    /// Account, guest or bot.
    pub kind: UserKind,
    /// Left out where the asker may not see presence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The last moment this user was connected; left out where presence is, and while nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
    /// The account is gone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}
