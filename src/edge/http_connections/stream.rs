//! The socket of an HTTP connection: it reads no further than the request at hand needs, and ends where the client leaves a
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
use super::registry::Place;

/// Bytes that are read at once of a request's head: few, since the dispatcher takes apart all requests that it is given.
const HEAD_PIECE: usize = 2 * 1_024;
/// The head of a request is no longer than this.
const HEAD_BYTES: usize = 32 * 1_024;
/// The head of a request must be here so long after its first byte. For a connection's first one the dispatcher has a
/// deadline of its own, a little shorter, and answers with 408.
const HEAD_TIME: Duration = Duration::from_secs(6);

/// The bounded stream of an HTTP connection.
pub(crate) struct HttpStream {
    io: TcpStream,
    shared: Shared,
    /// How long a client may leave unread what waits for it; `None`: for ever.
    patience: Option<Duration>,
    reading: Head,
    writing: Writing,
}

/// What others know of the connection; dropped with the stream.
struct Shared {
    connection: Arc<HttpConnection>,
    _place: Place,
}

/// How far the head of the next request has come.
#[derive(Default)]
struct Head {
    /// Requests that had begun when it was looked at last.
    requests: u64,
    bytes: usize,
    deadline: Option<Pin<Box<Sleep>>>,
    /// The dispatcher has its turn before more is read.
    yields: bool,
    /// It is longer than may be, and was broken off.
    is_large: bool,
}

/// How far what was handed over has left.
#[derive(Default)]
struct Writing {
    written: u64,
    blocked: Option<Blocked>,
}

/// The socket does not take all that there is.
struct Blocked {
    /// So many bytes must have been written in all.
    until: u64,
    /// By then; `None`: whenever.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl HttpStream {
    /// The stream of a connection that has just been accepted.
    pub(super) fn new(
        io: TcpStream,
        connection: Arc<HttpConnection>,
        place: Place,
        patience: Option<Duration>,
    ) -> Self {
        let shared = Shared { connection, _place: place };
        Self { io, shared, patience, reading: Head::default(), writing: Writing::default() }
    }

    /// What its requests and responses share.
    pub(crate) fn connection(&self) -> &Arc<HttpConnection> {
        &self.shared.connection
    }

    /// True once the head of a request was too large to be read to its end.
    pub(crate) const fn has_large_head(&self) -> bool {
        self.reading.is_large
    }

    /// The bare socket, which is no HTTP connection any more.
    pub(crate) fn into_tcp(self) -> TcpStream {
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(&self.io).set_tcp_user_timeout(None);
        self.io
    }

    /// Ends the connection with a reset, so that the kernel keeps nothing for a client that does not read.
    fn cut(&self, kind: io::ErrorKind) -> io::Error {
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
            return Poll::Ready(Err(self.cut(io::ErrorKind::TimedOut)));
        }
        let count = ready!(self.read_some(cx, buf, HEAD_PIECE))?;
        self.reading.yields = count == HEAD_PIECE;
        self.reading.bytes += count;
        if is_bounded && self.reading.bytes > HEAD_BYTES && buf.remaining() > 0 {
            // No head goes on with this, so the dispatcher refuses the request and closes.
            buf.put_slice(b"\0");
            self.reading.bytes = 0;
            self.reading.is_large = true;
        }
        if count > 0 && self.reading.deadline.is_none() {
            let mut deadline = Box::pin(sleep(HEAD_TIME));
            let _ = deadline.as_mut().poll(cx);
            self.reading.deadline = Some(deadline);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads at most so many bytes, and says how many.
    fn read_some(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, most: usize) -> Poll<io::Result<usize>> {
        let room = buf.remaining().min(most);
        let mut piece = ReadBuf::new(buf.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
        let count = piece.filled().len();
        buf.advance(count);
        Poll::Ready(Ok(count))
    }

    /// Only looks whether the client has gone.
    fn read_nothing(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut byte = [0];
        match ready!(self.io.poll_peek(cx, &mut ReadBuf::new(&mut byte))) {
            Ok(0) => Poll::Ready(Ok(())),
            Ok(_) => {
                self.connection().withhold();
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// The socket takes nothing now. `Ready`: it has not for too long.
    fn wait_for_client(&mut self, cx: &mut Context<'_>, waiting: usize) -> Poll<io::Error> {
        let written = self.writing.written;
        if self.writing.blocked.as_ref().is_none_or(|blocked| written >= blocked.until) {
            let until = written.saturating_add(u64::try_from(waiting).unwrap_or(u64::MAX));
            let deadline = self.patience.map(|patience| Box::pin(sleep(patience)));
            self.writing.blocked = Some(Blocked { until, deadline });
            self.connection().stall(Instant::now());
        }
        match self.writing.blocked.as_mut().and_then(|blocked| blocked.deadline.as_mut()) {
            Some(deadline) => ready!(deadline.as_mut().poll(cx)),
            None => return Poll::Pending,
        }
        Poll::Ready(self.cut(io::ErrorKind::TimedOut))
    }
}

impl AsyncRead for HttpStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.connection().register(cx.waker());
        if this.connection().is_cut() {
            return Poll::Ready(Err(this.cut(io::ErrorKind::ConnectionAborted)));
        }
        if this.writing.blocked.is_some() {
            // Nothing is read from a client that does not read.
            this.connection().withhold();
            return Poll::Pending;
        }
        let (reading, requests) = this.connection().reading();
        if requests != this.reading.requests {
            this.reading = Head { requests, ..Head::default() };
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
        if this.connection().is_cut() {
            return Poll::Ready(Err(this.cut(io::ErrorKind::ConnectionAborted)));
        }
        match Pin::new(&mut this.io).poll_write(cx, buf) {
            Poll::Ready(Ok(count)) => {
                let is_all = count == buf.len();
                this.writing.written = this.writing.written.saturating_add(u64::try_from(count).unwrap_or_default());
                this.connection().sent(count, is_all);
                if is_all && this.writing.blocked.take().is_some() {
                    this.connection().read_on();
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

impl Drop for Shared {
    fn drop(&mut self) {
        self.connection.end();
    }
}
