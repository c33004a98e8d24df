//! The headers that restrict what a browser does with a response.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::config::{Config, Origin};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// For responses that are no page: they load nothing and are not framed.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// No page of this server uses these, so nothing that is injected into one can.
const NO_PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), \
     payment=(), usb=()",
);
/// One year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers that the response does not have yet.
pub(crate) fn set_security_headers(headers: &mut HeaderMap, config: &Config) {
    // Policies apply to documents. Scripts and styles are under the policy of their page, and are loaded by the dozen.
    let is_part_of_a_page = headers.get(CONTENT_TYPE).is_none_or(|kind| {
        [b"text/javascript".as_slice(), b"text/css"].iter().any(|part| kind.as_bytes().starts_with(part))
    });
    let mut add = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    };
    add(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if !is_part_of_a_page {
        add(CONTENT_SECURITY_POLICY, NO_PAGE);
        add(PERMISSIONS_POLICY, NO_PERMISSIONS);
    }
    if config.public_url.as_ref().is_some_and(Origin::is_https) {
        add(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}
