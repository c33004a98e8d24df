//! Bodies that nobody reads to their end: one that came too slowly, or one sent to a path that takes none.
//!
//! actix closes a connection on which an announced body stays unread, but one in chunks it goes on reading, to use the
//! connection again, for as long as the client likes to keep it open: without a deadline, and without having to log in.
//! It closes on those too while somebody still holds the body as the answer goes out; so somebody does.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use bytes::Bytes;
use futures_util::Stream;

/// An answer is on its way sooner than this.
const HELD: Duration = Duration::from_secs(1);

/// A body with two holders: the handler and [`close_unread`].
#[derive(Clone)]
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// Lets the connection close behind an answer that was given without reading the whole body.
///
/// # Errors
/// Those of what it stands around.
pub(crate) async fn close_unread<B: MessageBody>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if !req.chunked().unwrap_or_default() {
        return next.call(req).await;
    }
    let body = Shared(Rc::new(RefCell::new(req.take_payload())));
    req.set_payload(Payload::Stream { payload: Box::pin(body.clone()) });
    let answer = next.call(req).await;
    actix_web::rt::spawn(async move {
        tokio::time::sleep(HELD).await;
        drop(body);
    });
    answer
}
