//! One WebSocket as a client: handshake, then frames in and out by polling. Reading goes through a buffer shared by the
//! thread, only an unfinished frame is kept here; what is written gathers until `flush`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::client::{self, PATIENCE, Target};
use crate::dialect::Dialect;
use crate::error::LoadError;
use crate::frame_kind::{self, Classifier, FrameKind};
use crate::wire;

#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    /// The beginning of a frame whose end has not come.
    rest: Vec<u8>,
    out: Vec<u8>,
    /// Bytes of `out` that have left.
    left: usize,
}

impl Socket {
    /// Handshake, `hello`, `ready`; also the text of `ready`.
    pub async fn open(
        target: &Target,
        dialect: Dialect,
        number: usize,
        token: &str,
    ) -> Result<(Self, Vec<u8>), LoadError> {
        let opening = async {
            let mut socket = Self::upgrade(target, dialect, number).await?;
            socket.send(&dialect.hello(token)).await?;
            let mut classifier = Classifier::new(dialect);
            loop {
                let text = socket.receive().await?;
                match classifier.classify(&text) {
                    FrameKind::Ready => return Ok((socket, text)),
                    FrameKind::Greeting => {}
                    FrameKind::Ping => socket.send(frame_kind::PONG).await?,
                    _ => return Err(LoadError::answer("hello", String::from_utf8_lossy(&text))),
                }
            }
        };
        tokio::time::timeout(PATIENCE, opening)
            .await
            .unwrap_or_else(|_| Err(LoadError::answer("hello", "nothing for 30 s")))
    }

    async fn upgrade(target: &Target, dialect: Dialect, number: usize) -> Result<Self, LoadError> {
        let stream = target.connect(number).await?;
        // The key guards against caches that replay answers; there is none between, so it can be always the same.
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            dialect.path(),
            target.host()
        );
        client::write(&stream, request.as_bytes()).await?;
        let mut bytes = Vec::new();
        loop {
            let ended = client::read(&stream, &mut bytes).await? == 0;
            match client::split(&bytes) {
                Some((head, rest)) if client::status(head) == 101 => {
                    let rest = rest.to_vec();
                    return Ok(Self { stream, rest, out: Vec::new(), left: 0 });
                }
                None if !ended => {}
                _ => {
                    return Err(LoadError::answer("the WebSocket handshake", String::from_utf8_lossy(&bytes)));
                }
            }
        }
    }

    /// Sends one frame at once, for callers that wait for the answer.
    pub async fn send(&self, text: &str) -> Result<(), LoadError> {
        let mut out = Vec::new();
        wire::encode(wire::TEXT, text.as_bytes(), &mut out);
        client::write(&self.stream, &out).await
    }

    pub async fn receive(&mut self) -> Result<Vec<u8>, LoadError> {
        loop {
            let broken = |error: wire::Broken| LoadError::answer("waiting", error.to_string());
            while let Some((frame, behind)) = wire::decode(&self.rest).map_err(broken)? {
                let (opcode, payload, behind) = (frame.opcode, frame.payload.to_vec(), behind.to_vec());
                self.rest = behind;
                match opcode {
                    wire::TEXT => return Ok(payload),
                    wire::PING => {
                        let mut pong = Vec::new();
                        wire::encode(wire::PONG, &payload, &mut pong);
                        client::write(&self.stream, &pong).await?;
                    }
                    wire::CLOSE => return Err(LoadError::answer("waiting", wire::closing(&payload))),
                    _ => {}
                }
            }
            if client::read(&self.stream, &mut self.rest).await? == 0 {
                return Err(LoadError::answer("waiting", "nothing and ends"));
            }
        }
    }

    pub fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Reads once. The bytes to decode stand in `scratch`, the unfinished frame of the last time before them; their
    /// number is the answer, `UnexpectedEof` once the server has ended.
    pub fn poll_read(&mut self, context: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<usize>> {
        let kept = self.rest.len();
        let Some((start, free)) = scratch.split_at_mut_checked(kept).filter(|(_, free)| !free.is_empty()) else {
            return Poll::Ready(Err(io::Error::other("a frame larger than any Parlor sends")));
        };
        start.copy_from_slice(&self.rest);
        let mut free = ReadBuf::new(free);
        match Pin::new(&mut self.stream).poll_read(context, &mut free) {
            Poll::Ready(Ok(())) if free.filled().is_empty() => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Poll::Ready(Ok(())) => Poll::Ready(Ok(kept + free.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Takes out what is kept for the next read.
    pub fn kept(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rest)
    }

    pub fn keep(&mut self, unfinished: &[u8]) {
        self.rest.clear();
        self.rest.extend_from_slice(unfinished);
    }

    /// Writes what has gathered, as far as it goes; the rest when the socket takes more.
    pub fn flush(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.left < self.out.len() {
            let waiting = self.out.get(self.left..).unwrap_or_default();
            match Pin::new(&mut self.stream).poll_write(context, waiting) {
                Poll::Ready(written) => self.left += written?,
                Poll::Pending => return Ok(()),
            }
        }
        self.out.clear();
        self.left = 0;
        Ok(())
    }
}
