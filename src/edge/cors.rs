//! CORS: pages of listed origins may send requests, without credentials (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};

use super::origin::is_listed;
use crate::config::Config;

#[derive(Debug)]
pub(crate) struct CorsPolicy {
    methods: &'static str,
    headers: &'static str,
    /// Response headers that a page may read beside the usual ones.
    exposed: Option<&'static str>,
    /// Every OPTIONS request is a preflight, and not only one with `Access-Control-Request-Method`.
    accepts_any_options: bool,
    accepts_any_origin: bool,
}

/// For the API and the routes of older systems; the last two headers are those of the contacts dialect.
pub(crate) static API: CorsPolicy = CorsPolicy {
    methods: "GET, POST, PUT, PATCH, DELETE",
    headers: "Authorization, Content-Type, username, jwt",
    exposed: Some("Retry-After"),
    accepts_any_options: false,
    accepts_any_origin: false,
};

pub(crate) static SOCKET_IO: CorsPolicy = CorsPolicy {
    methods: "GET, POST",
    headers: "Authorization, Content-Type",
    exposed: None,
    accepts_any_options: true,
    accepts_any_origin: cfg!(feature = "conformance"),
};

#[derive(Debug)]
pub(crate) struct CorsDecision {
    policy: &'static CorsPolicy,
    listed: Option<HeaderValue>,
    /// By this request a browser checks whether a page may send another one.
    pub is_preflight: bool,
    varies: bool,
}

impl CorsPolicy {
    pub(crate) fn decide(&'static self, request: &HttpRequest, config: &Config) -> CorsDecision {
        let origin = request.headers().get(ORIGIN);
        let is_accepted =
            |origin: &&HeaderValue| self.accepts_any_origin || origin.to_str().is_ok_and(|one| is_listed(config, one));
        let has_method = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        CorsDecision {
            policy: self,
            listed: origin.filter(is_accepted).cloned(),
            is_preflight: request.method() == Method::OPTIONS && (self.accepts_any_options || has_method),
            varies: !config.origins.is_empty(),
        }
    }
}

impl CorsDecision {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = self.listed else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.is_preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(self.policy.methods));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(self.policy.headers));
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        } else if let Some(exposed) = self.policy.exposed {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
        }
    }
}
