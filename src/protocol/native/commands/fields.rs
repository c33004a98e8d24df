//! Fields that several commands have in common.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::config::Limits;
use crate::domain::{Refusal, SessionId, Text};

#[derive(Deserialize, ToSchema)]
pub(super) struct SessionFields {
    /// A session's id.
    pub session: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct MessageFields {
    /// A session's id.
    pub session: Option<String>,
    /// A message's number.
    pub seq: Option<i64>,
}

pub(super) fn required<T>(field: Option<T>, name: &str) -> Result<T, Refusal> {
    field.ok_or_else(|| Refusal::invalid(format!("`{name}` is missing")))
}

/// A session's id; `None` for text that is no id, which is answered like any session that the user is not a member of.
pub(super) fn session_id(field: Option<String>) -> Result<Option<SessionId>, Refusal> {
    required(field, "session").map(|id| id.parse().ok())
}

pub(super) fn message_text(field: Option<String>, limits: &Limits) -> Result<Text, Refusal> {
    Text::parse(required(field, "text")?, limits.text_bytes)
}
