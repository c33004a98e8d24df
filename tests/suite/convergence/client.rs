//! One user's client: it keeps what it hears, and comes back for what it missed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::kit::*;

pub struct Client {
    pub person: Person,
    pub line: Option<Line>,
    /// By session.
    pub held: BTreeMap<String, Held>,
}

impl Client {
    pub fn new(person: Person) -> Self {
        Self { person, line: None, held: BTreeMap::new() }
    }

    /// Comes (back) online: whatever it holds is brought up to date, whatever it does not know is loaded by `sync` from 0.
    pub fn come(&mut self) {
        let mut line = Line::connect(self.person.http.door(), &self.person.token).unwrap();
        for session in list(&line.ready, "sessions") {
            self.held.entry(text(session, "id").to_owned()).or_default();
        }
        assert_eq!(line.ready["sessions_next"], Value::Null, "few enough for one page");
        self.catch_up(&mut line);
        self.line = Some(line);
    }

    /// One `sync` for all sessions, and more for those that need more.
    fn catch_up(&mut self, line: &mut Line) {
        let epoch = line.ready["server"]["epoch"].clone();
        let mut behind: BTreeMap<String, u64> = self.held.iter().map(|(id, held)| (id.clone(), held.rev)).collect();
        while !behind.is_empty() {
            let mut asked = std::mem::take(&mut behind);
            let command = json!({"type": "sync", "sessions": asked, "epoch": epoch});
            let ok = line.ask(command, |frame| match frame["type"].as_str() {
                Some("changes") => {
                    let session = text(&frame, "session");
                    assert_eq!(asked.remove(session), frame["from"].as_u64(), "answered once: {frame}");
                    let held = self.held.get_mut(session).unwrap();
                    if held.page(&frame) {
                        behind.insert(session.to_owned(), held.rev);
                    }
                }
                Some("reset" | "session_removed") => panic!("{frame}"),
                _ => take(&mut self.held, &frame),
            });
            assert_eq!(ok.unwrap()["type"], "ok");
            assert!(asked.is_empty(), "not answered: {asked:?}");
        }
    }

    /// Says something and waits for its answer; events before it are kept.
    pub fn ask(&mut self, command: Value) -> Value {
        let held = &mut self.held;
        self.line.as_mut().unwrap().ask(command, |frame| take(held, &frame)).unwrap()
    }

    /// Takes what has come, without waiting.
    pub fn look(&mut self) {
        if let Some(line) = &mut self.line {
            while let Some(frame) = line.hear(Duration::ZERO).unwrap() {
                take(&mut self.held, &frame);
            }
        }
    }

    /// Listens until it has this step of the session.
    pub fn hear_of(&mut self, session: &str, rev: u64) {
        let deadline = Instant::now() + PATIENCE;
        while self.held.get(session).is_none_or(|held| held.rev < rev) {
            let frame = self.line.as_mut().unwrap().hear_until(deadline).unwrap();
            let frame = frame.unwrap_or_else(|| panic!("step {rev} of {session} was never told"));
            take(&mut self.held, &frame);
        }
    }

    /// The server ended the connection: what was said until then was heard.
    pub fn ended(&mut self) -> Option<Lost> {
        let mut line = self.line.take()?;
        let lost = line.end_with(PATIENCE, |frame| take(&mut self.held, &frame));
        Some(lost.expect("an end"))
    }

    /// Keeps the answer to an own `send` as the message that everyone else is shown.
    pub fn sent(&mut self, said: &Value, ok: &Value) {
        let mut message = json!({"kind": "text", "sender": self.person.id, "username": self.person.username});
        for (from, fields) in [(ok, &["session", "seq", "rev", "at"][..]), (said, &["text", "reply_to"][..])] {
            for field in fields.iter().filter(|field| !from[**field].is_null()) {
                message[*field] = from[*field].clone();
            }
        }
        self.held.get_mut(text(ok, "session")).unwrap().live(&message);
    }

    /// The `rev` it may come back from after losing what came later.
    pub fn forget_from(&mut self, session: &str, rev: u64) {
        let held = self.held.get_mut(session).unwrap();
        *held = held.back_at(rev);
    }
}

fn take(held: &mut BTreeMap<String, Held>, frame: &Value) {
    match text(frame, "type") {
        "message" => held.get_mut(text(frame, "session")).expect("told of the session before").live(frame),
        "session_added" => {
            let session = &frame["session"];
            let new = Held { title: text(session, "title").to_owned(), ..Held::default() };
            assert_eq!(session["rev"], 0, "a new session has no steps: {frame}");
            held.insert(text(session, "id").to_owned(), new);
        }
        "invite" | "invite_answered" | "presence" | "receipt" | "typing" | "ok" => {}
        other => panic!("unexpected {other}: {frame}"),
    }
}
