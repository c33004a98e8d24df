//! What a client keeps of one session, and how it catches up: the model that promises 3 and 4 are checked against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::line::{Heard, Line};
use super::people::Person;
use super::{list, number, text};

/// One session as one client holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// By `seq`.
    pub messages: BTreeMap<u64, Value>,
    /// Complete up to here.
    pub rev: u64,
    /// Steps that came before their turn, while pages of a `sync` were still under way.
    pub ahead: BTreeSet<u64>,
    pub title: String,
    pub read: u64,
    pub unread: u64,
    /// By username: read and received.
    pub receipts: BTreeMap<String, (u64, u64)>,
}

impl Held {
    /// What a fresh client loads by REST.
    #[track_caller]
    pub fn load(person: &Person, session: &str) -> Self {
        let told = person.http.get(&format!("/sessions/{session}")).ok()["session"].clone();
        let mut held = Self { rev: number(&told, "rev"), ..Self::default() };
        let mut after = 0;
        loop {
            let page = person.http.get(&format!("/sessions/{session}/messages?after={after}&limit=200")).ok();
            for message in list(&page, "messages") {
                after = number(message, "seq");
                held.keep(message);
            }
            if page["complete"] == true {
                break;
            }
        }
        let changes = person.http.get(&format!("/sessions/{session}/changes?rev={}", held.rev)).ok();
        held.marks(&changes);
        assert_eq!(told["title"], changes["title"]);
        assert_eq!(told["read"], changes["read"], "of {session}");
        assert_eq!(told["unread"], changes["unread"], "of {session}");
        assert_eq!(told["seq"], held.messages.len() as u64, "seq counts without gaps");
        held
    }

    /// What the client would hold had it been cut at `rev`. No message changes in this version of Parlor.
    pub fn back_at(&self, rev: u64) -> Self {
        let mut older = Self { rev, ..Self::default() };
        older.messages.extend(
            self.messages
                .iter()
                .filter(|(_, message)| message["rev"].as_u64() <= Some(rev))
                .map(|(seq, message)| (*seq, message.clone())),
        );
        older
    }

    /// A live `message`.
    #[track_caller]
    pub fn live(&mut self, frame: &Value) {
        self.keep(frame);
        self.ahead.insert(number(frame, "rev"));
        self.advance();
    }

    /// A page of `changes`; says whether there is more.
    #[track_caller]
    pub fn page(&mut self, changes: &Value) -> bool {
        assert_eq!(changes["type"], "changes", "{changes}");
        // A page answers the `rev` that was asked from; live steps may have come since.
        assert!(number(changes, "from") <= self.rev, "{changes}");
        for message in list(changes, "messages") {
            self.keep(message);
        }
        self.marks(changes);
        self.rev = self.rev.max(number(changes, "to"));
        self.advance();
        let more = changes["more"].as_bool().unwrap();
        assert!(more || self.ahead.is_empty(), "a gap at {} after the last page: {:?}", self.rev, self.ahead);
        more
    }

    /// Asks `sync` until nothing is missing. `event` is handed what belongs to others; live messages of this session are
    /// kept.
    pub fn catch_up(&mut self, line: &mut Line, session: &str, mut event: impl FnMut(Value)) -> Heard<()> {
        loop {
            let epoch = line.ready["server"]["epoch"].clone();
            let mut more = None;
            let command = json!({"type": "sync", "sessions": {session: self.rev}, "epoch": epoch});
            let ok = line.ask(command, |frame| match frame["type"].as_str() {
                Some("changes" | "reset") if frame["session"] == session => more = Some(self.page(&frame)),
                Some("message") if frame["session"] == session => self.live(&frame),
                _ => event(frame),
            })?;
            assert_eq!(ok["type"], "ok", "{ok}");
            if !more.expect("one answer for the session") {
                return Ok(());
            }
        }
    }

    /// The texts, in order.
    pub fn texts(&self) -> Vec<String> {
        self.messages.values().map(|message| text(message, "text").to_owned()).collect()
    }

    /// The same at a lower price: after a live message nothing before it may be missing.
    #[track_caller]
    pub fn is_whole_at_end(&self) {
        assert!(self.ahead.is_empty(), "steps {:?} came where {} was next", self.ahead, self.rev + 1);
    }

    /// Fails where `seq` has a gap or a step is missing.
    #[track_caller]
    pub fn is_whole(&self) {
        let gap = (1..).zip(self.messages.keys()).find(|(next, seq)| next != *seq);
        assert_eq!(gap, None, "seq has a gap");
        assert!(self.ahead.is_empty(), "steps {:?} came before their turn", self.ahead);
    }

    #[track_caller]
    fn keep(&mut self, message: &Value) {
        let mut message = message.clone();
        message.as_object_mut().unwrap().remove("type");
        let seq = number(&message, "seq");
        let known = self.messages.insert(seq, message.clone());
        // Nothing edits or deletes yet, so another copy is the same copy.
        assert!(known.is_none() || known.as_ref() == Some(&message), "seq {seq} was {known:?} and is {message}");
    }

    fn marks(&mut self, changes: &Value) {
        self.title = text(changes, "title").to_owned();
        self.read = number(changes, "read");
        self.unread = number(changes, "unread");
        let receipt = |one: &Value| (text(one, "username").to_owned(), (number(one, "read"), number(one, "received")));
        self.receipts = list(changes, "receipts").iter().map(receipt).collect();
    }

    fn advance(&mut self) {
        while self.ahead.remove(&(self.rev + 1)) {
            self.rev += 1;
        }
        let rev = self.rev;
        self.ahead.retain(|step| *step > rev);
    }
}
