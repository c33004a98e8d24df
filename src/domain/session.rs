//! Sessions and their members.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Message, SessionId, Time, User};

/// The kind of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionKind {
    /// Of exactly two users, one for each pair.
    Direct,
    Group,
    Room,
    /// The one session that every user is a member of.
    Lobby,
}

/// What a member may do. Ordered: a higher role includes the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Member,
    /// Moderates: invites and removes members, sets the title, deletes messages.
    Admin,
    Owner,
}

/// The state of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MemberState {
    Joined,
    Left,
    Removed,
}

/// Why a session was removed for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    Left,
    Removed,
    Deleted,
    /// The room was empty for too long.
    Emptied,
    /// The user is not a member, or no longer, or there is no such session.
    NotFound,
}

/// A user in a session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Member {
    /// The user, without presence.
    pub user: User,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub joined_at: Time,
}

/// A session as one of its members sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Session {
    /// For commands and routes.
    pub id: SessionId,
    /// Direct, group, room or lobby.
    pub kind: SessionKind,
    /// For a direct session the other user's name.
    pub title: String,
    /// The code of a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The role of the requester.
    pub role: Role,
    /// Up to 20 members, the earliest first; left out for the lobby.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// The number of members.
    pub member_count: i64,
    /// The newest message, its text cut at 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// The `seq` of the newest message, 0 before the first.
    pub seq: i64,
    /// The revision of the newest durable change.
    pub rev: i64,
    /// Up to this `seq` the requester has read.
    pub read: i64,
    /// Messages of others above `read`, counted up to 1,000.
    pub unread: i64,
    /// When it was created.
    pub created_at: Time,
}
