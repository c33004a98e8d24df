//! The socket of an HTTP connection. It is read no further than the current request needs, and ends where the client leaves a
//! response unread or does not finish the head of a request.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connection::{HttpConnection, Reading};
use super::registry::Registration;

/// Bytes of a request's head in one read: few, since the dispatcher parses all pipelined requests that it receives.
const HEAD_PIECE: usize = 2 * 1_024;
const MAX_HEAD: usize = 32 * 1_024;
/// Time from the first byte of a head to its end. For the first request of a connection the dispatcher has a shorter one, and
/// responds with 408.
const HEAD_TIMEOUT: Duration = Duration::from_secs(6);

pub(crate) struct HttpStream {
    io: TcpStream,
    shared: ConnectionHandle,
    /// Time for which a client may leave a response unread; `None` is for ever.
    write_timeout: Option<Duration>,
    reading: HeadProgress,
    writing: WriteProgress,
}

/// What others share of the connection; dropped with the stream.
struct ConnectionHandle {
    connection: Arc<HttpConnection>,
    _registration: Registration,
}

#[derive(Default)]
struct HeadProgress {
    /// Requests that had begun before it.
    requests: u64,
    bytes: usize,
    deadline: Option<Pin<Box<Sleep>>>,
    /// The dispatcher runs before more is read.
    yields: bool,
    is_large: bool,
}

#[derive(Default)]
struct WriteProgress {
    written: u64,
    blocked: Option<Blocked>,
}

/// The socket does not take all of a write.
struct Blocked {
    /// The `written` at which all of it is taken.
    until: u64,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl HttpStream {
    pub(super) fn new(
        io: TcpStream,
        connection: Arc<HttpConnection>,
        registration: Registration,
        write_timeout: Option<Duration>,
    ) -> Self {
        let shared = ConnectionHandle { connection, _registration: registration };
        Self { io, shared, write_timeout, reading: HeadProgress::default(), writing: WriteProgress::default() }
    }

    pub(crate) fn connection(&self) -> &Arc<HttpConnection> {
        &self.shared.connection
    }

    pub(crate) const fn has_large_head(&self) -> bool {
        self.reading.is_large
    }

    /// The bare socket, which does not count as an HTTP connection any more.
    pub(crate) fn into_tcp(self) -> TcpStream {
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(&self.io).set_tcp_user_timeout(None);
        self.io
    }

    /// Has the socket end with a reset, so that the kernel keeps nothing for a client that does not read.
    fn abort(&self, kind: io::ErrorKind) -> io::Error {
        let _ = socket2::SockRef::from(&self.io).set_linger(Some(Duration::ZERO));
        kind.into()
    }

    fn read_head(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, is_bounded: bool) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.reading.yields) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(deadline) = &mut self.reading.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(self.abort(io::ErrorKind::TimedOut)));
        }
        let count = ready!(self.read_some(cx, buf, HEAD_PIECE))?;
        self.reading.yields = count == HEAD_PIECE;
        self.reading.bytes += count;
        if is_bounded && self.reading.bytes > MAX_HEAD && buf.remaining() > 0 {
            // No head contains this byte, so the dispatcher refuses the request and closes the connection.
            buf.put_slice(b"\0");
            self.reading.bytes = 0;
            self.reading.is_large = true;
        }
        if count > 0 && self.reading.deadline.is_none() {
            let mut deadline = Box::pin(sleep(HEAD_TIMEOUT));
            let _ = deadline.as_mut().poll(cx);
            self.reading.deadline = Some(deadline);
        }
        Poll::Ready(Ok(()))
    }

    fn read_some(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, max: usize) -> Poll<io::Result<usize>> {
        let room = buf.remaining().min(max);
        let mut piece = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
        let count = piece.filled().len();
        buf.advance(count);
        Poll::Ready(Ok(count))
    }

    /// Checks for the end of the stream without reading.
    fn read_nothing(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut byte = [0];
        match ready!(self.io.poll_peek(cx, &mut ReadBuf::new(&mut byte))) {
            Ok(0) => Poll::Ready(Ok(())),
            Ok(_) => {
                self.connection().withhold_reading();
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// The socket takes nothing now. `Ready` when the write timeout has elapsed.
    fn wait_for_client(&mut self, cx: &mut Context<'_>, waiting: usize) -> Poll<io::Error> {
        let written = self.writing.written;
        if self.writing.blocked.as_ref().is_none_or(|blocked| written >= blocked.until) {
            let until = written.saturating_add(u64::try_from(waiting).unwrap_or(u64::MAX));
            let deadline = self.write_timeout.map(|write_timeout| Box::pin(sleep(write_timeout)));
            self.writing.blocked = Some(Blocked { until, deadline });
            self.connection().stall(Instant::now());
        }
        match self.writing.blocked.as_mut().and_then(|blocked| blocked.deadline.as_mut()) {
            Some(deadline) => ready!(deadline.as_mut().poll(cx)),
            None => return Poll::Pending,
        }
        Poll::Ready(self.abort(io::ErrorKind::TimedOut))
    }
}

impl AsyncRead for HttpStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.connection().register(cx.waker());
        if this.connection().is_aborted() {
            return Poll::Ready(Err(this.abort(io::ErrorKind::ConnectionAborted)));
        }
        if this.writing.blocked.is_some() {
            // Backpressure: a client that does not read is not read from.
            this.connection().withhold_reading();
            return Poll::Pending;
        }
        let (reading, requests) = this.connection().reading();
        if requests != this.reading.requests {
            this.reading = HeadProgress { requests, ..HeadProgress::default() };
        }
        match reading {
            Reading::Head | Reading::Rest if this.connection().is_retired() => Poll::Ready(Ok(())),
            Reading::Head => this.read_head(cx, buf, true),
            Reading::Rest => this.read_head(cx, buf, false),
            Reading::Body => {
                let count = ready!(this.read_some(cx, buf, usize::MAX))?;
                if count > 0 {
                    this.connection().body_read();
                }
                Poll::Ready(Ok(()))
            }
            Reading::Nothing => this.read_nothing(cx),
        }
    }
}

impl AsyncWrite for HttpStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.connection().register(cx.waker());
        if this.connection().is_aborted() {
            return Poll::Ready(Err(this.abort(io::ErrorKind::ConnectionAborted)));
        }
        match Pin::new(&mut this.io).poll_write(cx, buf) {
            Poll::Ready(Ok(count)) => {
                let is_all = count == buf.len();
                this.writing.written = this.writing.written.saturating_add(u64::try_from(count).unwrap_or_default());
                this.connection().on_written(count, is_all);
                if is_all && this.writing.blocked.take().is_some() {
                    this.connection().resume_reading();
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => this.wait_for_client(cx, buf.len()).map(Err),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Drop for ConnectionHandle {
    fn drop(&mut self) {
        self.connection.on_end();
    }
}
