//! The address and the user agent of a request.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderName, USER_AGENT};

use crate::config::Config;
use crate::domain::TokenUse;
use crate::rate_limit::{Address, ForwardedHeader, LogThrottle, forwarded, x_forwarded_for};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Characters of a client's or proxy's text in a log line at most.
pub(super) const MAX_LOGGED: usize = 200;

/// The address that rate limits count for: that of the peer, or the one that a trusted proxy names. A name that is no address is
/// logged once in a while.
pub(crate) fn address(req: &HttpRequest, config: &Config) -> Address {
    // A request without a peer is never from a trusted proxy: no operator lists a network with this address.
    let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if config.trusted_proxies.is_empty() {
        return Address::from(peer);
    }
    let lines = |name: HeaderName| -> Vec<String> {
        req.headers().get_all(name).map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned()).collect()
    };
    let older = || ("X-Forwarded-For", x_forwarded_for(&lines(X_FORWARDED_FOR)));
    let newer = || ("Forwarded", forwarded(&lines(FORWARDED)));
    let (header, entries) = match config.forwarded_header {
        ForwardedHeader::XForwardedFor => older(),
        ForwardedHeader::Forwarded => newer(),
        // A proxy that writes the older header passes the newer one on as the client has sent it.
        ForwardedHeader::Auto if req.headers().contains_key(X_FORWARDED_FOR) => older(),
        ForwardedHeader::Auto => newer(),
    };
    let (address, unreadable) = Address::of(peer, &entries, &config.trusted_proxies);
    if let Some(entry) = unreadable {
        log_unreadable(header, entry);
    }
    address
}

pub(crate) fn token_use(req: &HttpRequest, config: &Config) -> TokenUse {
    let client = req.headers().get(USER_AGENT).map(|line| String::from_utf8_lossy(line.as_bytes()));
    let client = client.map(|line| line.chars().filter(|c| !c.is_control()).take(MAX_LOGGED).collect::<String>());
    TokenUse { address: address(req, config).to_string(), client: client.filter(|line| !line.is_empty()) }
}

fn log_unreadable(header: &str, entry: &str) {
    static NOTICES: LogThrottle = LogThrottle::new();
    let entry: String = entry.chars().take(MAX_LOGGED).collect();
    if NOTICES.is_due(&(header, &entry), Instant::now()) {
        log::warn!(
            "a proxy of PARLOR_TRUSTED_PROXIES sends {entry:?} in {header}, which is no address: limits by address cannot \
             distinguish its clients"
        );
    }
}
