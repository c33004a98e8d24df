//! What holds for every route that answers programs, before and after its handler: no secret in the URL, nothing kept by
//! caches, and pages of listed origins let in without credentials (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, HeaderMap,
    HeaderValue, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, web};

use crate::desks::Desks;
use crate::model::Refusal;
use crate::problem::Problem;
use crate::visitor;

/// What pages of listed origins may send; the last two are those of the contacts dialect.
const HEADERS: &str = "Authorization, Content-Type, username, jwt";

/// Stands around every route of a door that answers programs.
///
/// # Errors
/// None of its own: a refusal is an answer.
pub async fn gate(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(desks) = req.app_data::<web::Data<Desks>>().cloned() else {
        return Ok(req.error_response(Problem(Refusal::Internal)));
    };
    let origin = req.headers().get(ORIGIN).cloned();
    let listed = origin.filter(|origin| origin.to_str().is_ok_and(|one| visitor::is_listed(&desks.config, one)));
    let is_preflight = req.method() == Method::OPTIONS && req.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = match visitor::reject_url_token(req.request()) {
        _ if is_preflight => req.into_response(HttpResponse::NoContent().finish()),
        Err(refusal) => req.error_response(Problem(refusal)),
        Ok(()) => next.call(req).await?.map_into_boxed_body(),
    };
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !desks.config.origins.is_empty() {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = listed {
        let_in(headers, origin, is_preflight);
    }
    Ok(answer)
}

fn let_in(headers: &mut HeaderMap, origin: HeaderValue, is_preflight: bool) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if is_preflight {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    } else {
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    }
}
