//! The stream that the HTTP dispatcher reads and writes, over the bounded one of [`transport`](crate::edge::http_connections). It makes up for two
//! things that the dispatcher does not do.
//!
//! **A client that closes its side is still answered.** The dispatcher gives up a body that it has not handed over when it reads
//! the end of the stream, even where the rest of the body is in its buffer. So the end is held back while a request is under way,
//! and told to [`Hangup`] at once for those who wait.
//!
//! **What is no HTTP is answered with a problem document** in place of the dispatcher's empty answer (`unparsed`).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::hangup::Hangup;
use super::unparsed;
use crate::edge::http_connections::{HttpConnection, HttpStream};

/// The end of the stream is held back no longer: a body that was cut off is then known to be.
const HELD: Duration = Duration::from_secs(1);

/// The stream of a connection.
pub(crate) struct EdgeStream {
    io: HttpStream,
    hangup: Hangup,
    /// Something was read since something was last written: a request may be under way.
    asked: bool,
    held: Option<Pin<Box<Sleep>>>,
    /// What is written in place of an answer of the dispatcher's, as far as it has not been yet.
    instead: Bytes,
    /// The last write was taken whole, so the next one begins where an answer may begin.
    whole: bool,
}

impl EdgeStream {
    /// Over this connection.
    pub(crate) fn new(io: HttpStream) -> Self {
        Self { io, hangup: Hangup::default(), asked: false, held: None, instead: Bytes::new(), whole: true }
    }

    /// Where its end is told.
    pub(crate) fn hangup(&self) -> Hangup {
        self.hangup.clone()
    }

    /// What its requests and responses share.
    pub(crate) fn connection(&self) -> &Arc<HttpConnection> {
        self.io.connection()
    }

    /// The bare socket, for those who take it over. Its end can be read from it again.
    pub(crate) fn into_tcp(self) -> TcpStream {
        self.io.into_tcp()
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.asked {
            let held = self.held.get_or_insert_with(|| Box::pin(sleep(HELD)));
            ready!(held.as_mut().poll(cx));
            self.asked = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.instead.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.instead))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.instead.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for EdgeStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.hangup.has_happened() {
            return self.poll_end(cx);
        }
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.io).poll_read(cx, buffer));
        if read.is_ok() && buffer.filled().len() > before {
            self.asked = true;
            return Poll::Ready(Ok(()));
        }
        self.hangup.happened();
        read?;
        self.poll_end(cx)
    }
}

impl AsyncWrite for EdgeStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_instead(cx))?;
        let begins = self.whole;
        if begins && let Some(instead) = unparsed::in_place_of(bytes, self.io.has_large_head()) {
            self.instead = instead;
            // What is not taken now goes out with the flush.
            if let Poll::Ready(Err(error)) = self.poll_instead(cx) {
                return Poll::Ready(Err(error));
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, bytes))?;
        self.whole = written == bytes.len();
        if self.asked {
            self.asked = false;
            if self.held.take().is_some() {
                // The end that was held back can be read now.
                cx.waker().wake_by_ref();
            }
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
