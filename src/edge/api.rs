//! The middleware around the routes of APIs: no secrets in URLs, no caching, and CORS.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};

use super::problem::Problem;
use super::{cors, url_token};
use crate::service::Services;

pub(crate) async fn api(
    services: web::Data<Services>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let decision = cors::API.decide(req.request(), &services.config);
    let mut response = match url_token::reject(req.request()) {
        _ if decision.is_preflight => req.into_response(HttpResponse::NoContent().finish()),
        Err(refusal) => req.error_response(Problem(refusal)),
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    decision.write(headers);
    Ok(response)
}
