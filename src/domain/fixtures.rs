//! Values for unit tests.

use super::{Message, MessageId, MessageKind, Reactions, SessionId, Time, User, UserId, UserKind};

/// A text, the first in its session.
pub(crate) fn message(session: SessionId, sender: UserId, username: &str) -> Message {
    Message {
        id: MessageId(9),
        session,
        seq: 1,
        rev: 1,
        sender,
        username: username.to_owned(),
        shown: "Somebody".into(),
        kind: MessageKind::Text,
        text: "a \"b\"".to_owned(),
        at: Time(0),
        reply_to: None,
        mentions: Vec::new(),
        edited_at: None,
        deleted: false,
        reactions: Reactions::default(),
        cut: false,
    }
}

pub(crate) fn user(id: UserId, username: &str) -> User {
    User {
        id,
        username: username.to_owned(),
        display_name: "Somebody".to_owned(),
        kind: UserKind::Account,
        status: None,
        last_seen: None,
        deleted: false,
    }
}
