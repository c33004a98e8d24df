//! Everything that a client loads before it connects.

use std::collections::BTreeMap;

use super::{Said, has_words, message_id};
use crate::domain::{Message, SessionId, User, UserId};

/// What `GET /load` answers, written piece by piece and never longer than it may be.
pub(crate) struct Load {
    /// What has been written and not been taken.
    json: String,
    /// How much has been taken.
    taken: usize,
    most: usize,
    is_full: bool,
}

impl Load {
    /// Nothing yet, and at most so many bytes ever.
    pub(crate) fn new(most: usize) -> Self {
        Self { json: "{".to_owned(), taken: 0, most, is_full: false }
    }

    /// Adds a session with its people and messages (ascending), as many of the newest as still fit; nothing more once one did
    /// not fit whole.
    pub(crate) fn add<'a>(&mut self, session: SessionId, people: impl Iterator<Item = &'a User>, messages: &[Message]) {
        if self.is_full {
            return;
        }
        let people: BTreeMap<UserId, &str> = people.map(|user| (user.id, user.username.as_str())).collect();
        let written = self.taken + self.json.len();
        let comma = if written > 1 { "," } else { "" };
        let head = format!("{comma}\"{session}\":{{\"UserIds\":{},\"Messages\":{{", json(&people));
        // The braces of this session and of the whole.
        let mut left = self.most.saturating_sub(written + 3).checked_sub(head.len());
        let mut pieces = Vec::new();
        for message in messages.iter().rev().filter(|message| has_words(message)) {
            let piece = format!("\"{}\":{}", message_id(message), json(&Said::of(message)));
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

    /// True once no further session fits.
    pub(crate) const fn is_full(&self) -> bool {
        self.is_full
    }

    /// What has been written since the last call.
    pub(crate) fn take(&mut self) -> String {
        self.taken += self.json.len();
        std::mem::take(&mut self.json)
    }

    /// The rest.
    pub(crate) fn finish(self) -> String {
        self.json + "}"
    }
}

/// Nothing that is written here can fail to be.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample;

    const SESSION: SessionId = SessionId(7);

    fn message(seq: i64, text: &str) -> Message {
        Message { seq, text: text.to_owned(), ..sample::message(SESSION, UserId(1), "avi") }
    }

    fn load(most: usize, messages: &[Message]) -> String {
        let (people, mut load) =
            ([(1, "avi"), (2, "lisa"), (1, "avi")].map(|(id, name)| sample::user(UserId(id), name)), Load::new(most));
        load.add(SESSION, people.iter(), messages);
        load.add(SessionId(8), std::iter::empty(), &[]);
        load.finish()
    }

    #[test]
    fn a_load_reads_as_the_document_says() {
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
    fn pieces_are_the_whole() {
        let messages = [message(1, "a"), message(2, "b")];
        let whole = load(10_000, &messages);
        for most in [whole.len(), whole.len() - 1, whole.len() - 25] {
            let (people, mut pieces) = ([], Load::new(most));
            pieces.add(SESSION, people.iter(), &messages);
            let mut json = pieces.take();
            pieces.add(SessionId(8), people.iter(), &[]);
            json += &pieces.take();
            json += &pieces.finish();
            let mut at_once = Load::new(most);
            at_once.add(SESSION, people.iter(), &messages);
            at_once.add(SessionId(8), people.iter(), &[]);
            assert_eq!(json, at_once.finish());
        }
    }

    #[test]
    fn a_load_is_never_longer_than_it_may_be_and_keeps_the_newest() {
        let messages: Vec<Message> = (1..=5).map(|seq| message(seq, &"\\".repeat(40))).collect();
        let whole = load(usize::MAX, &messages).len();
        for most in 0..=whole {
            let json = load(most, &messages);
            assert!(json.len() <= most.max(2), "{} of {most}", json.len());
            let load: serde_json::Value = serde_json::from_str(&json).unwrap();
            let kept: Vec<&String> =
                load[SESSION.to_string()]["Messages"].as_object().into_iter().flatten().map(|(id, _)| id).collect();
            let newest: Vec<String> = (6 - kept.len()..=5).map(|seq| format!("{SESSION}:{seq}")).collect();
            assert!(kept.iter().copied().eq(&newest), "{kept:?}");
            assert_eq!(load.as_object().unwrap().len() == 2, most == whole);
        }
    }
}
