//! A sender, which retries unanswered sends with their keys.

use std::collections::{BTreeMap, VecDeque};

use super::gate::Gate;
use crate::kit::*;

/// Sends that may be without an answer at once.
const WINDOW: usize = 4;
/// Keys that are retried at the end.
const AGAIN: usize = 300;

pub struct Sender<'a> {
    person: &'a Person,
    pub session: &'a str,
    /// The `seq` each key was answered with.
    pub seqs: BTreeMap<u64, u64>,
    /// Sent and not answered, in order.
    waiting: VecDeque<u64>,
    next: u64,
}

impl<'a> Sender<'a> {
    pub fn new(person: &'a Person, session: &'a str) -> Self {
        Self { person, session, seqs: BTreeMap::new(), waiting: VecDeque::new(), next: 0 }
    }

    /// Sends until the gate stops it and all is answered.
    pub fn run(mut self, gate: &Gate) -> Self {
        let _watch = gate.watch();
        let (mut start, mut lost) = (0, None);
        loop {
            start = gate.next_start(start, lost.as_ref());
            match self.visit(gate) {
                Ok(()) => return self,
                Err(why) => lost = Some(why),
            }
        }
    }

    /// One connection, until it is lost or all is done.
    fn visit(&mut self, gate: &Gate) -> OrLost<()> {
        let mut line = TrySocket::connect(self.person.http.endpoint(), &self.person.token)?;
        for key in self.waiting.clone() {
            self.send(&mut line, key)?;
        }
        loop {
            while self.waiting.len() < WINDOW && gate.may_send() {
                self.waiting.push_back(self.next);
                self.next += 1;
                self.send(&mut line, self.next - 1)?;
            }
            if self.waiting.is_empty() {
                return Ok(());
            }
            let frame = line.receive(PATIENCE)?.expect("an answer");
            match text(&frame, "type") {
                "ok" => self.answered(&frame, gate),
                "error" => panic!("{frame}"),
                _ => {}
            }
        }
    }

    fn send(&self, line: &mut TrySocket, key: u64) -> OrLost<()> {
        line.send(&self.command(key))
    }

    fn answered(&mut self, ok: &Value, gate: &Gate) {
        let key: u64 = text(ok, "id").parse().unwrap();
        // Sends of one connection are answered in the order sent.
        assert_eq!(self.waiting.pop_front(), Some(key), "{ok}");
        self.seqs.insert(key, number(ok, "seq"));
        gate.answered();
    }

    /// Whatever became of it before, a known key is answered with its first `seq`.
    pub fn retry_sends(&self) {
        let mut line = TrySocket::connect(self.person.http.endpoint(), &self.person.token).unwrap();
        for (key, seq) in self.seqs.iter().rev().take(AGAIN) {
            let ok = line.request(self.command(*key), |_| ()).unwrap();
            assert_eq!((&ok["seq"], &ok["duplicate"]), (&json!(seq), &json!(true)), "{ok}");
        }
    }

    pub fn text(&self, key: u64) -> String {
        format!("{} says {key}", self.person.username)
    }

    fn command(&self, key: u64) -> Value {
        let id = key.to_string();
        json!({"type": "send", "id": id, "session": self.session, "text": self.text(key), "key": format!("key-{id}")})
    }
}
