//! Stored conversations and who is in them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Message, SessionId, Time, User};

/// What sort of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionKind {
    /// Exactly two users, one per pair.
    Direct,
    /// By invitation, with roles.
    Group,
    /// Joined by code.
    Room,
    /// One per server, everybody is in it.
    Lobby,
}

/// What a member may do. Ordered: whoever is more may do what the lesser may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// Reads, writes, leaves.
    Member,
    /// Invites, removes, gives a title, deletes messages.
    Admin,
    /// Everything.
    Owner,
}

/// What became of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MemberState {
    /// In it.
    Joined,
    /// Left by themselves.
    Left,
    /// Was removed.
    Removed,
}

/// Why a session is no longer one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    /// The user left.
    Left,
    /// The user was removed.
    Removed,
    /// The session was deleted.
    Deleted,
    /// Nobody was in the room for too long.
    Emptied,
    /// Not, or no longer, a session of one's own: it cannot be told which.
    NotFound,
}

/// A user in a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    /// The user, without presence.
    pub user: User,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Time,
}

/// A session as one of its members sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// By which commands and routes name it.
    pub id: SessionId,
    /// Direct, group, room or lobby.
    pub kind: SessionKind,
    /// What to call it; for a direct session the other's username.
    pub title: String,
    /// By which a room is joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// My own role.
    pub role: Role,
    /// Up to 20 people of it, longest-standing first; left out for the lobby.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// How many people are in it.
    pub member_count: i64,
    /// The newest message, its text cut at 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Message>,
    /// The newest message's number, 0 before the first.
    pub seq: i64,
    /// The newest durable change.
    pub rev: i64,
    /// Up to where I have read.
    pub read: i64,
    /// Messages of others above my `read`, counted up to 1,000.
    pub unread: i64,
    /// When it was made.
    pub created_at: Time,
}
