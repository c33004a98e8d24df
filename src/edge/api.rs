//! What holds for every route that answers programs, before and after its handler: no secret in the URL, nothing kept by
//! caches, and CORS.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;

use super::problem::Problem;
use super::{cors, services, url_token};

/// Stands around every route that answers programs.
///
/// # Errors
/// Those of the handler. A refusal is an answer.
pub(crate) async fn api(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let services = match services::of(req.request()) {
        Ok(services) => services.clone(),
        Err(problem) => return Ok(req.error_response(problem)),
    };
    let ruling = cors::API.rule(req.request(), &services.config);
    let mut answer = match url_token::reject(req.request()) {
        _ if ruling.is_preflight() => req.into_response(HttpResponse::NoContent().finish()),
        Err(refusal) => req.error_response(Problem(refusal)),
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
    };
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    ruling.write(headers);
    Ok(answer)
}
