//! One user's client: it keeps the events that it receives, and catches up on those that it missed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::kit::*;

pub struct Client {
    pub person: Person,
    pub line: Option<TrySocket>,
    pub memory: Memory,
}

/// What it keeps, by session.
#[derive(Default)]
pub struct Memory {
    pub held: BTreeMap<String, SessionReplica>,
    /// Whole states of before: what a client may come back with.
    pub pasts: BTreeMap<String, Vec<SessionReplica>>,
    /// Sessions that were shown and are still to be loaded.
    new: BTreeSet<String>,
    /// The last events, shown when a check fails.
    story: VecDeque<Value>,
}

impl Client {
    pub fn new(person: Person) -> Self {
        Self { person, line: None, memory: Memory::default() }
    }

    /// Comes (back) online: whatever it holds is brought up to date, whatever it does not know is loaded by `sync` from 0.
    pub fn reconnect(&mut self) {
        let mut line = TrySocket::connect(self.person.http.endpoint(), &self.person.token).unwrap();
        for session in list(&line.ready, "sessions") {
            let held = self.memory.held.entry(text(session, "id").to_owned());
            held.or_insert_with(|| SessionReplica::shown(session));
        }
        assert_eq!(line.ready["sessions_next"], Value::Null, "few enough for one page");
        let all = self.memory.held.keys().cloned().collect();
        self.memory.new.clear();
        self.memory.catch_up(&mut line, all);
        self.line = Some(line);
    }

    /// Sends a command and waits for its answer; events before it are kept.
    pub fn request(&mut self, command: Value) -> Value {
        let memory = &mut self.memory;
        self.line.as_mut().unwrap().request(command, |frame| memory.take(&frame)).unwrap()
    }

    /// Takes what has come, without waiting.
    pub fn look(&mut self) {
        if let Some(line) = &mut self.line {
            while let Some(frame) = line.receive(Duration::ZERO).unwrap() {
                self.memory.take(&frame);
            }
        }
    }

    /// Listens until it has this step of the session.
    pub fn receive_up_to(&mut self, session: &str, rev: u64) {
        self.receive_until(&format!("step {rev} of {session}"), |held| {
            held.get(session).is_some_and(|one| one.rev >= rev)
        });
    }

    /// Listens until it knows that it is out of the session.
    pub fn receive_removal(&mut self, session: &str) {
        self.receive_until(&format!("being out of {session}"), |held| !held.contains_key(session));
    }

    fn receive_until(&mut self, what: &str, holds: impl Fn(&BTreeMap<String, SessionReplica>) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = self.line.as_mut().unwrap();
            self.memory.load_new(line);
            if holds(&self.memory.held) {
                return;
            }
            let frame = line.receive_until(deadline).unwrap();
            let frame = frame.unwrap_or_else(|| {
                let story: Vec<String> = self.memory.story.iter().map(ToString::to_string).collect();
                panic!("{what} was never told to {}; it heard\n{}", self.person.username, story.join("\n"))
            });
            self.memory.take(&frame);
        }
    }

    /// The server ended the connection: everything sent until then was received.
    pub fn ended(&mut self) -> Option<Lost> {
        let mut line = self.line.take()?;
        let lost = line.end_with(PATIENCE, |frame| self.memory.take(&frame));
        Some(lost.expect("an end"))
    }
}

impl Memory {
    /// One `sync` for all of these, and more for those that need more.
    fn catch_up(&mut self, line: &mut TrySocket, sessions: BTreeSet<String>) {
        let epoch = line.ready["server"]["epoch"].clone();
        let mut behind = sessions;
        while !behind.is_empty() {
            let revs = behind.iter().filter_map(|id| Some((id.clone(), self.held.get(id)?.rev)));
            let mut invited: BTreeMap<String, u64> = revs.collect();
            behind.clear();
            let command = json!({"type": "sync", "sessions": invited, "epoch": epoch});
            let ok = line.request(command, |frame| match frame["type"].as_str() {
                Some("changes") => {
                    self.note(&frame);
                    let session = text(&frame, "session");
                    assert_eq!(invited.remove(session), frame["from"].as_u64(), "answered once: {frame}");
                    // Added anew since the request: the old state is dropped, and it will be loaded anew.
                    if !self.new.contains(session)
                        && self.held.get_mut(session).expect("one that it is in").page(&frame)
                    {
                        behind.insert(session.to_owned());
                    }
                }
                Some("reset") => panic!("{frame}"),
                // The answer for a session that it is not in; other reasons arrive live.
                Some("session_removed") if frame["reason"] == "not_found" => {
                    invited.remove(text(&frame, "session"));
                    self.take(&frame);
                }
                _ => self.take(&frame),
            });
            assert_eq!(ok.unwrap()["type"], "ok");
            assert!(invited.is_empty(), "not answered: {invited:?}");
        }
    }

    /// Loads what was shown and is not held yet.
    fn load_new(&mut self, line: &mut TrySocket) {
        while !self.new.is_empty() {
            let new = std::mem::take(&mut self.new);
            self.catch_up(line, new);
        }
    }

    /// A session came: what was held of one of that id belongs to an earlier time.
    pub fn shown(&mut self, session: &Value) {
        let id = text(session, "id").to_owned();
        self.held.insert(id.clone(), SessionReplica::shown(session));
        self.pasts.remove(&id);
        self.new.insert(id);
    }

    pub fn forget(&mut self, session: &str) {
        self.held.remove(session);
        self.pasts.remove(session);
        self.new.remove(session);
    }

    /// Keeps the present state, where it is a whole one, as one to come back with.
    pub fn remember(&mut self, session: &str) {
        let held = &self.held[session];
        if held.ahead.is_empty() && held.rev > 0 && !self.new.contains(session) {
            let pasts = self.pasts.entry(session.to_owned()).or_default();
            pasts.push(held.clone());
            if pasts.len() > 2 {
                pasts.remove(1);
            }
        }
    }

    /// Notes an event, in short.
    fn note(&mut self, frame: &Value) {
        let fields = ["type", "session", "rev", "seq", "from", "to", "more", "state", "role", "reason"];
        let mut short: serde_json::Map<String, Value> = serde_json::Map::new();
        for field in fields.into_iter().filter(|field| !frame[*field].is_null()) {
            let received = if frame[field].is_object() { &frame[field]["id"] } else { &frame[field] };
            short.insert(field.to_owned(), received.clone());
        }
        self.story.push_back(Value::Object(short));
        if self.story.len() > 300 {
            self.story.pop_front();
        }
    }

    fn take(&mut self, frame: &Value) {
        self.note(frame);
        match text(frame, "type") {
            "message" | "message_changed" | "member" | "session_changed" => {
                let held = self.held.get_mut(text(frame, "session"));
                held.unwrap_or_else(|| panic!("not told of the session before: {frame}")).live(frame);
            }
            "session_added" => self.shown(&frame["session"]),
            "session_removed" => self.forget(text(frame, "session")),
            "invite" | "invite_answered" | "presence" | "receipt" | "typing" | "ok" => {}
            other => panic!("unexpected {other}: {frame}"),
        }
    }
}
