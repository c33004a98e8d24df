//! A client that expects to be let down: a lost connection is an answer here, not a failure.
//!
//! `Socket` is for tests whose server stays up; a `Line` is for those that kill it, stop reading, or come by the thousand.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::PATIENCE;
use super::http::ROOT;
use super::server::Door;
use super::stream::Stream;
use super::way::Way;
use super::wire::{self, CLOSE, PING, PONG, TEXT};

/// Why there is no connection (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The server said so, with this code and reason.
    Closed(u16, String),
    /// The handshake was answered with this status.
    Refused(u16),
    /// The TCP connection ended, or never began.
    Cut(String),
}

pub type Heard<T> = Result<T, Lost>;

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Self {
        Self::Cut(error.to_string())
    }
}

/// One connection.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    checks: Stream,
    /// The `ready` frame, once `hello` was answered.
    pub ready: Value,
    /// Off: a peer that is connected and silent.
    pub answers_pings: bool,
    ids: u64,
}

impl Line {
    /// A connection that has heard `ready`.
    pub fn connect(door: &Door, token: &str) -> Heard<Self> {
        Self::connect_by(Way::default(), door, token)
    }

    /// The same, dialled another way.
    pub fn connect_by(way: Way, door: &Door, token: &str) -> Heard<Self> {
        let mut line = Self::open(way, door)?;
        line.say(&json!({"type": "hello", "token": token}))?;
        let deadline = Instant::now() + PATIENCE;
        while line.ready.is_null() {
            let frame = line.hear_until(deadline)?.ok_or_else(|| Lost::Cut("no ready".to_owned()))?;
            assert_eq!(frame["type"], "ready", "before ready: {frame}");
            line.ready = frame;
        }
        Ok(line)
    }

    /// An upgraded socket that has not said hello.
    pub fn open(way: Way, door: &Door) -> Heard<Self> {
        let mut stream = way.dial(door)?;
        // The key is the example of RFC 6455; `Socket` checks its answer.
        let head = format!(
            "GET {ROOT}/ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            door.address()
        );
        stream.write_all(head.as_bytes())?;
        let mut buffer: Vec<u8> = Vec::new();
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            let mut piece = [0; 1024];
            match stream.read(&mut piece)? {
                0 => return Err(Lost::Cut("hung up during the upgrade".to_owned())),
                count => buffer.extend(&piece[..count]),
            }
        };
        let rest = buffer.split_off(end);
        if !buffer.starts_with(b"HTTP/1.1 101") {
            let head = String::from_utf8_lossy(&buffer).into_owned();
            let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
            return Err(Lost::Refused(status.unwrap_or_else(|| panic!("no HTTP: {head:?}"))));
        }
        let checks = Stream::default();
        Ok(Self { stream, buffer: rest, checks, ready: Value::Null, answers_pings: true, ids: 0 })
    }

    /// Sends a command as it is. Where that fails, what the server said last is the reason.
    pub fn say(&mut self, command: &Value) -> Heard<()> {
        self.checks.said(command);
        let sent = self.send_bytes(&wire::masked(true, TEXT, command.to_string().as_bytes()));
        sent.map_err(|error| match self.end(Duration::from_secs(1)) {
            Some(lost) => lost,
            None => error.into(),
        })
    }

    /// Sends a command under a fresh id and returns the id.
    pub fn tell(&mut self, mut command: Value) -> Heard<String> {
        self.ids += 1;
        let id = format!("line-{}", self.ids);
        command["id"] = json!(id);
        self.say(&command)?;
        Ok(id)
    }

    /// Sends a command and waits for its answer; whatever comes before is handed to `event`.
    pub fn ask(&mut self, command: Value, mut event: impl FnMut(Value)) -> Heard<Value> {
        let id = self.tell(command)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.hear_until(deadline)? {
                Some(frame) if frame["id"] == id.as_str() => return Ok(frame),
                Some(frame) => event(frame),
                None => panic!("no answer to {id} within {PATIENCE:?}"),
            }
        }
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next JSON frame; `None` where nothing comes for so long.
    pub fn hear(&mut self, patience: Duration) -> Heard<Option<Value>> {
        self.hear_until(Instant::now() + patience)
    }

    pub fn hear_until(&mut self, deadline: Instant) -> Heard<Option<Value>> {
        loop {
            if let Some(frame) = wire::take(&mut self.buffer) {
                if let Some(value) = self.incoming(frame)? {
                    return Ok(Some(value));
                }
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            self.stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            let mut piece = [0; 64 * 1024];
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(Lost::Cut("ended".to_owned())),
                Ok(count) => self.buffer.extend(&piece[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn incoming(&mut self, frame: wire::Frame) -> Heard<Option<Value>> {
        let payload = frame.payload;
        match frame.opcode {
            TEXT => {
                let raw = String::from_utf8(payload).expect("text frames are UTF-8");
                let value = serde_json::from_str(&raw).unwrap_or_else(|error| panic!("{error} in {raw:?}"));
                self.checks.heard(&raw, &value);
                Ok(Some(value))
            }
            PING if self.answers_pings => {
                self.send_bytes(&wire::masked(true, PONG, &payload))?;
                Ok(None)
            }
            CLOSE => {
                let code = payload.get(..2).map_or(1005, |two| u16::from_be_bytes([two[0], two[1]]));
                let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                Err(Lost::Closed(code, reason))
            }
            _ => Ok(None),
        }
    }

    /// Reads to the end and says how it ended; `None` where it has not ended within `patience`.
    pub fn end(&mut self, patience: Duration) -> Option<Lost> {
        self.end_with(patience, |_| ())
    }

    /// The same; what comes before the end is handed to `event`.
    pub fn end_with(&mut self, patience: Duration, mut event: impl FnMut(Value)) -> Option<Lost> {
        let deadline = Instant::now() + patience;
        loop {
            match self.hear_until(deadline) {
                Ok(Some(frame)) => event(frame),
                Ok(None) => return None,
                Err(lost) => return Some(lost),
            }
        }
    }
}
