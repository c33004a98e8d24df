//! A WebSocket client that does nothing on its own but answer pings: what is sent and read is the test's choice.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::http::{ROOT, Reply};
use super::server::Door;
use super::stream::Stream;
use super::wire::{self, BINARY, CLOSE, PING, PONG, TEXT};
use super::{PATIENCE, text};

/// What a server can say on a socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// The code, if one was given, and the reason.
    Close(Option<u16>, String),
    /// The TCP connection ended.
    End,
}

/// One connection.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Frames read while waiting for another, in the order they came.
    kept: VecDeque<Value>,
    checks: Stream,
    /// The `ready` frame, once `hello` was answered.
    pub ready: Value,
    /// What the server chose among the subprotocols offered.
    pub subprotocol: Option<String>,
    /// Off: a peer that is connected and silent.
    pub answers_pings: bool,
    /// Off: a test that closes gaps itself, or looks at frames out of order.
    pub checked: bool,
    ids: u64,
}

impl Socket {
    /// Upgrades to the native dialect. An answer other than 101 is the error.
    pub fn open(door: &Door, headers: &[(&str, &str)]) -> Result<Self, Reply> {
        Self::open_at(door, &format!("{ROOT}/ws"), headers)
    }

    /// Upgrades at any path.
    pub fn open_at(door: &Door, path: &str, headers: &[(&str, &str)]) -> Result<Self, Reply> {
        let mut stream = TcpStream::connect(door.address()).expect("the server answers");
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        // The key and its answer are the example of RFC 6455.
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("Host: {}\r\n", door.address());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four: &[u8]| four == b"\r\n\r\n") {
                break end + 4;
            }
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).expect("an answer to the upgrade");
            assert!(count > 0, "the server hung up during the upgrade");
            bytes.extend(&piece[..count]);
        };
        if !bytes.starts_with(b"HTTP/1.1 101") {
            return Err(refusal(&mut stream, bytes));
        }
        let reply = Reply::parse(&bytes[..end]).unwrap();
        assert_eq!(
            reply.header("sec-websocket-accept"),
            Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        );
        assert_eq!(
            reply.header("sec-websocket-extensions"),
            None,
            "no extension is offered"
        );
        Ok(Self {
            stream,
            subprotocol: reply.header("sec-websocket-protocol").map(str::to_owned),
            buffer: bytes.split_off(end),
            kept: VecDeque::new(),
            checks: Stream::default(),
            ready: Value::Null,
            answers_pings: true,
            checked: true,
            ids: 0,
        })
    }

    /// Says hello and waits for `ready`.
    #[track_caller]
    pub fn hello(&mut self, token: &str) -> &Value {
        self.send(&json!({"type": "hello", "token": token}));
        self.ready = self.expect("ready");
        &self.ready
    }

    // Sending

    pub fn send(&mut self, command: &Value) {
        self.checks.said(command);
        self.send_frame(true, TEXT, command.to_string().as_bytes());
    }

    pub fn send_text(&mut self, text: &str) {
        self.send_frame(true, TEXT, text.as_bytes());
    }

    pub fn send_frame(&mut self, last: bool, opcode: u8, payload: &[u8]) {
        self.send_bytes(&wire::masked(last, opcode, payload));
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.try_send_bytes(bytes).expect("the socket takes it");
    }

    /// For a socket that the server may have closed already.
    pub fn try_send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    // Asking

    /// Sends a command under a fresh id and waits for its `ok` or `error`.
    #[track_caller]
    pub fn ask(&mut self, command: Value) -> Value {
        let id = self.tell(command);
        self.answer(&id)
    }

    /// Sends a command under a fresh id, without waiting, and returns the id.
    pub fn tell(&mut self, mut command: Value) -> String {
        self.ids += 1;
        let id = format!("kit-{}", self.ids);
        command["id"] = json!(id);
        self.send(&command);
        id
    }

    /// The same as `ask`, where only `ok` will do.
    #[track_caller]
    pub fn ok(&mut self, command: Value) -> Value {
        let answer = self.ask(command);
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// The same, where only this refusal will do.
    #[track_caller]
    pub fn refused(&mut self, command: Value, code: &str) -> Value {
        let answer = self.ask(command);
        assert_eq!(answer["type"], "error", "wanted {code}: {answer}");
        assert_eq!(answer["code"], code, "{answer}");
        assert!(answer["message"].is_string(), "{answer}");
        answer
    }

    /// Sends a text to a session and returns the `ok`.
    #[track_caller]
    pub fn say(&mut self, session: &str, words: &str) -> Value {
        self.ok(json!({"type": "send", "session": session, "text": words}))
    }

    // Hearing

    /// The next frame that was not yet looked at.
    #[track_caller]
    pub fn next(&mut self) -> Value {
        match self.kept.pop_front() {
            Some(frame) => frame,
            None => self.fresh("any frame"),
        }
    }

    /// The next frame of this type; others stay, in order, for later.
    #[track_caller]
    pub fn expect(&mut self, kind: &str) -> Value {
        self.wait_for(kind, |frame| frame["type"] == kind)
    }

    /// The next `message` of this session, as its text: the commonest question.
    #[track_caller]
    pub fn hear(&mut self, session: &str) -> String {
        let frame = self.wait_for("a message", |frame| {
            frame["type"] == "message" && frame["session"] == session
        });
        text(&frame, "text").to_owned()
    }

    /// The answer to the command of this id.
    #[track_caller]
    pub fn answer(&mut self, id: &str) -> Value {
        self.wait_for(&format!("the answer to {id}"), |frame| {
            frame["id"] == id && ["ok", "error", "pong"].contains(&frame["type"].as_str().unwrap_or(""))
        })
    }

    /// The next frame that fits; others stay, in order, for later. `what` names it in a failure.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.kept.iter().position(&fits) {
            return self.kept.remove(place).unwrap();
        }
        loop {
            let frame = self.fresh(what);
            if fits(&frame) {
                return frame;
            }
            self.kept.push_back(frame);
        }
    }

    /// Goes to the server and back, so that all it had told this connection before has been read and kept.
    #[track_caller]
    pub fn fence(&mut self) {
        let id = self.tell(json!({"type": "ping"}));
        let pong = self.answer(&id);
        assert_eq!(pong["type"], "pong", "{pong}");
    }

    /// Shows with a fence that no frame of this type was told up to now.
    #[track_caller]
    pub fn hears_no(&mut self, kind: &str) {
        self.fence();
        let found = self.kept.iter().find(|frame| frame["type"] == kind);
        assert_eq!(found, None, "heard an unwanted {kind}");
    }

    /// All that was read and not yet looked at.
    pub fn take_kept(&mut self) -> Vec<Value> {
        self.kept.drain(..).collect()
    }

    /// A JSON frame off the wire; a close or a silence fails the test and shows what was kept.
    #[track_caller]
    fn fresh(&mut self, what: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.incoming_until(deadline) {
                Some(Incoming::Text(raw)) => {
                    let frame: Value = serde_json::from_str(&raw)
                        .unwrap_or_else(|error| panic!("{error} in {raw:?}"));
                    if self.checked {
                        self.checks.heard(&raw, &frame);
                    }
                    return frame;
                }
                Some(Incoming::Ping(_) | Incoming::Pong(_)) => {}
                Some(other) => panic!("waiting for {what}: {other:?}; kept {:#?}", self.kept),
                None => panic!("waiting for {what}: silence; kept {:#?}", self.kept),
            }
        }
    }

    /// Reads until the server closes and returns the code: 1005 where it gave none, 1006 where there was no close frame.
    #[track_caller]
    pub fn close_code(&mut self) -> u16 {
        self.close_within(PATIENCE).0
    }

    /// The same, with the reason, for a close that may take longer. What came before it is kept.
    #[track_caller]
    pub fn close_within(&mut self, patience: Duration) -> (u16, String) {
        let deadline = Instant::now() + patience;
        loop {
            match self.incoming_until(deadline) {
                Some(Incoming::Close(code, reason)) => return (code.unwrap_or(1005), reason),
                Some(Incoming::End) => return (1006, String::new()),
                Some(Incoming::Text(raw)) => {
                    if let Ok(frame) = serde_json::from_str(&raw) {
                        self.kept.push_back(frame);
                    }
                }
                Some(_) => {}
                None => panic!("still open after {patience:?}; kept {:#?}", self.kept),
            }
        }
    }

    /// The next thing on the wire, whatever it is, past what is kept; `None` at the deadline. Pings are answered.
    pub fn incoming_until(&mut self, deadline: Instant) -> Option<Incoming> {
        loop {
            if let Some(frame) = wire::take(&mut self.buffer) {
                return Some(self.incoming(frame));
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            let left = left.max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left)).unwrap();
            let mut piece = [0; 64 * 1024];
            match self.stream.read(&mut piece) {
                Ok(0) => return Some(Incoming::End),
                Ok(count) => self.buffer.extend(&piece[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Cut by a reset: for the reader the same as an end.
                Err(_) => return Some(Incoming::End),
            }
        }
    }

    fn incoming(&mut self, frame: wire::Frame) -> Incoming {
        assert!(frame.last, "the server does not fragment");
        let payload = frame.payload;
        match frame.opcode {
            TEXT => Incoming::Text(String::from_utf8(payload).expect("text frames are UTF-8")),
            BINARY => Incoming::Binary(payload),
            PING => {
                if self.answers_pings {
                    let _ = self.try_send_bytes(&wire::masked(true, PONG, &payload));
                }
                Incoming::Ping(payload)
            }
            PONG => Incoming::Pong(payload),
            CLOSE => {
                let code = payload
                    .get(..2)
                    .map(|two| u16::from_be_bytes([two[0], two[1]]));
                let reason = payload.get(2..).unwrap_or_default();
                Incoming::Close(code, String::from_utf8_lossy(reason).into_owned())
            }
            other => panic!("opcode {other}"),
        }
    }

    // Ending

    /// A deliberate goodbye; returns when the server has closed.
    #[track_caller]
    pub fn goodbye(mut self) {
        self.send(&json!({"type": "goodbye"}));
        let code = self.close_code();
        assert_eq!(code, 1000, "a goodbye is a clean close");
    }

    /// Hangs up without a word, as a lost network that still sends FIN.
    pub fn cut(self) {
        drop(self);
    }

    /// The bare connection, for tests that stop reading or write by hand.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

/// The rest of an answer that is no upgrade. The connection may stay open behind it.
fn refusal(stream: &mut TcpStream, mut bytes: Vec<u8>) -> Reply {
    loop {
        if let Some(reply) = Reply::parse(&bytes) {
            return reply;
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => bytes.extend(&piece[..count]),
            _ => panic!("half an answer: {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
}
