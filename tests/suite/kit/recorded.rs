//! Live connections whose frames are recorded, as they are on the wire.

use std::time::Instant;

use serde_json::{Value, json};

use super::socket::{Incoming, Socket};
use super::socketio::SocketIoClient;
use super::transcript::Transcript;
use super::wire::PING;
use super::{PATIENCE, Person};

impl Transcript {
    /// A native connection of this person: `hello` and `ready` are recorded.
    #[track_caller]
    pub fn connect(&self, person: &Person) -> Frames<'_> {
        let mut frames = self.frames(&person.username, person.upgrade());
        frames.send(json!({"type": "hello", "token": person.token}));
        frames.socket.ready = frames.receive(1);
        frames
    }

    /// Records what comes over this socket.
    pub fn frames(&self, who: &str, socket: Socket) -> Frames<'_> {
        Frames { transcript: self, who: who.to_owned(), socket, requests: 0, passed_over: None }
    }

    /// Records what comes over this Engine.IO session. Its handshake is the first line.
    pub fn packets(&self, who: &str, packets: SocketIoClient) -> RecordedPackets<'_> {
        self.received(who, &format!("0{}", packets.handshake));
        RecordedPackets { transcript: self, who: who.to_owned(), packets, requests: 0 }
    }
}

/// A WebSocket.
pub struct Frames<'a> {
    transcript: &'a Transcript,
    who: String,
    pub socket: Socket,
    requests: u64,
    /// Frames of this type come at a time of their own, and are passed over.
    pub passed_over: Option<&'static str>,
}

impl Frames<'_> {
    /// Sends a frame.
    pub fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string());
    }

    /// Sends a text frame as it is.
    pub fn send_text(&mut self, text: &str) {
        self.transcript.sent(&self.who, text);
        self.socket.send_text(text);
    }

    /// Sends bytes, which `what` stands for.
    pub fn send_bytes(&mut self, what: &str, bytes: &[u8]) {
        self.transcript.sent(&self.who, what);
        self.socket.send_bytes(bytes);
    }

    /// Reads as many frames and gives the last.
    #[track_caller]
    pub fn receive(&mut self, count: usize) -> Value {
        let mut last = Value::Null;
        for _ in 0..count {
            last = self.next().expect("a frame, not the end");
        }
        last
    }

    /// Sends a command under a fresh id, and reads up to its reply.
    #[track_caller]
    pub fn request(&mut self, mut command: Value) -> Value {
        self.requests += 1;
        let id = format!("{}-{}", self.who, self.requests);
        command["id"] = json!(id);
        self.send(command);
        loop {
            let frame = self.next().expect("a reply, not the end");
            if frame["id"] == id.as_str() {
                return frame;
            }
        }
    }

    /// Reads one frame, or the end of the connection.
    #[track_caller]
    pub fn receive_or_end(&mut self) -> Option<Value> {
        self.next()
    }

    /// Reads up to the end of the connection.
    #[track_caller]
    pub fn end(mut self) {
        while self.next().is_some() {}
    }

    /// Shows that nothing more has come.
    #[track_caller]
    pub fn is_quiet(&mut self) {
        self.socket.send_frame(true, PING, b"fence");
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.socket.incoming_until(deadline) {
                Some(Incoming::Pong(_)) => return,
                Some(Incoming::Ping(_)) => {}
                Some(Incoming::Text(text)) if self.is_passed_over(&text) => {}
                other => panic!("{}: not awaited: {other:?}", self.who),
            }
        }
    }

    fn is_passed_over(&self, text: &str) -> bool {
        self.passed_over.is_some_and(|kind| text.starts_with(&format!("{{\"type\":\"{kind}\"")))
    }

    /// The next text frame, recorded; `None` at the end, which is recorded too.
    #[track_caller]
    fn next(&mut self) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (line, value) = match self.socket.incoming_until(deadline) {
                Some(Incoming::Text(text)) if self.is_passed_over(&text) => continue,
                Some(Incoming::Text(text)) => (text.clone(), Some(serde_json::from_str(&text).unwrap_or(json!(text)))),
                Some(Incoming::Close(code, reason)) => (format!("close {} {reason:?}", code.unwrap_or(1005)), None),
                Some(Incoming::End) => ("cut".to_owned(), None),
                Some(Incoming::Ping(_) | Incoming::Pong(_)) => continue,
                Some(Incoming::Binary(_)) => panic!("{}: a binary frame", self.who),
                None => panic!("{}: silence", self.who),
            };
            self.transcript.received(&self.who, &line);
            return value;
        }
    }
}

/// A Socket.IO session; its packets are recorded with the digit of Engine.IO before them.
pub struct RecordedPackets<'a> {
    transcript: &'a Transcript,
    who: String,
    pub packets: SocketIoClient,
    requests: u64,
}

impl RecordedPackets<'_> {
    /// Sends an Engine.IO packet.
    #[track_caller]
    pub fn send(&mut self, packet: &str) {
        self.transcript.sent(&self.who, packet);
        self.packets.send(packet);
    }

    /// Enters the namespace `/`, and reads the reply.
    #[track_caller]
    pub fn enter(&mut self, auth: Value) -> String {
        self.send(&format!("40{auth}"));
        self.receive(1)
    }

    /// Emits an event that is not acknowledged.
    #[track_caller]
    pub fn emit(&mut self, name: &str, fields: Value) {
        self.send(&format!("42{}", json!([name, fields])));
    }

    /// Emits an event, and reads up to its acknowledgement, which is given.
    #[track_caller]
    pub fn request(&mut self, name: &str, fields: Value) -> Value {
        let id = self.requests;
        self.requests += 1;
        self.send(&format!("42{id}{}", json!([name, fields])));
        let head = format!("43{id}");
        loop {
            let packet = self.receive(1);
            if let Some(json) = packet.strip_prefix(&head).filter(|rest| rest.starts_with('[')) {
                return serde_json::from_str::<Value>(json).unwrap()[0].clone();
            }
        }
    }

    /// Reads as many packets and gives the last.
    #[track_caller]
    pub fn receive(&mut self, count: usize) -> String {
        let mut last = String::new();
        for _ in 0..count {
            last = self.packets.next().expect("a packet, not the end");
            self.transcript.received(&self.who, &last);
        }
        last
    }

    /// Reads up to the end of the session: 0 stands for a poll that is refused.
    #[track_caller]
    pub fn end(mut self) {
        while let Some(packet) = self.packets.next() {
            self.transcript.received(&self.who, &packet);
        }
        self.transcript.received(&self.who, &format!("end {}", self.packets.end.unwrap_or_default()));
    }
}
