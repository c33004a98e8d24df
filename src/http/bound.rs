//! Middleware of all routes: bounds the bytes of responses in flight.

use std::sync::Arc;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, ResponseError, web};

use crate::edge::http_connections::{BoundedBody, CountedPayload, HttpConnection};
use crate::edge::problem::Problem;
use crate::edge::{client, set_security_headers};
use crate::service::Services;

/// A response up to this size is always sent, since its request has been served.
const SMALL: u64 = 16 * 1_024;

/// Bounds the bytes in flight to a user, to an address and in all, and reads a body only while its handler waits for it.
pub(crate) async fn bound_response(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoundedBody>, actix_web::Error> {
    let connection = req.request().conn_data::<Arc<HttpConnection>>().cloned();
    let services = req.app_data::<web::Data<Services>>().cloned();
    let (Some(connection), Some(services)) = (connection, services) else {
        return Ok(next.call(req).await?.map_body(|_, body| BoundedBody::unbounded(body.boxed())));
    };
    let address = client::address(req.request(), &services.config);
    let payload = req.take_payload();
    let has_body = !matches!(payload, Payload::None);
    let (in_flight, admitted) = connection.begin(address, may_be_refused(&req), has_body);
    if has_body {
        let payload = CountedPayload::new(payload, Arc::clone(&connection));
        req.set_payload(Payload::Stream { payload: Box::pin(payload) });
    }
    let mut response = match admitted {
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
        Err(refusal) => hardened(req.error_response(Problem(refusal)), &services),
    };
    if let BodySize::Sized(bytes @ SMALL..) = response.response().body().size()
        && let Err(refusal) = connection.admit(usize::try_from(bytes).unwrap_or(usize::MAX))
    {
        let (request, _) = response.into_parts();
        response = hardened(ServiceResponse::new(request, Problem(refusal).error_response()), &services);
    }
    Ok(response.map_body(|_, body| BoundedBody::new(body, connection, in_flight)))
}

/// For responses that are made outside of the middleware that hardens all others.
fn hardened(mut response: ServiceResponse, services: &Services) -> ServiceResponse {
    set_security_headers(response.headers_mut(), &services.config);
    response
}

/// True for requests without effect; not for polls, whose packets would be lost.
fn may_be_refused(req: &ServiceRequest) -> bool {
    let is_safe = matches!(*req.method(), Method::GET | Method::HEAD);
    is_safe && !["/socket.io", "/engine.io"].iter().any(|prefix| req.path().starts_with(prefix))
}
