//! Messages.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::{SessionId, Time, UserId};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageKind {
    Text,
    /// The server, to report what happened to the session.
    Notice,
}

/// The number of a message on this server, counted through all sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId(pub i64);

/// A message as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Message {
    /// Only for dialects of older systems that have one.
    #[serde(skip)]
    pub id: MessageId,
    /// The session it was sent to.
    pub session: SessionId,
    /// Its number in the session: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// The `rev` of its last change.
    pub rev: i64,
    /// The sender's id, also after the account was deleted.
    pub sender: UserId,
    /// The sender's name.
    pub username: String,
    /// The sender's display name. Only for dialects of older systems that show it.
    #[serde(skip)]
    pub shown: Arc<str>,
    /// Text or notice.
    pub kind: MessageKind,
    /// Empty once it is deleted.
    pub text: String,
    /// When it was stored; never decreases within a session.
    pub at: Time,
    /// The `seq` of the message that it replies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Usernames of mentioned members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// When its text was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    /// A tombstone: its text was erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Usernames by emoji.
    #[serde(default, skip_serializing_if = "Reactions::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>)]
    pub reactions: Reactions,
    /// The text was cut for a preview.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// A piece of a found text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Piece {
    /// As it is in the text.
    pub text: String,
    /// It matches the query.
    pub hit: bool,
}

/// A message that matches a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Hit {
    /// The whole message.
    #[serde(flatten)]
    pub message: Message,
    /// The text around the first match, in order.
    pub snippet: Vec<Piece>,
}

/// Usernames by emoji, both in the order of the reactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reactions(pub Vec<(String, Vec<String>)>);

impl Reactions {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

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

impl<'de> Deserialize<'de> for Reactions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Reactions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of emojis")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Reactions, M::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Reactions(all))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

impl Message {
    /// For a preview: the text ends after this many characters.
    pub(crate) fn cut_at(mut self, characters: usize) -> Self {
        if let Some((at, _)) = self.text.char_indices().nth(characters) {
            self.text.truncate(at);
            self.cut = true;
        }
        self
    }
}
