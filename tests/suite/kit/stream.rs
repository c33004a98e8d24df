//! What must hold for everything that any one connection hears, whatever its test is about.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// No frame to a client is larger.
const FRAME: usize = 256 * 1024;

/// Where one connection stands in each of its sessions.
#[derive(Debug, Default)]
pub struct Stream {
    revs: HashMap<String, u64>,
    seqs: HashMap<String, u64>,
    /// Which session a command was about, by the command's id: an `ok` does not always say.
    asked: HashMap<String, String>,
    /// Commands by which one leaves.
    leaving: HashSet<String>,
    /// Sessions that one is no longer in, and the last step of each that was told.
    gone: HashMap<String, u64>,
}

impl Stream {
    /// Remembers what a command is about, for its `ok`.
    pub fn said(&mut self, command: &Value) {
        if let (Some(id), Some(session)) = (command["id"].as_str(), command["session"].as_str()) {
            self.asked.insert(id.to_owned(), session.to_owned());
            if command["type"] == "leave" {
                self.leaving.insert(id.to_owned());
            }
        }
    }

    /// Checks promise 3 (each live message at most once, in order), promise 4 (each step told, in order) and promise 6
    /// (nothing of a session after one is out of it) on a frame.
    pub fn heard(&mut self, raw: &str, frame: &Value) {
        assert!(raw.len() <= FRAME, "a frame of {} bytes", raw.len());
        self.belongs(frame);
        match frame["type"].as_str() {
            Some("ready") => {
                for session in frame["sessions"].as_array().into_iter().flatten() {
                    self.starts(session);
                }
            }
            Some("session_added") => self.starts(&frame["session"]),
            Some("session_removed" | "reset") => {
                if let Some(session) = frame["session"].as_str() {
                    // `not_found` is an answer, not news: what was asked may have been older.
                    if frame["type"] == "session_removed" && frame["reason"] != "not_found" {
                        let last = self.revs.get(session).copied().unwrap_or_default();
                        self.gone.insert(session.to_owned(), last);
                    }
                    self.revs.remove(session);
                    self.seqs.remove(session);
                }
            }
            Some("message") => {
                self.step(frame["session"].as_str(), frame, false);
                self.spoken(frame);
            }
            Some("message_changed" | "member" | "session_changed") => {
                self.step(frame["session"].as_str(), frame, false);
            }
            Some("ok") => self.answered(frame),
            _ => {}
        }
    }

    fn belongs(&self, frame: &Value) {
        let told = ["message", "message_changed", "member", "session_changed", "changes", "receipt", "typing"];
        let kind = frame["type"].as_str().unwrap_or_default();
        let gone = frame["session"].as_str().and_then(|session| self.gone.get(session));
        // Whoever came back may be answered what is newer before hearing of having come.
        let newer =
            kind == "changes" && (frame["more"] == true || gone.is_some_and(|last| frame["to"].as_u64() > Some(*last)));
        assert!(gone.is_none() || newer || !told.contains(&kind), "told of a session that one is out of: {frame}");
    }

    fn answered(&mut self, frame: &Value) {
        if let Some(id) = frame["id"].as_str()
            && self.leaving.remove(id)
            && let Some(session) = self.asked.get(id)
        {
            let last = self.revs.get(session).copied().unwrap_or_default();
            self.gone.insert(session.clone(), last);
        }
        if frame["session"].is_object() {
            self.starts(&frame["session"]);
        } else if frame["rev"].is_u64() && frame["duplicate"] != true {
            let asked = frame["id"].as_str().and_then(|id| self.asked.get(id));
            let session = frame["session"].as_str().or(asked.map(String::as_str));
            let session = session.map(str::to_owned);
            self.step(session.as_deref(), frame, frame["seq"].is_null());
        }
    }

    fn starts(&mut self, session: &Value) {
        if let (Some(id), Some(rev)) = (session["id"].as_str(), session["rev"].as_u64()) {
            self.gone.remove(id);
            self.revs.insert(id.to_owned(), rev);
            self.seqs.remove(id);
        }
    }

    /// `still`: a command that changed nothing tells the present `rev`.
    fn step(&mut self, session: Option<&str>, frame: &Value, still: bool) {
        let (Some(session), Some(rev)) = (session, frame["rev"].as_u64()) else {
            return;
        };
        if let Some(before) = self.revs.insert(session.to_owned(), rev) {
            assert!(rev == before + 1 || (still && rev == before), "rev {rev} came after {before}: {frame}");
        }
    }

    fn spoken(&mut self, frame: &Value) {
        let (Some(session), Some(seq)) = (frame["session"].as_str(), frame["seq"].as_u64()) else {
            panic!("a message without session or seq: {frame}");
        };
        if let Some(before) = self.seqs.insert(session.to_owned(), seq) {
            assert!(seq > before, "seq {seq} came after {before}: {frame}");
        }
    }
}
