//! Stored conversations and who is in them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Message, SessionId, Time, User};

/// What sort of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// Exactly two users, one per pair.
    Direct,
    /// By invitation, with roles.
    Group,
    /// Joined by code.
    Room,
    /// One per server, everybody is in it.
    Lobby,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Owner,
    /// Invite, remove, title, delete messages.
    Admin,
    /// The rest.
    Member,
}

/// What became of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// In it.
    Joined,
    /// Went.
    Left,
    /// Was removed.
    Removed,
}

/// A user in a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    pub user: User,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Time,
}

/// A session as one of its members sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Direct, group, room or lobby.
    pub kind: SessionKind,
    /// What to call it; for a direct session the other's username.
    pub title: String,
    /// My own role.
    pub role: Role,
    /// Up to 20 people of it.
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
