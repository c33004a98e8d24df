//! A WebSocket client that does nothing on its own but answer pings: what is sent and read is the test's choice.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::PATIENCE;
use super::endpoint::Endpoint;
use super::frame_checks::FrameChecks;
use super::http::ROOT;
use super::reply::Reply;
use super::wire::{self, BINARY, CLOSE, PING, PONG, TEXT};

/// What a server can send on a socket.
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
    pub(super) kept: VecDeque<Value>,
    pub(super) checks: FrameChecks,
    /// The `ready` frame, once `hello` was answered.
    pub ready: Value,
    /// What the server chose among the subprotocols offered.
    pub subprotocol: Option<String>,
    /// Off: a peer that is connected and silent.
    pub answers_pings: bool,
    /// Off: a test that closes gaps itself, or looks at frames out of order.
    pub checked: bool,
    pub(super) ids: u64,
}

impl Socket {
    pub(super) fn peer(&self) -> SocketAddr {
        self.stream.peer_addr().expect("it is connected")
    }

    /// Upgrades to the native dialect. An answer other than 101 is the error.
    pub fn open(endpoint: &Endpoint, headers: &[(&str, &str)]) -> Result<Self, Reply> {
        Self::open_at(endpoint, &format!("{ROOT}/ws"), headers)
    }

    /// Upgrades at any path.
    pub fn open_at(endpoint: &Endpoint, path: &str, headers: &[(&str, &str)]) -> Result<Self, Reply> {
        let mut stream = TcpStream::connect(endpoint.dealt(path)).expect("the server answers");
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        // The key and its answer are the example of RFC 6455.
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &format!("Host: {}\r\n", endpoint.address());
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
        assert_eq!(reply.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(reply.header("sec-websocket-extensions"), None, "no extension is offered");
        Ok(Self {
            stream,
            subprotocol: reply.header("sec-websocket-protocol").map(str::to_owned),
            buffer: bytes.split_off(end),
            kept: VecDeque::new(),
            checks: FrameChecks::default(),
            ready: Value::Null,
            answers_pings: true,
            checked: true,
            ids: 0,
        })
    }

    // Sending

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

    // Receiving

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
                let code = payload.get(..2).map(|two| u16::from_be_bytes([two[0], two[1]]));
                let reason = payload.get(2..).unwrap_or_default();
                Incoming::Close(code, String::from_utf8_lossy(reason).into_owned())
            }
            other => panic!("opcode {other}"),
        }
    }

    // Ending

    /// Closes the TCP connection without a close frame.
    pub fn cut(self) {
        drop(self);
    }

    /// The bare connection, for tests that stop reading or write by hand.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

/// The rest of an answer that is no upgrade. The connection may remain open behind it.
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
