//! The `Host` of a request, which must be one of this server's names.

use std::time::Instant;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HOST, HeaderValue};

use super::client::MAX_LOGGED;
use crate::config::{Config, Origin, host_of};
use crate::rate_limit::LogThrottle;

/// Supervisors request these by any name, and nothing in them depends on one.
const BY_ANY_NAME: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// False where a page of another site has its own name resolve to this server (DNS rebinding), or a proxy does not pass `Host` on.
/// IP addresses are accepted: no site can have one resolve elsewhere.
pub(super) fn is_own(req: &ServiceRequest, config: &Config) -> bool {
    let (Some(own), Some(requested)) = (&config.public_url, req.headers().get(HOST)) else { return true };
    if BY_ANY_NAME.contains(&req.path()) {
        return true;
    }
    let host = requested.to_str().ok().and_then(host_of);
    let is_own = host.is_some_and(|(host, is_ip)| {
        is_ip || host == own.host() || host == "localhost" || host.ends_with(".localhost")
    });
    if !is_own {
        log_misdirected(requested, own);
    }
    is_own
}

fn log_misdirected(requested: &HeaderValue, own: &Origin) {
    static NOTICES: LogThrottle = LogThrottle::new();
    let requested: String = String::from_utf8_lossy(requested.as_bytes()).chars().take(MAX_LOGGED).collect();
    if NOTICES.is_due(&requested, Instant::now()) {
        log::warn!(
            "refused Host {requested:?}: the server's own is that of PARLOR_PUBLIC_URL={}; let the proxy pass Host on unchanged, or \
             change the setting where people reach the server elsewhere",
            own.as_str()
        );
    }
}
