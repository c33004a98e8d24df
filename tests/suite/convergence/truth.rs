//! What was done in a session, as the walk itself knows it: a second, naive telling of the contract.

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Direct,
    Group,
    Room,
    Lobby,
}

/// What was said and what became of it.
#[derive(Debug)]
pub struct Said {
    pub who: usize,
    /// As it was first said; `Null` for a notice.
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

impl Said {
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
    pub said: Vec<Said>,
    /// By user: how far read.
    pub read: BTreeMap<usize, u64>,
}

impl Truth {
    pub fn new(kind: Kind, title: &str, members: BTreeMap<usize, &'static str>) -> Self {
        Self { kind, title: title.to_owned(), code: None, members, said: Vec::new(), read: BTreeMap::new() }
    }

    pub fn seq(&self) -> u64 {
        self.said.len() as u64
    }

    /// Something was said and acknowledged: the next `seq` is its.
    pub fn add(&mut self, who: usize, command: Value, mentions: Vec<String>, ok: &Value) {
        assert_eq!(number(ok, "seq"), self.seq() + 1, "{ok}");
        let text = text(&command, "text").to_owned();
        self.push(who, command, &text, mentions);
        self.read.insert(who, self.seq());
    }

    /// The session tells what happened to it.
    pub fn notice(&mut self, who: usize, words: &str) {
        self.push(who, Value::Null, words, Vec::new());
    }

    fn push(&mut self, who: usize, command: Value, text: &str, mentions: Vec<String>) {
        let (seq, text, reactions) = (self.seq() + 1, text.to_owned(), BTreeMap::new());
        self.said.push(Said { who, command, seq, text, mentions, edited: false, deleted: false, reactions });
    }

    /// Somebody comes, and the session says so.
    pub fn enters(&mut self, who: usize, role: &'static str, name: &str) {
        self.members.insert(who, role);
        self.read.insert(who, self.seq());
        self.notice(who, &format!("{name} has entered"));
    }

    pub fn read_up_to(&mut self, who: usize, seq: u64) {
        let read = self.read.entry(who).or_default();
        *read = seq.max(*read);
    }

    /// What others said after `read`, and did not take back.
    pub fn unread(&self, who: usize, read: u64) -> u64 {
        let count = |said: &&Said| said.who != who && said.seq > read && !said.deleted && !said.is_notice();
        self.said.iter().filter(count).count().min(1_000) as u64
    }

    /// A mark may stand behind notices that follow what was read: they are nothing to be read.
    pub fn check_read(&self, who: usize, told: u64, unread: u64) {
        if self.kind == Kind::Lobby {
            assert_eq!((told, unread), (self.seq(), 0), "in the lobby nothing is to be read");
            return;
        }
        let known = self.read.get(&who).copied().unwrap_or_default();
        let between = self.said.iter().filter(|said| said.seq > known && said.seq <= told);
        assert!(told >= known && between.clone().all(Said::is_notice), "{who} has read {known}, not {told}");
        assert_eq!(unread, self.unread(who, told), "unread of {who} in {self:?}");
    }

    /// A fresh load of that user's tells exactly what was done. `names` are everybody's, as they now are.
    pub fn check(&self, fresh: &Held, who: usize, names: &[String]) {
        fresh.is_whole();
        assert_eq!(fresh.messages.len(), self.said.len());
        for (message, said) in fresh.messages.values().zip(&self.said) {
            let named = |who: &usize| json!(names[*who]);
            assert_eq!(message["text"], said.text, "{message}");
            assert_eq!(message["username"], named(&said.who), "{message}");
            assert_eq!(message["kind"] == "notice", said.is_notice(), "{message}");
            assert_eq!(message["reply_to"], said.command["reply_to"], "{message}");
            assert_eq!(message["deleted"] == true, said.deleted, "{message}");
            assert_eq!(message["edited_at"].is_string(), said.edited, "{message}");
            let mentions: Vec<Value> = message["mentions"].as_array().cloned().unwrap_or_default();
            assert_eq!(mentions, said.mentions, "{message}");
            let mut wanted = serde_json::Map::new();
            for (emoji, who) in &said.reactions {
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
        let mut told = fresh.members.roles();
        told.retain(|name, _| !gone(name));
        let mut wanted: BTreeMap<&str, &str> =
            self.members.iter().map(|(who, role)| (names[*who].as_str(), *role)).collect();
        wanted.retain(|name, _| !gone(name));
        assert_eq!(told, wanted, "members of {}", self.title);
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
