//! JSON over a socket: commands, their answers, and the events in between.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::database::nodes_under_test;
use super::endpoint::catch_up;
use super::socket::{Incoming, Socket};
use super::wire::TEXT;
use super::{PATIENCE, text};

impl Socket {
    /// Sends `hello` and waits for `ready`.
    #[track_caller]
    pub fn hello(&mut self, token: &str) -> &Value {
        self.send(&json!({"type": "hello", "token": token}));
        self.ready = self.expect("ready");
        &self.ready
    }

    /// Sends `hello` where the handshake has carried the token, and waits for `ready`.
    #[track_caller]
    pub fn hello_without_token(&mut self) -> &Value {
        self.send(&json!({"type": "hello"}));
        self.ready = self.expect("ready");
        &self.ready
    }

    /// Sends a command as it is.
    pub fn send(&mut self, command: &Value) {
        self.checks.sent(command);
        self.send_frame(true, TEXT, command.to_string().as_bytes());
    }

    // Sending

    /// Sends a command under a fresh id and waits for its `ok` or `error`.
    #[track_caller]
    pub fn request(&mut self, command: Value) -> Value {
        let id = self.submit(command);
        self.answer(&id)
    }

    /// Sends a command under a fresh id, without waiting, and returns the id.
    pub fn submit(&mut self, mut command: Value) -> String {
        self.ids += 1;
        let id = format!("kit-{}", self.ids);
        command["id"] = json!(id);
        self.send(&command);
        id
    }

    /// The same as `request`; fails unless the answer is `ok`.
    #[track_caller]
    pub fn ok(&mut self, command: Value) -> Value {
        let answer = self.request(command);
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// The same; fails unless it is refused with this code.
    #[track_caller]
    pub fn refused(&mut self, command: Value, code: &str) -> Value {
        let answer = self.request(command);
        assert_eq!(answer["type"], "error", "wanted {code}: {answer}");
        assert_eq!(answer["code"], code, "{answer}");
        assert!(answer["message"].is_string(), "{answer}");
        answer
    }

    /// Sends a text to a session and returns the `ok`.
    #[track_caller]
    pub fn send_message(&mut self, session: &str, content: &str) -> Value {
        self.ok(json!({"type": "send", "session": session, "text": content}))
    }

    // Receiving

    /// The next frame that was not yet looked at.
    #[track_caller]
    pub fn next(&mut self) -> Value {
        match self.kept.pop_front() {
            Some(frame) => frame,
            None => self.fresh("any frame"),
        }
    }

    /// The next frame of this type; others are kept in order.
    #[track_caller]
    pub fn expect(&mut self, kind: &str) -> Value {
        self.wait_for(kind, |frame| frame["type"] == kind)
    }

    /// The text of the next `message` of this session.
    #[track_caller]
    pub fn receive(&mut self, session: &str) -> String {
        let frame = self.wait_for("a message", |frame| frame["type"] == "message" && frame["session"] == session);
        text(&frame, "text").to_owned()
    }

    /// The answer to the command of this id.
    #[track_caller]
    pub fn answer(&mut self, id: &str) -> Value {
        self.wait_for(&format!("the answer to {id}"), |frame| {
            frame["id"] == id && ["ok", "error", "pong"].contains(&frame["type"].as_str().unwrap_or(""))
        })
    }

    /// The next frame that fits; others are kept in order. `what` names it in a failure.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait_within(PATIENCE, what, fits)
    }

    /// The same for what may take longer, or shorter: no pause before it, or between other frames, may be longer than this.
    #[track_caller]
    pub fn wait_within(&mut self, patience: Duration, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.kept.iter().position(&fits) {
            return self.kept.remove(place).unwrap();
        }
        loop {
            let frame = self.fresh_within(patience, what);
            if fits(&frame) {
                return frame;
            }
            self.kept.push_back(frame);
        }
    }

    /// A `ping` and its `pong`: everything that the server had sent before has then been read and kept. Over several nodes that
    /// includes what another one had committed.
    #[track_caller]
    pub fn fence(&mut self) {
        if nodes_under_test() > 1 {
            catch_up(self.peer());
        }
        self.ping();
    }

    /// A `ping` and its `pong`, to show that the connection is alive.
    #[track_caller]
    pub fn ping(&mut self) {
        let id = self.submit(json!({"type": "ping"}));
        let pong = self.answer(&id);
        assert_eq!(pong["type"], "pong", "{pong}");
    }

    /// Shows with a fence that no frame of this type was sent up to now.
    #[track_caller]
    pub fn expect_no(&mut self, kind: &str) {
        self.fence();
        let found = self.kept.iter().find(|frame| frame["type"] == kind);
        assert_eq!(found, None, "received an unwanted {kind}");
    }

    /// All that was read and not yet looked at.
    pub fn take_kept(&mut self) -> Vec<Value> {
        self.kept.drain(..).collect()
    }

    /// A JSON frame off the wire; a close or a silence fails the test and shows what was kept.
    #[track_caller]
    fn fresh(&mut self, what: &str) -> Value {
        self.fresh_within(PATIENCE, what)
    }

    #[track_caller]
    fn fresh_within(&mut self, patience: Duration, what: &str) -> Value {
        let deadline = Instant::now() + patience;
        loop {
            match self.incoming_until(deadline) {
                Some(Incoming::Text(raw)) => {
                    let frame: Value = serde_json::from_str(&raw).unwrap_or_else(|error| panic!("{error} in {raw:?}"));
                    if self.checked {
                        self.checks.received(&raw, &frame);
                    }
                    return frame;
                }
                Some(Incoming::Ping(_) | Incoming::Pong(_)) => {}
                Some(other) => panic!("waiting for {what}: {other:?}; kept {:#?}", self.kept),
                None => panic!("waiting for {what}: silence; kept {:#?}", self.kept),
            }
        }
    }

    /// A deliberate goodbye; returns when the server has closed.
    #[track_caller]
    pub fn goodbye(mut self) {
        self.send(&json!({"type": "goodbye"}));
        let code = self.close_code();
        assert_eq!(code, 1000, "a goodbye is a clean close");
    }
}
