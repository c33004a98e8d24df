//! What must hold for all frames that a connection receives, whatever its test is about.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// No frame to a client is larger.
const FRAME: usize = 256 * 1024;

/// Where one connection stands in each of its sessions.
#[derive(Debug, Default)]
pub struct FrameChecks {
    revs: HashMap<String, u64>,
    seqs: HashMap<String, u64>,
    /// Which session a command was about, by the command's id: an `ok` does not always name it.
    commands: HashMap<String, String>,
    /// Commands by which one leaves.
    leaving: HashSet<String>,
    /// Sessions that one is no longer in, and the last step of each that was received.
    left: HashMap<String, u64>,
}

impl FrameChecks {
    /// Remembers what a command is about, for its `ok`.
    pub fn sent(&mut self, command: &Value) {
        if let (Some(id), Some(session)) = (command["id"].as_str(), command["session"].as_str()) {
            self.commands.insert(id.to_owned(), session.to_owned());
            if command["type"] == "leave" {
                self.leaving.insert(id.to_owned());
            }
        }
    }

    /// Checks promise 3 (each live message at most once, in order), promise 4 (each step once, in order) and promise 6
    /// (nothing of a session after one is out of it) on a frame.
    pub fn received(&mut self, raw: &str, frame: &Value) {
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
                    // `not_found` is an answer, not an event: the request may have been older.
                    if frame["type"] == "session_removed" && frame["reason"] != "not_found" {
                        let last = self.revs.get(session).copied().unwrap_or_default();
                        self.left.insert(session.to_owned(), last);
                    }
                    self.revs.remove(session);
                    self.seqs.remove(session);
                }
            }
            Some("message") => {
                self.step(frame["session"].as_str(), frame, false);
                self.message(frame);
            }
            Some("message_changed" | "member" | "session_changed") => {
                self.step(frame["session"].as_str(), frame, false);
            }
            Some("ok") => self.answered(frame),
            _ => {}
        }
    }

    fn belongs(&self, frame: &Value) {
        let received = ["message", "message_changed", "member", "session_changed", "changes", "receipt", "typing"];
        let kind = frame["type"].as_str().unwrap_or_default();
        let left = frame["session"].as_str().and_then(|session| self.left.get(session));
        // A `sync` of a user who has joined again may be answered before `session_added` arrives.
        let newer =
            kind == "changes" && (frame["more"] == true || left.is_some_and(|last| frame["to"].as_u64() > Some(*last)));
        assert!(
            left.is_none() || newer || !received.contains(&kind),
            "received a frame of a session that one is out of: {frame}"
        );
    }

    fn answered(&mut self, frame: &Value) {
        if let Some(id) = frame["id"].as_str()
            && self.leaving.remove(id)
            && let Some(session) = self.commands.get(id)
        {
            let last = self.revs.get(session).copied().unwrap_or_default();
            self.left.insert(session.clone(), last);
        }
        if frame["session"].is_object() {
            self.starts(&frame["session"]);
        } else if frame["rev"].is_u64() && frame["duplicate"] != true {
            let commands = frame["id"].as_str().and_then(|id| self.commands.get(id));
            let session = frame["session"].as_str().or(commands.map(String::as_str));
            let session = session.map(str::to_owned);
            self.step(session.as_deref(), frame, frame["seq"].is_null());
        }
    }

    fn starts(&mut self, session: &Value) {
        if let (Some(id), Some(rev)) = (session["id"].as_str(), session["rev"].as_u64()) {
            self.left.remove(id);
            self.revs.insert(id.to_owned(), rev);
            self.seqs.remove(id);
        }
    }

    /// `still`: a command that changed nothing is answered with the present `rev`.
    fn step(&mut self, session: Option<&str>, frame: &Value, still: bool) {
        let (Some(session), Some(rev)) = (session, frame["rev"].as_u64()) else {
            return;
        };
        if let Some(before) = self.revs.insert(session.to_owned(), rev) {
            assert!(rev == before + 1 || (still && rev == before), "rev {rev} came after {before}: {frame}");
        }
    }

    fn message(&mut self, frame: &Value) {
        let (Some(session), Some(seq)) = (frame["session"].as_str(), frame["seq"].as_u64()) else {
            panic!("a message without session or seq: {frame}");
        };
        if let Some(before) = self.seqs.insert(session.to_owned(), seq) {
            assert!(seq > before, "seq {seq} came after {before}: {frame}");
        }
    }
}
