//! What was said.

use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{SessionId, Time, UserId};

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageKind {
    /// A person wrote it.
    Text,
    /// The session tells what happened to it.
    Notice,
}

/// This server's own number for a message, counted up through all sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId(pub i64);

/// A message as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Message {
    /// This server's own number for it. Said only where an older system has a word for it.
    #[serde(skip)]
    pub id: MessageId,
    /// The session it was sent to.
    pub session: SessionId,
    /// Its name and place in the session: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// The session's step at which it last changed.
    pub rev: i64,
    /// The sender's id, also after the account was deleted.
    pub sender: UserId,
    /// The sender's name.
    pub username: String,
    /// What people read in place of it. Said only where an older system has a word for it.
    #[serde(skip)]
    pub shown: Arc<str>,
    /// Text or notice.
    pub kind: MessageKind,
    /// What was said; empty once it is deleted.
    pub text: String,
    /// When it was kept; never goes back within a session.
    pub at: Time,
    /// The `seq` it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Names of members whom the text mentions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// When its text was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    /// A tombstone: the text is gone everywhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Who reacted how.
    #[serde(skip_serializing_if = "Reactions::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    pub reactions: Reactions,
    /// The text was cut for a preview.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// Usernames by emoji, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reactions(pub Vec<(String, Vec<String>)>);

impl Reactions {
    /// True where nobody reacted.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one more.
    pub(crate) fn add(&mut self, emoji: String, username: String) {
        match self.0.iter_mut().find(|(known, _)| *known == emoji) {
            Some((_, names)) => names.push(username),
            None => self.0.push((emoji, vec![username])),
        }
    }
}

impl Serialize for Reactions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (emoji, names) in &self.0 {
            map.serialize_entry(emoji, names)?;
        }
        map.end()
    }
}

impl Message {
    /// The same message for a preview: its text ends after `characters`.
    pub(crate) fn cut_at(mut self, characters: usize) -> Self {
        if let Some((at, _)) = self.text.char_indices().nth(characters) {
            self.text.truncate(at);
            self.cut = true;
        }
        self
    }
}
