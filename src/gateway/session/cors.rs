//! Pages of listed origins are let in, without credentials (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};

use crate::config::Config;
use crate::visitor;

/// Adds to an answer what lets the request's page read it, where that page may.
pub fn let_in(request: &HttpRequest, config: &Config, headers: &mut HeaderMap) {
    if !config.origins.is_empty() {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    let origin = request.headers().get(ORIGIN);
    let is_listed = |origin: &&HeaderValue| {
        cfg!(feature = "conformance") || origin.to_str().is_ok_and(|origin| visitor::is_listed(config, origin))
    };
    let Some(origin) = origin.filter(is_listed) else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    if request.method() == Method::OPTIONS {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
}
