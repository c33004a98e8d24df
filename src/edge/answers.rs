//! What holds for every answer: it was asked for by a name of this server, a refusal is a problem document, and a browser is told
//! what it may do with it.

use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;

use super::{problem, services};
use crate::config::{Config, Origin, host_of};
use crate::rate_limit::Notices;

/// A supervisor asks these by whatever name it has for the server, and they tell nothing that needs one.
const BY_ANY_NAME: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What is no page is not shown inside one either, and runs nothing.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// What no page of ours asks for, so that nothing that gets into one can.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
     payment=(), usb=()",
);
/// One year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Stands around every route.
///
/// # Errors
/// Those of what it stands around, as problem documents.
pub(crate) async fn finish(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let services = match services::of(req.request()) {
        Ok(services) => services.clone(),
        Err(problem) => return Ok(req.error_response(problem)),
    };
    let config = &services.config;
    let mut answer = if is_asked_by_name(&req, config) {
        next.call(req).await.map_err(explained_error)?.map_into_boxed_body()
    } else {
        req.into_response(problem::misdirected())
    };
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(answer);
    }
    if !is_explained(&answer) {
        answer = explain(answer);
    }
    harden(answer.headers_mut(), config);
    Ok(answer)
}

/// False where a page of another site has its own name lead here (DNS rebinding), or a proxy does not say by which name it was
/// asked. An IP address is nobody's to lead elsewhere.
fn is_asked_by_name(req: &ServiceRequest, config: &Config) -> bool {
    let (Some(own), Some(asked)) = (&config.public_url, req.headers().get(HOST)) else { return true };
    if BY_ANY_NAME.contains(&req.path()) {
        return true;
    }
    let host = asked.to_str().ok().and_then(host_of);
    let is_fine = host.is_some_and(|(host, is_ip)| {
        is_ip || host == own.host() || host == "localhost" || host.ends_with(".localhost")
    });
    if !is_fine {
        note_misdirected(asked, own);
    }
    is_fine
}

fn note_misdirected(asked: &HeaderValue, own: &Origin) {
    static NOTICES: Notices = Notices::new();
    let asked: String = String::from_utf8_lossy(asked.as_bytes()).chars().take(200).collect();
    if NOTICES.is_due(&asked, Instant::now()) {
        log::warn!(
            "refused Host {asked:?}: the server's own is that of PARLOR_PUBLIC_URL={}; let the proxy pass Host on unchanged, or \
             change the setting where people reach the server elsewhere",
            own.as_str()
        );
    }
}

/// True for what is no refusal, and for one that says why in a format of its own.
fn is_explained(answer: &ServiceResponse<BoxBody>) -> bool {
    if !answer.status().is_client_error() && !answer.status().is_server_error() {
        return true;
    }
    let is_empty = matches!(answer.response().body().size(), BodySize::None | BodySize::Sized(0));
    // The framework's own words are plain text.
    let is_plain = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/plain");
    !is_empty && !answer.headers().get(CONTENT_TYPE).is_none_or(is_plain)
}

fn explain(mut answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (status, (code, detail)) = (answer.status(), words(answer.status()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(problem::PROBLEM_JSON));
    answer.map_body(|_, _| BoxBody::new(problem::document(status.as_u16(), code, detail.to_owned())))
}

fn explained_error(error: actix_web::Error) -> actix_web::Error {
    let status = error.as_response_error().status_code();
    let (code, detail) = words(status);
    let answer = problem::response(status, code, detail.to_owned());
    actix_web::error::InternalError::from_response(error, answer).into()
}

/// The code and the words for a status of which nothing else is known.
fn words(status: StatusCode) -> (&'static str, &'static str) {
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

/// Says what a browser may do with an answer, as far as the answer does not say it itself.
pub(crate) fn harden(headers: &mut HeaderMap, config: &Config) {
    // Policies bind documents. A page loads scripts and styles by the dozen, under its own: there they would only weigh; and an
    // answer without content is no document.
    let is_part_of_a_page = headers.get(CONTENT_TYPE).is_none_or(|kind| {
        [b"text/javascript".as_slice(), b"text/css"].iter().any(|part| kind.as_bytes().starts_with(part))
    });
    let mut unless_said = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    unless_said(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    unless_said(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if !is_part_of_a_page {
        unless_said(CONTENT_SECURITY_POLICY, NO_PAGE);
        unless_said(PERMISSIONS_POLICY, NOTHING);
    }
    if config.public_url.as_ref().is_some_and(Origin::is_https) {
        unless_said(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}
