//! What was done in a session, as the walk itself knows it: a second, naive implementation of the contract.

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Direct,
    Group,
    Room,
    Lobby,
}

/// A message and what became of it.
#[derive(Debug)]
pub struct Posted {
    pub who: usize,
    /// The command that sent it; `Null` for a notice.
    pub command: Value,
    pub seq: u64,
    /// As it now stands.
    pub text: String,
    pub mentions: Vec<String>,
    pub edited: bool,
    pub deleted: bool,
    /// By emoji: who.
    pub reactions: BTreeMap<String, BTreeSet<usize>>,
}

impl Posted {
    pub fn is_notice(&self) -> bool {
        self.command.is_null()
    }
}

/// One session.
#[derive(Debug)]
pub struct Truth {
    pub kind: Kind,
    pub title: String,
    pub code: Option<String>,
    /// Roles of those who are in it.
    pub members: BTreeMap<usize, &'static str>,
    pub posted: Vec<Posted>,
    /// By user: how far read.
    pub read: BTreeMap<usize, u64>,
}

impl Truth {
    pub fn new(kind: Kind, title: &str, members: BTreeMap<usize, &'static str>) -> Self {
        Self { kind, title: title.to_owned(), code: None, members, posted: Vec::new(), read: BTreeMap::new() }
    }

    pub fn seq(&self) -> u64 {
        self.posted.len() as u64
    }

    /// A message was acknowledged: it has the next `seq`.
    pub fn add(&mut self, who: usize, command: Value, mentions: Vec<String>, ok: &Value) {
        assert_eq!(number(ok, "seq"), self.seq() + 1, "{ok}");
        let text = text(&command, "text").to_owned();
        self.push(who, command, &text, mentions);
        self.read.insert(who, self.seq());
    }

    /// The session reports what happened to it.
    pub fn notice(&mut self, who: usize, content: &str) {
        self.push(who, Value::Null, content, Vec::new());
    }

    fn push(&mut self, who: usize, command: Value, text: &str, mentions: Vec<String>) {
        let (seq, text, reactions) = (self.seq() + 1, text.to_owned(), BTreeMap::new());
        self.posted.push(Posted { who, command, seq, text, mentions, edited: false, deleted: false, reactions });
    }

    /// A user joins, and the session reports it.
    pub fn enters(&mut self, who: usize, role: &'static str, name: &str) {
        self.members.insert(who, role);
        self.read.insert(who, self.seq());
        self.notice(who, &format!("{name} has entered"));
    }

    pub fn read_up_to(&mut self, who: usize, seq: u64) {
        let read = self.read.entry(who).or_default();
        *read = seq.max(*read);
    }

    /// Messages of others after `read` that are not deleted.
    pub fn unread(&self, who: usize, read: u64) -> u64 {
        let count = |posted: &&Posted| posted.who != who && posted.seq > read && !posted.deleted && !posted.is_notice();
        self.posted.iter().filter(count).count().min(1_000) as u64
    }

    /// A mark may stand behind notices that follow what was read: they are nothing to be read.
    pub fn check_read(&self, who: usize, received: u64, unread: u64) {
        if self.kind == Kind::Lobby {
            assert_eq!((received, unread), (self.seq(), 0), "in the lobby nothing is to be read");
            return;
        }
        let known = self.read.get(&who).copied().unwrap_or_default();
        let between = self.posted.iter().filter(|posted| posted.seq > known && posted.seq <= received);
        assert!(received >= known && between.clone().all(Posted::is_notice), "{who} has read {known}, not {received}");
        assert_eq!(unread, self.unread(who, received), "unread of {who} in {self:?}");
    }

    /// A fresh load of that user's shows exactly what was done. `names` are the present names of all users.
    pub fn check(&self, fresh: &SessionReplica, who: usize, names: &[String]) {
        fresh.is_whole();
        assert_eq!(fresh.messages.len(), self.posted.len());
        for (message, posted) in fresh.messages.values().zip(&self.posted) {
            let named = |who: &usize| json!(names[*who]);
            assert_eq!(message["text"], posted.text, "{message}");
            assert_eq!(message["username"], named(&posted.who), "{message}");
            assert_eq!(message["kind"] == "notice", posted.is_notice(), "{message}");
            assert_eq!(message["reply_to"], posted.command["reply_to"], "{message}");
            assert_eq!(message["deleted"] == true, posted.deleted, "{message}");
            assert_eq!(message["edited_at"].is_string(), posted.edited, "{message}");
            let mentions: Vec<Value> = message["mentions"].as_array().cloned().unwrap_or_default();
            assert_eq!(mentions, posted.mentions, "{message}");
            let mut wanted = serde_json::Map::new();
            for (emoji, who) in &posted.reactions {
                let mut who: Vec<Value> = who.iter().map(named).collect();
                who.sort_by_key(ToString::to_string);
                wanted.insert(emoji.clone(), Value::Array(who));
            }
            assert_eq!(message["reactions"].as_object().cloned().unwrap_or_default(), wanted, "{message}");
        }
        self.check_read(who, fresh.read, fresh.unread);
        if self.kind == Kind::Lobby {
            return;
        }
        let gone = |name: &str| name == "deleted-user";
        let mut received = fresh.members.roles();
        received.retain(|name, _| !gone(name));
        let mut wanted: BTreeMap<&str, &str> =
            self.members.iter().map(|(who, role)| (names[*who].as_str(), *role)).collect();
        wanted.retain(|name, _| !gone(name));
        assert_eq!(received, wanted, "members of {}", self.title);
        for (name, (read, _)) in &fresh.receipts {
            if let Some((who, _)) = self.members.iter().find(|(who, _)| names[**who] == *name && !gone(name)) {
                self.check_read(*who, *read, self.unread(*who, *read));
            }
        }
        if self.kind != Kind::Direct {
            assert_eq!((&fresh.title, &fresh.code), (&self.title, &self.code));
            assert_eq!(fresh.receipts.len(), self.members.len());
        }
    }
}
