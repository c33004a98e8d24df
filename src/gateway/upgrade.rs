//! Taking a socket out of the HTTP dispatcher.
//!
//! actix-http passes every upgrade request, of any path, to its upgrade service together with the socket. This one lets an
//! instance of the app respond, so that routing, data and extractors work as for any request. A handler that wants the socket
//! puts a [`Takeover`] into its response's extensions; every other response is sent as it is, and the socket closed.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use actix_codec::Framed;
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::{Request, h1};
use actix_service::Service;
use actix_web::dev::ServiceResponse;
use actix_web::rt::net::TcpStream;
use bytes::BytesMut;

use super::admission::PendingHandshake;
use crate::domain::Identity;
use crate::edge::EdgeStream;
use crate::protocol::Protocol;
use crate::rate_limit::Address;

/// Bytes of a response's body at most; those of this server are small.
const MAX_BODY: usize = 256 * 1_024;

pub(crate) struct AcceptedHandshake {
    pub identity: Option<Identity>,
    pub address: Address,
    pub pending: PendingHandshake,
    pub protocol: Box<dyn Protocol>,
}

/// A function that is called with the socket once the head of the response is sent, and with the bytes received behind the
/// request.
pub(crate) struct Takeover(Box<dyn FnOnce(TcpStream, BytesMut)>);

impl Takeover {
    pub(crate) fn attach(response: &mut actix_web::HttpResponse, take: impl FnOnce(TcpStream, BytesMut) + 'static) {
        let takeover = Self(Box::new(take));
        response.extensions_mut().insert(Rc::new(RefCell::new(Some(takeover))));
    }
}

pub(crate) struct Upgrade<S>(Rc<S>);

impl<S> Upgrade<S> {
    pub(crate) fn new(app: S) -> Self {
        Self(Rc::new(app))
    }
}

impl<S, B> Service<(Request, Framed<EdgeStream, h1::Codec>)> for Upgrade<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = actix_http::Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), actix_http::Error>>>>;

    actix_service::always_ready!();

    fn call(&self, (request, framed): (Request, Framed<EdgeStream, h1::Codec>)) -> Self::Future {
        let app = Rc::clone(&self.0);
        Box::pin(async move {
            let response = match app.call(request).await {
                Ok(response) => response.into_parts().1.map_into_boxed_body(),
                Err(error) => error.error_response(),
            };
            if let Err(error) = respond(framed, response).await {
                // The client has disconnected. The dispatcher would log this as an error, which anyone could cause.
                log::debug!("an upgrade ended before its response was sent: {error}");
            }
            Ok(())
        })
    }
}

async fn respond(
    framed: Framed<EdgeStream, h1::Codec>,
    mut response: actix_web::HttpResponse<BoxBody>,
) -> Result<(), actix_http::Error> {
    let takeover = response.extensions_mut().remove::<Rc<RefCell<Option<Takeover>>>>();
    let takeover = takeover.and_then(|takeover| takeover.borrow_mut().take());
    let (head, body) = actix_http::Response::from(response).into_parts();
    let Some(Takeover(take)) = takeover else {
        let bytes = match body.size() {
            BodySize::None => bytes::Bytes::new(),
            _ => actix_http::body::to_bytes_limited(body, MAX_BODY).await.ok().and_then(Result::ok).unwrap_or_default(),
        };
        h1::SendResponse::new(framed, head.set_body(bytes)).await?;
        return Ok(());
    };
    let framed = h1::SendResponse::new(framed, head.set_body(actix_http::body::None::new())).await?;
    let parts = framed.into_parts();
    let (io, first) = (parts.io.into_tcp(), bytes::BytesMut::from(&parts.read_buf[..]));
    // In a task of its own: the dispatcher's buffers are freed before anything is allocated that lives as long as the connection,
    // so that their memory can be used again.
    actix_web::rt::spawn(async move { take(io, first) });
    Ok(())
}
