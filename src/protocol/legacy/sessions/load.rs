//! The response to `GET /load`.

use std::collections::BTreeMap;

use super::{MessageBody, json, message_id};
use crate::domain::{Message, SessionId, User, UserId};

/// The sessions of a user as one JSON object of bounded size, written in chunks.
pub(crate) struct Load {
    /// Written and not yet taken.
    json: String,
    /// Bytes taken so far.
    taken: usize,
    max_bytes: usize,
    is_full: bool,
}

impl Load {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { json: "{".to_owned(), taken: 0, max_bytes, is_full: false }
    }

    /// Adds a session with its users and messages (ascending), as many of the newest as fit. Once a session did not fit whole,
    /// no further one is added.
    pub(crate) fn add<'a>(&mut self, session: SessionId, users: impl Iterator<Item = &'a User>, messages: &[Message]) {
        if self.is_full {
            return;
        }
        let users: BTreeMap<UserId, &str> = users.map(|user| (user.id, user.username.as_str())).collect();
        let written = self.taken + self.json.len();
        let comma = if written > 1 { "," } else { "" };
        let head = format!("{comma}\"{session}\":{{\"UserIds\":{},\"Messages\":{{", json(&users));
        // Less the closing braces of this session and of the object.
        let mut left = self.max_bytes.saturating_sub(written + 3).checked_sub(head.len());
        let mut pieces = Vec::new();
        for message in messages.iter().rev().filter(|message| !message.deleted) {
            let piece = format!("\"{}\":{}", message_id(message), json(&MessageBody::of(message)));
            left = left.and_then(|left| left.checked_sub(piece.len() + 1));
            if left.is_none() {
                break;
            }
            pieces.push(piece);
        }
        self.is_full = left.is_none();
        if left.is_none() && pieces.is_empty() {
            return;
        }
        pieces.reverse();
        self.json.push_str(&head);
        self.json.push_str(&pieces.join(","));
        self.json.push_str("}}");
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// The chunk written since the last call.
    pub(crate) fn take(&mut self) -> String {
        self.taken += self.json.len();
        std::mem::take(&mut self.json)
    }

    pub(crate) fn finish(self) -> String {
        self.json + "}"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixtures;

    const SESSION: SessionId = SessionId(7);

    fn message(seq: i64, text: &str) -> Message {
        Message { seq, text: text.to_owned(), ..fixtures::message(SESSION, UserId(1), "avi") }
    }

    fn load(max_bytes: usize, messages: &[Message]) -> String {
        let (users, mut load) = (
            [(1, "avi"), (2, "lisa"), (1, "avi")].map(|(id, name)| fixtures::user(UserId(id), name)),
            Load::new(max_bytes),
        );
        load.add(SESSION, users.iter(), messages);
        load.add(SessionId(8), std::iter::empty(), &[]);
        load.finish()
    }

    #[test]
    fn a_load_has_the_format_of_the_older_system() {
        let gone = Message { deleted: true, text: String::new(), ..message(2, "") };
        let wire = concat!(
            r#"{"0000000000007":{"UserIds":{"0000000000001":"avi","0000000000002":"lisa"},"Messages":{"#,
            r#""0000000000007:1":{"data":"a \"b\"","TimeStamp":"1970-01-01T00:00:00.000Z","Sender":"0000000000001"},"#,
            r#""0000000000007:3":{"data":"c","TimeStamp":"1970-01-01T00:00:00.000Z","Sender":"0000000000001"}}},"#,
            r#""0000000000008":{"UserIds":{},"Messages":{}}}"#
        );
        assert_eq!(load(10_000, &[message(1, "a \"b\""), gone, message(3, "c")]), wire);
        assert_eq!(Load::new(2).finish(), "{}");
    }

    #[test]
    fn chunks_make_up_the_whole() {
        let messages = [message(1, "a"), message(2, "b")];
        let whole = load(10_000, &messages);
        for max_bytes in [whole.len(), whole.len() - 1, whole.len() - 25] {
            let (users, mut chunks) = ([], Load::new(max_bytes));
            chunks.add(SESSION, users.iter(), &messages);
            let mut json = chunks.take();
            chunks.add(SessionId(8), users.iter(), &[]);
            json += &chunks.take();
            json += &chunks.finish();
            let mut at_once = Load::new(max_bytes);
            at_once.add(SESSION, users.iter(), &messages);
            at_once.add(SessionId(8), users.iter(), &[]);
            assert_eq!(json, at_once.finish());
        }
    }

    #[test]
    fn a_load_is_bounded_and_keeps_the_newest_messages() {
        let messages: Vec<Message> = (1..=5).map(|seq| message(seq, &"\\".repeat(40))).collect();
        let whole = load(usize::MAX, &messages).len();
        for max_bytes in 0..=whole {
            let json = load(max_bytes, &messages);
            assert!(json.len() <= max_bytes.max(2), "{} of {max_bytes}", json.len());
            let load: serde_json::Value = serde_json::from_str(&json).unwrap();
            let kept: Vec<&String> =
                load[SESSION.to_string()]["Messages"].as_object().into_iter().flatten().map(|(id, _)| id).collect();
            let newest: Vec<String> = (6 - kept.len()..=5).map(|seq| format!("{SESSION}:{seq}")).collect();
            assert!(kept.iter().copied().eq(&newest), "{kept:?}");
            assert_eq!(load.as_object().unwrap().len() == 2, max_bytes == whole);
        }
    }
}
