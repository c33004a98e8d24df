//! Security headers of pages.

use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

/// Pages load from and connect to this server only, nothing is inline, and scripts cannot turn text into markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// The `Referrer-Policy` of a page without a room's code in its address: sent to this server, which accepts a form only from
/// its own pages, and to no other.
pub(super) const OWN_REFERRER: HeaderValue = HeaderValue::from_static("same-origin");

/// Adds the headers that isolate a page from others. No referrer is sent: the address may contain a room's code.
pub(super) fn protect(response: &mut HttpResponseBuilder) {
    response
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((OPENER_POLICY, "same-origin"));
}

/// A page that is not cached: for one reader, or none at all.
pub(super) fn passing(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponseBuilder::new(status);
    protect(&mut response);
    response
        .insert_header((REFERRER_POLICY, OWN_REFERRER))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8");
    response
}
