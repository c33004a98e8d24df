//! The `send` frames of one connection. Only id, key and time of sending change from one to the next.

use std::io::Write;

use crate::dialect::Dialect;
use crate::wire;

/// Digits of the time of sending, in nanoseconds since the program's start: enough for 115 days.
pub const STAMP: usize = 16;

#[derive(Debug)]
pub struct Letter {
    dialect: Dialect,
    session: String,
    /// What makes keys of several connections of one user different; `None` for no keys.
    key: Option<usize>,
    filling: String,
    payload: Vec<u8>,
}

impl Letter {
    /// `text_bytes` is the whole text, its time of sending included.
    pub fn new(dialect: Dialect, session: &str, key: Option<usize>, text_bytes: usize) -> Self {
        let filling = "lorem ipsum ".chars().cycle().take(text_bytes.saturating_sub(STAMP)).collect();
        Self { dialect, session: session.to_owned(), key, filling, payload: Vec::new() }
    }

    pub fn write(&mut self, id: u64, now: u64, out: &mut Vec<u8>) {
        let Self { dialect, session, key, filling, payload } = self;
        payload.clear();
        // Writing to a Vec cannot fail.
        let (_, end) = match dialect {
            Dialect::Native => (write!(payload, r#"{{"type":"send","id":"{id}","session":"{session}","#), ""),
            Dialect::Socketio => (write!(payload, r#"42{id}["send",{{"session":"{session}","#), "]"),
        };
        if let Some(key) = key {
            let _ = write!(payload, r#""key":"{key}-{id}","#);
        }
        let _ = write!(payload, r#""text":"{now:0STAMP$}{filling}"}}{end}"#);
        wire::encode(wire::TEXT, payload, out);
    }
}
