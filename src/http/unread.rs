//! Bodies that are not read to their end: too slow ones, and those sent to a route that takes none.
//!
//! actix closes a connection whose body of known length remains unread, but it drains a chunked one to reuse the connection:
//! without a deadline and without a login. While the body is still held when the response is sent, it closes those too.

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

/// A response is being sent sooner than this.
const HELD: Duration = Duration::from_secs(1);

/// Held by the handler and by [`close_unread`].
#[derive(Clone)]
struct HeldBody(Rc<RefCell<Payload>>);

impl Stream for HeldBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// Closes the connection after a response that was sent without reading the whole body.
pub(crate) async fn close_unread<B: MessageBody>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if !req.chunked().unwrap_or_default() {
        return next.call(req).await;
    }
    let body = HeldBody(Rc::new(RefCell::new(req.take_payload())));
    req.set_payload(Payload::Stream { payload: Box::pin(body.clone()) });
    let response = next.call(req).await;
    actix_web::rt::spawn(async move {
        tokio::time::sleep(HELD).await;
        drop(body);
    });
    response
}
