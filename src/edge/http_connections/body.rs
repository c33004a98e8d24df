//! Bodies: those of responses in small pieces that count until they have left, those of requests read only as they are needed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

use super::budget::Grant;
use super::connection::{HttpConnection, InFlight};

/// Bytes of a piece at most. The dispatcher copies pieces into its buffer, which it fills up to 32 KiB.
const MAX_PIECE: usize = 16 * 1_024;

/// A response body whose bytes count until the socket has taken them.
pub(crate) struct BoundedBody {
    inner: BoxBody,
    rest: Bytes,
    account: Option<ResponseAccount>,
}

struct ResponseAccount {
    connection: Arc<HttpConnection>,
    grant: Arc<Grant>,
    /// The length was known before the body was read.
    is_sized: bool,
    _request: InFlight,
}

impl BoundedBody {
    pub(crate) fn unbounded(inner: BoxBody) -> Self {
        Self { inner, rest: Bytes::new(), account: None }
    }

    pub(crate) fn new(inner: BoxBody, connection: Arc<HttpConnection>, request: InFlight) -> Self {
        let (bytes, is_sized) = match inner.size() {
            BodySize::None => (0, true),
            BodySize::Sized(bytes) => (usize::try_from(bytes).unwrap_or(usize::MAX), true),
            BodySize::Stream => (0, false),
        };
        let grant = if bytes == 0 && is_sized { None } else { connection.hold(bytes) };
        let account = grant.map(|grant| ResponseAccount { connection, grant, is_sized, _request: request });
        Self { inner, rest: Bytes::new(), account }
    }
}

impl MessageBody for BoundedBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        while this.rest.is_empty() {
            match ready!(Pin::new(&mut this.inner).poll_next(cx)) {
                Some(Ok(bytes)) => {
                    if let Some(account) = this.account.as_ref().filter(|account| !account.is_sized) {
                        account.grant.grow(bytes.len());
                    }
                    this.rest = bytes;
                }
                end => return Poll::Ready(end),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(MAX_PIECE));
        if let Some(account) = &this.account {
            account.connection.on_yielded(&account.grant, piece.len());
        }
        Poll::Ready(Some(Ok(piece)))
    }
}

/// A request body that is read from the socket only while its handler waits for it.
pub(crate) struct CountedPayload {
    inner: Payload,
    connection: Arc<HttpConnection>,
}

impl CountedPayload {
    pub(crate) const fn new(inner: Payload, connection: Arc<HttpConnection>) -> Self {
        Self { inner, connection }
    }
}

impl Stream for CountedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.inner).poll_next(cx);
        match &polled {
            Poll::Pending => self.connection.want_body(),
            Poll::Ready(None) => self.connection.body_ended(),
            Poll::Ready(Some(_)) => {}
        }
        polled
    }
}
