//! The middleware around every route: it checks the `Host`, makes every error a problem document, and adds the security headers.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use super::security_headers::set_security_headers;
use super::{host, problem};
use crate::service::Services;

pub(crate) async fn finish_response(
    services: web::Data<Services>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = if host::is_own(&req, &services.config) {
        next.call(req).await.map_err(explain_error)?.map_into_boxed_body()
    } else {
        req.into_response(problem::misdirected())
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    if !is_explained(&response) {
        response = explain(response);
    }
    set_security_headers(response.headers_mut(), &services.config);
    Ok(response)
}

/// True for responses that are no error, and for errors with a body of their own format.
fn is_explained(response: &ServiceResponse<BoxBody>) -> bool {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return true;
    }
    let is_empty = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    // Errors of the framework are plain text.
    let is_plain = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/plain");
    !is_empty && !response.headers().get(CONTENT_TYPE).is_none_or(is_plain)
}

fn explain(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (status, (code, detail)) = (response.status(), explanation(response.status()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(problem::PROBLEM_JSON));
    response.map_body(|_, _| BoxBody::new(problem::document(status.as_u16(), code, detail.to_owned())))
}

fn explain_error(error: actix_web::Error) -> actix_web::Error {
    let status = error.as_response_error().status_code();
    let (code, detail) = explanation(status);
    let response = problem::response(status, code, detail.to_owned());
    actix_web::error::InternalError::from_response(error, response).into()
}

/// The code and detail for an error of which only the status is known.
fn explanation(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => ("unauthenticated", "Log in first."),
        403 => ("forbidden", "This is not allowed."),
        404 => ("not_found", "There is nothing here."),
        405 => ("invalid_request", "This path does not answer to this method."),
        413 | 431 => ("too_large", "The request is too large."),
        415 => ("unsupported_media_type", "The body is of a type that is not understood here."),
        429 => ("rate_limited", "Too many requests. Try again later."),
        503 => ("unavailable", "The server cannot answer this now. Try again in a moment."),
        400..500 => ("invalid_request", "This request could not be understood."),
        _ => ("internal", "Something went wrong on the server."),
    }
}
