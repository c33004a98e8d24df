//! The stream that the HTTP dispatcher reads and writes, over an [`HttpStream`]. It does two things that the dispatcher does not.
//!
//! **A half-closed connection is still answered.** When the dispatcher reads the end of the stream it gives up a request body that
//! its handler has not read yet, even if it has all of it. So the end is held back while a request is in flight, and reported to
//! [`HalfClose`] at once.
//!
//! **Malformed requests are answered with a problem document** in place of the dispatcher's empty response
//! (`malformed_requests`).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::half_close::HalfClose;
use super::malformed_requests;
use crate::edge::http_connections::{HttpConnection, HttpStream};

/// The longest time to hold the end of the stream back: a body that is not whole by then was cut off.
const MAX_HELD_BACK: Duration = Duration::from_secs(1);

pub(crate) struct EdgeStream {
    io: HttpStream,
    half_close: HalfClose,
    /// Bytes were read since the last write: a request may be in flight.
    in_flight: bool,
    /// Set while the end of the stream is held back.
    held_back: Option<Pin<Box<Sleep>>>,
    /// What is left to write of a problem document.
    problem: Bytes,
    /// The last write was complete, so the next one may be the head of a response.
    may_begin_response: bool,
}

impl EdgeStream {
    pub(crate) fn new(io: HttpStream) -> Self {
        Self {
            io,
            half_close: HalfClose::default(),
            in_flight: false,
            held_back: None,
            problem: Bytes::new(),
            may_begin_response: true,
        }
    }

    pub(crate) fn half_close(&self) -> HalfClose {
        self.half_close.clone()
    }

    pub(crate) fn connection(&self) -> &Arc<HttpConnection> {
        self.io.connection()
    }

    /// The bare socket, from which the end of the stream can be read again.
    pub(crate) fn into_tcp(self) -> TcpStream {
        self.io.into_tcp()
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.in_flight {
            let timer = self.held_back.get_or_insert_with(|| Box::pin(sleep(MAX_HELD_BACK)));
            ready!(timer.as_mut().poll(cx));
            self.in_flight = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_problem(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.problem.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.problem))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.problem.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for EdgeStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.half_close.is_set() {
            return self.poll_end(cx);
        }
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.io).poll_read(cx, buffer));
        if read.is_ok() && buffer.filled().len() > before {
            self.in_flight = true;
            return Poll::Ready(Ok(()));
        }
        self.half_close.set();
        read?;
        self.poll_end(cx)
    }
}

impl AsyncWrite for EdgeStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_problem(cx))?;
        if self.may_begin_response
            && let Some(problem) = malformed_requests::problem_for(bytes, self.io.has_large_head())
        {
            self.problem = problem;
            // The rest is written with the flush.
            if let Poll::Ready(Err(error)) = self.poll_problem(cx) {
                return Poll::Ready(Err(error));
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, bytes))?;
        self.may_begin_response = written == bytes.len();
        if self.in_flight {
            self.in_flight = false;
            if self.held_back.take().is_some() {
                // The end that was held back can be read now.
                cx.waker().wake_by_ref();
            }
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_problem(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_problem(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
