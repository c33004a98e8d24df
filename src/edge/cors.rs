//! CORS: pages of listed origins may use the server, without credentials (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};

use super::origin::is_listed;
use crate::config::Config;

/// What pages of listed origins may do with some routes.
#[derive(Debug)]
pub(crate) struct Policy {
    methods: &'static str,
    headers: &'static str,
    /// Response headers that a page may read beside those that it always may.
    exposed: Option<&'static str>,
    /// Every OPTIONS request counts as a preflight request, and not only one that says what it is for.
    takes_any_options: bool,
    /// Every origin counts as listed.
    takes_any_origin: bool,
}

/// For the API and the routes of older systems; the last two headers are those of the contacts dialect.
pub(crate) static API: Policy = Policy {
    methods: "GET, POST, PUT, PATCH, DELETE",
    headers: "Authorization, Content-Type, username, jwt",
    exposed: Some("Retry-After"),
    takes_any_options: false,
    takes_any_origin: false,
};

/// For Socket.IO.
pub(crate) static SOCKET_IO: Policy = Policy {
    methods: "GET, POST",
    headers: "Authorization, Content-Type",
    exposed: None,
    takes_any_options: true,
    takes_any_origin: cfg!(feature = "conformance"),
};

/// What a policy says about one request.
#[derive(Debug)]
pub(crate) struct Ruling {
    policy: &'static Policy,
    /// The origin of the page, where it is listed.
    listed: Option<HeaderValue>,
    is_preflight: bool,
    /// The response to the same request may be another one for another origin.
    varies: bool,
}

impl Policy {
    /// Looks at the page that has sent the request.
    pub(crate) fn rule(&'static self, request: &HttpRequest, config: &Config) -> Ruling {
        let origin = request.headers().get(ORIGIN);
        let may =
            |origin: &&HeaderValue| self.takes_any_origin || origin.to_str().is_ok_and(|one| is_listed(config, one));
        let says_method = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Ruling {
            policy: self,
            listed: origin.filter(may).cloned(),
            is_preflight: request.method() == Method::OPTIONS && (self.takes_any_options || says_method),
            varies: !config.origins.is_empty(),
        }
    }
}

impl Ruling {
    /// True for a request by which a browser asks whether a page may send another one.
    pub(crate) const fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// Adds to the response what lets the page read it, where it may.
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
