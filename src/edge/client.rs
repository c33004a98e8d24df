//! From where and by what a request was sent, as its connection, proxies and client say.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderName, USER_AGENT};

use crate::config::Config;
use crate::domain::TokenUse;
use crate::rate_limit::{Address, ForwardedHeader, Notices, forwarded, x_forwarded_for};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Characters that a log line repeats of what somebody else has written.
pub(super) const SHOWN: usize = 200;

/// Whom rates by address count: the peer, or whom a trusted proxy names. A name that is no address is logged once in a while.
pub(crate) fn address(req: &HttpRequest, config: &Config) -> Address {
    // Without a peer nobody is trusted, since no network that an operator would name holds this address.
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
        // A proxy that writes the older one hands on what a client says in the newer one.
        ForwardedHeader::Auto if req.headers().contains_key(X_FORWARDED_FOR) => older(),
        ForwardedHeader::Auto => newer(),
    };
    let (address, unreadable) = Address::of(peer, &entries, &config.trusted_proxies);
    if let Some(entry) = unreadable {
        note_unreadable(header, entry);
    }
    address
}

/// From where and by what a token in this request is used.
pub(crate) fn token_use(req: &HttpRequest, config: &Config) -> TokenUse {
    let client = req.headers().get(USER_AGENT).map(|line| String::from_utf8_lossy(line.as_bytes()));
    let client = client.map(|line| line.chars().filter(|c| !c.is_control()).take(SHOWN).collect::<String>());
    TokenUse { address: address(req, config).to_string(), client: client.filter(|line| !line.is_empty()) }
}

fn note_unreadable(header: &str, entry: &str) {
    static NOTICES: Notices = Notices::new();
    let entry: String = entry.chars().take(SHOWN).collect();
    if NOTICES.is_due(&(header, &entry), Instant::now()) {
        log::warn!(
            "a proxy of PARLOR_TRUSTED_PROXIES says {entry:?} in {header}, which is no address: limits by address do not tell \
             its clients apart"
        );
    }
}
