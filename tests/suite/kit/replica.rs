//! What a client keeps of one session, and how it catches up: the model that promises 3 and 4 are checked against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::people::Person;
use super::roster::Roster;
use super::try_socket::{OrLost, TrySocket};
use super::{list, number, text};

/// What a client writes where only the server knows the time: an own edit, answered by a bare `rev`.
pub const OWN: &str = "own";

/// One session as one client holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionReplica {
    /// By `seq`.
    pub messages: BTreeMap<u64, Value>,
    /// Complete up to here.
    pub rev: u64,
    /// Steps that came before their turn, while pages of a `sync` were still under way.
    pub ahead: BTreeSet<u64>,
    pub title: String,
    /// The step of the last `session_changed` since the last complete `sync`: a page of an earlier snapshot has an older title.
    pub titled: u64,
    /// A room's.
    pub code: Option<String>,
    pub members: Roster,
    pub read: u64,
    pub unread: u64,
    /// By username: read and received.
    pub receipts: BTreeMap<String, (u64, u64)>,
}

impl SessionReplica {
    /// What a fresh client loads by REST.
    #[track_caller]
    pub fn load(person: &Person, session: &str) -> Self {
        let received = person.http.get(&format!("/sessions/{session}")).ok()["session"].clone();
        let mut held = Self { rev: number(&received, "rev"), ..Self::default() };
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
        if received["kind"] != "lobby" {
            let page = person.http.get(&format!("/sessions/{session}/members?limit=200")).ok();
            held.members = Roster::listed(list(&page, "members"), held.rev);
        }
        let changes = person.http.get(&format!("/sessions/{session}/changes?rev={}", held.rev)).ok();
        held.marks(&changes);
        held.title_and_code(&changes);
        for field in ["title", "code", "read", "unread"] {
            assert_eq!(received[field], changes[field], "{field} of {session}");
        }
        assert_eq!(received["seq"], held.messages.len() as u64, "seq counts without gaps");
        held
    }

    /// A session as it was shown; its messages are still to be loaded, by a `sync` from 0.
    pub fn shown(session: &Value) -> Self {
        let members = session["members"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            title: text(session, "title").to_owned(),
            code: session["code"].as_str().map(str::to_owned),
            members: Roster::listed(members, number(session, "rev")),
            ..Self::default()
        }
    }

    /// What the client would hold had it stored nothing after `rev`; of messages that were changed since, nothing at all.
    pub fn back_at(&self, rev: u64) -> Self {
        let mut older = Self { rev, members: self.members.clone(), ..Self::default() };
        older.messages.extend(
            self.messages
                .iter()
                .filter(|(_, message)| message["rev"].as_u64() <= Some(rev))
                .map(|(seq, message)| (*seq, message.clone())),
        );
        older
    }

    /// A live frame with a step.
    #[track_caller]
    pub fn live(&mut self, frame: &Value) {
        let rev = number(frame, "rev");
        match frame["type"].as_str() {
            Some("member") => self.member(frame),
            Some("session_changed") => {
                self.title = text(frame, "title").to_owned();
                self.code = frame["code"].as_str().map(str::to_owned);
                self.titled = rev;
            }
            _ => self.keep(frame),
        }
        self.step(rev);
    }

    /// The client knows what this step brought.
    pub fn step(&mut self, rev: u64) {
        self.ahead.insert(rev);
        self.advance();
    }

    /// A page of `changes`; returns whether there is more.
    #[track_caller]
    pub fn page(&mut self, changes: &Value) -> bool {
        assert_eq!(changes["type"], "changes", "{changes}");
        // A page begins at the requested `rev`; live steps may have arrived since.
        assert!(number(changes, "from") <= self.rev, "{changes}");
        for message in list(changes, "messages") {
            self.keep(message);
        }
        for member in list(changes, "members") {
            self.member(member);
        }
        let (to, more) = (number(changes, "to"), changes["more"].as_bool().unwrap());
        self.marks(changes);
        if to >= self.titled {
            self.title_and_code(changes);
        }
        if !more {
            self.titled = 0;
        }
        self.rev = self.rev.max(to);
        self.advance();
        assert!(more || self.ahead.is_empty(), "a gap at {} after the last page: {:?}", self.rev, self.ahead);
        more
    }

