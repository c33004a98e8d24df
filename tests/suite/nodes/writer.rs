//! A client that gives up no send: it retries with the same key, over a new connection where the last one is lost.

use std::time::{Duration, Instant};

use crate::kit::*;

pub struct Writer {
    person: Person,
    line: Option<TrySocket>,
    /// How it was closed, each time.
    pub ends: Vec<Lost>,
}

impl Writer {
    pub fn new(person: &Person) -> Self {
        Self { person: person.clone(), line: None, ends: Vec::new() }
    }

    /// Returns once the message is stored: its `seq`. The text is the key.
    #[track_caller]
    pub fn insist(&mut self, session: &str, content: &str, patience: Duration) -> u64 {
        let deadline = Instant::now() + patience;
        loop {
            match self.attempt(session, content) {
                Ok(answer) if answer["type"] == "ok" => return number(&answer, "seq"),
                Ok(answer) => assert!(["busy", "unavailable"].contains(&text(&answer, "code")), "{content}: {answer}"),
                Err(lost) => {
                    self.ends.push(lost);
                    self.line = None;
                    // Nothing announces that the server accepts connections again.
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            assert!(Instant::now() < deadline, "{content}: not stored within {patience:?}; {:?}", self.ends);
        }
    }

    fn attempt(&mut self, session: &str, content: &str) -> OrLost<Value> {
        let line = match self.line.take() {
            Some(line) => line,
            None => TrySocket::connect(self.person.http.endpoint(), &self.person.token)?,
        };
        let line = self.line.insert(line);
        line.request(json!({"type": "send", "session": session, "text": content, "key": content}), |_| ())
    }
}
