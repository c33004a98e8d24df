//! What was said.

use serde::Serialize;
use utoipa::ToSchema;

use super::{SessionId, Time, UserId};

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// A person wrote it.
    Text,
    /// The session tells what happened to it.
    Notice,
}

/// A message as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Message {
    /// Where it was said.
    pub session: SessionId,
    /// Its name and place in the session: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// The session's step at which it last changed.
    pub rev: i64,
    /// Who said it.
    pub sender: UserId,
    /// The sender's name.
    pub username: String,
    /// Text or notice.
    pub kind: MessageKind,
    /// What was said.
    pub text: String,
    /// When it was kept; never goes back within a session.
    pub at: Time,
    /// The `seq` it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// The text was cut for a preview.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Message {
    /// The same message for a preview: its text ends after `characters`.
    pub fn cut_at(mut self, characters: usize) -> Self {
        if let Some((at, _)) = self.text.char_indices().nth(characters) {
            self.text.truncate(at);
            self.cut = true;
        }
        self
    }
}