    /// Sends `sync` until nothing is missing. Frames of other sessions are passed to `event`; live steps of this session are
    /// kept.
    pub fn catch_up(&mut self, line: &mut TrySocket, session: &str, mut event: impl FnMut(Value)) -> OrLost<()> {
        loop {
            let epoch = line.ready["server"]["epoch"].clone();
            let mut more = None;
            let command = json!({"type": "sync", "sessions": {session: self.rev}, "epoch": epoch});
            let ok = line.request(command, |frame| match frame["type"].as_str() {
                Some("changes" | "reset") if frame["session"] == session => more = Some(self.page(&frame)),
                Some("message" | "message_changed" | "member" | "session_changed") if frame["session"] == session => {
                    self.live(&frame);
                }
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

    /// A deleted account: its name is gone wherever it stood, and from whatever copy may still come.
    pub fn renamed(&mut self, id: &str, old: &str, new: &str) {
        self.messages.values_mut().for_each(|message| rename(message, id, old, new));
        self.members.lost(id, old, new);
        // A direct session is called by the other's name.
        if self.title == old {
            self.title = new.to_owned();
        }
    }

    fn member(&mut self, member: &Value) {
        let user = &member["user"];
        if user["deleted"] == true
            && let Some(old) = self.members.username(text(user, "id")).map(str::to_owned)
        {
            self.renamed(text(user, "id"), &old, text(user, "username"));
        }
        self.members.changed(member);
    }

    /// Of two copies of a message the one with the higher `rev` counts; the same `rev` is the same message.
    #[track_caller]
    fn keep(&mut self, message: &Value) {
        let mut message = message.clone();
        message.as_object_mut().unwrap().remove("type");
        self.members.deleted().for_each(|(id, old, new)| rename(&mut message, id, old, new));
        sort_names(&mut message);
        let seq = number(&message, "seq");
        let known = self.messages.get(&seq);
        match known.map(|known| number(known, "rev").cmp(&number(&message, "rev"))) {
            Some(std::cmp::Ordering::Greater) => return,
            Some(std::cmp::Ordering::Equal) => {
                let mut known = known.unwrap().clone();
                if known["edited_at"] == OWN {
                    known["edited_at"] = message["edited_at"].clone();
                }
                // Names of the deleted change without a step of the message's own.
                let bare = |message: &Value| {
                    let mut fields = message.as_object().unwrap().clone();
                    fields.retain(|field, _| field != "username" && field != "reactions");
                    fields
                };
                assert!(bare(&known) == bare(&message), "seq {seq} was {known} and is {message}");
            }
            _ => {}
        }
        self.messages.insert(seq, message);
    }

    fn title_and_code(&mut self, changes: &Value) {
        self.title = text(changes, "title").to_owned();
        self.code = changes["code"].as_str().map(str::to_owned);
    }

    fn marks(&mut self, changes: &Value) {
        self.read = number(changes, "read");
        self.unread = number(changes, "unread");
        let receipt = |one: &Value| (text(one, "username").to_owned(), (number(one, "read"), number(one, "received")));
        let receipts = changes["receipts"].as_array().map_or(&[][..], Vec::as_slice);
        self.receipts = receipts.iter().map(receipt).collect();
    }

    fn advance(&mut self) {
        while self.ahead.remove(&(self.rev + 1)) {
            self.rev += 1;
        }
        let rev = self.rev;
        self.ahead.retain(|step| *step > rev);
    }
}

fn reactions(message: &mut Value) -> impl Iterator<Item = &mut Value> {
    let all = message.get_mut("reactions").and_then(Value::as_object_mut);
    all.into_iter().flat_map(|all| all.values_mut())
}

fn rename(message: &mut Value, id: &str, old: &str, new: &str) {
    if message["sender"] == id {
        message["username"] = json!(new);
    }
    for names in reactions(message) {
        for name in names.as_array_mut().unwrap().iter_mut().filter(|name| **name == old) {
            *name = json!(new);
        }
    }
    sort_names(message);
}

/// Names under an emoji are listed in the order of the reactions, which the reacting client cannot know.
fn sort_names(message: &mut Value) {
    for names in reactions(message) {
        names.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    }
}
