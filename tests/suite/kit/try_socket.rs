//! A client for which a lost connection is a result, not a failure.
//!
//! `Socket` is for tests whose server keeps running; a `TrySocket` is for those that kill it, stop reading, or open thousands.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::PATIENCE;
use super::dial::Dial;
use super::endpoint::Endpoint;
use super::frame_checks::FrameChecks;
use super::http::ROOT;
use super::wire::{self, CLOSE, PING, PONG, TEXT};

/// Why there is no connection (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The server closed it, with this code and reason.
    Closed(u16, String),
    /// The handshake was answered with this status.
    Refused(u16),
    /// The TCP connection ended, or never began.
    Cut(String),
}

pub type OrLost<T> = Result<T, Lost>;

impl From<std::io::Error> for Lost {
    fn from(error: std::io::Error) -> Self {
        Self::Cut(error.to_string())
    }
}

/// One connection.
#[derive(Debug)]
pub struct TrySocket {
    stream: TcpStream,
    buffer: Vec<u8>,
    checks: FrameChecks,
    /// The `ready` frame, once `hello` was answered.
    pub ready: Value,
    /// Off: a peer that is connected and silent.
    pub answers_pings: bool,
    ids: u64,
}

impl TrySocket {
    /// A connection that has received `ready`.
    pub fn connect(endpoint: &Endpoint, token: &str) -> OrLost<Self> {
        Self::connect_by(Dial::default(), endpoint, token)
    }

    /// The same, dialled another way.
    pub fn connect_by(dial: Dial, endpoint: &Endpoint, token: &str) -> OrLost<Self> {
        let mut line = Self::open(dial, endpoint)?;
        line.send(&json!({"type": "hello", "token": token}))?;
        let deadline = Instant::now() + PATIENCE;
        while line.ready.is_null() {
            let frame = line.receive_until(deadline)?.ok_or_else(|| Lost::Cut("no ready".to_owned()))?;
            if frame["code"] == "unavailable" {
                // The server closes the connection behind it.
                continue;
            }
            assert_eq!(frame["type"], "ready", "before ready: {frame}");
            line.ready = frame;
        }
        Ok(line)
    }

    /// An upgraded socket that has not sent `hello`.
    pub fn open(dial: Dial, endpoint: &Endpoint) -> OrLost<Self> {
        let path = format!("{ROOT}/ws");
        let mut stream = dial.connect_to(endpoint.dealt(&path))?;
        // The key is the example of RFC 6455; `Socket` checks its answer.
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            endpoint.address()
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
            let status = head.split(' ').nth(1).and_then(|name| name.parse().ok());
            return Err(Lost::Refused(status.unwrap_or_else(|| panic!("no HTTP: {head:?}"))));
        }
        let checks = FrameChecks::default();
        Ok(Self { stream, buffer: rest, checks, ready: Value::Null, answers_pings: true, ids: 0 })
    }

    /// Sends a command as it is. Where that fails, the error is how the server ended the connection.
    pub fn send(&mut self, command: &Value) -> OrLost<()> {
        self.send_all(std::slice::from_ref(command))
    }

    /// Sends commands in one write, so that the server reads them together.
    pub fn send_all(&mut self, commands: &[Value]) -> OrLost<()> {
        let mut bytes = Vec::new();
        for command in commands {
            self.checks.sent(command);
            bytes.extend(wire::masked(true, TEXT, command.to_string().as_bytes()));
        }
        let sent = self.send_bytes(&bytes);
        sent.map_err(|error| match self.end(Duration::from_secs(1)) {
            Some(lost) => lost,
            None => error.into(),
        })
    }

    /// Sends a command under a fresh id and returns the id.
    pub fn submit(&mut self, mut command: Value) -> OrLost<String> {
        self.ids += 1;
        let id = format!("line-{}", self.ids);
        command["id"] = json!(id);
        self.send(&command)?;
        Ok(id)
    }

    /// Sends a command and waits for its answer; frames before it are passed to `event`.
    pub fn request(&mut self, command: Value, mut event: impl FnMut(Value)) -> OrLost<Value> {
        let id = self.submit(command)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.receive_until(deadline)? {
                Some(frame) if frame["id"] == id.as_str() => return Ok(frame),
                Some(frame) => event(frame),
                None => panic!("no answer to {id} within {PATIENCE:?}"),
            }
        }
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// The next JSON frame; `None` where none arrives within `patience`.
    pub fn receive(&mut self, patience: Duration) -> OrLost<Option<Value>> {
        self.receive_until(Instant::now() + patience)
    }

    pub fn receive_until(&mut self, deadline: Instant) -> OrLost<Option<Value>> {
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

    fn incoming(&mut self, frame: wire::Frame) -> OrLost<Option<Value>> {
        let payload = frame.payload;
        match frame.opcode {
            TEXT => {
                let raw = String::from_utf8(payload).expect("text frames are UTF-8");
                let value = serde_json::from_str(&raw).unwrap_or_else(|error| panic!("{error} in {raw:?}"));
                self.checks.received(&raw, &value);
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

    /// Reads to the end and returns how it ended; `None` where it has not ended within `patience`.
    pub fn end(&mut self, patience: Duration) -> Option<Lost> {
        self.end_with(patience, |_| ())
    }

    /// The same; frames before the end are passed to `event`.
    pub fn end_with(&mut self, patience: Duration, mut event: impl FnMut(Value)) -> Option<Lost> {
        let deadline = Instant::now() + patience;
        loop {
            match self.receive_until(deadline) {
                Ok(Some(frame)) => event(frame),
                Ok(None) => return None,
                Err(lost) => return Some(lost),
            }
        }
    }
}
