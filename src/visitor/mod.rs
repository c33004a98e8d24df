//! Who is at the door: what every door, REST and sockets alike, asks of a request before anything else.
//!
//! Where a request comes from (its address here, the page that sent it in [`origin`]) and whom it speaks for ([`who`]), by
//! header or cookie ([`cookies`]). Nothing here answers: a door says the refusals in its own way.

mod carried;
mod cookies;
mod origin;
mod who;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderName, USER_AGENT};

pub use self::carried::Carried;
pub use self::cookies::{FORGET, LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, give_cookie, has_cookie, take_cookies};
pub use self::origin::{check_form, check_meant, check_origin, is_asked_for, is_listed};
pub use self::who::{identify, identify_session, lobby_guest, room_guest};

use crate::accounts::Secret;
use crate::config::Config;
use crate::limits::{Address, ForwardedHeader, Notices, forwarded, x_forwarded_for};
use crate::model::{Refusal, TokenUse};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Characters that a log line repeats of what somebody else has written.
const SHOWN: usize = 200;
/// Query parameters that are meant to carry a secret.
const SECRET_PARAMETERS: [&str; 4] = ["token", "access_token", "jwt", "authorization"];

/// Whom rates by address count: the peer, or whom a trusted proxy names. A name that is no address is logged once in a while.
pub fn address(req: &HttpRequest, config: &Config) -> Address {
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
pub fn token_use(req: &HttpRequest, config: &Config) -> TokenUse {
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

/// Refuses a secret in a URL, where logs and histories keep it. Also beside a good header: the harm is done, and its
/// author should know.
///
/// # Errors
/// `invalid_request`.
pub fn reject_url_token(req: &HttpRequest) -> Result<(), Refusal> {
    let (path, query) = (req.path(), req.query_string());
    if query.is_empty() && !path.contains('%') && !path.contains("prl_") {
        return Ok(());
    }
    let is_named_so = |name: &str| SECRET_PARAMETERS.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    // The whole shape and not the prefix alone, which a username may begin with.
    let is_secret = |text: &str| text.split(|c: char| !is_of_secrets(c)).any(|part| Secret::parse(part).is_ok());
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut secrets = pairs.map(|(name, value)| is_named_so(&name) || is_secret(&name) || is_secret(&value));
    let path = path.replace('+', " ");
    let mut in_path =
        form_urlencoded::parse(path.as_bytes()).map(|(name, value)| is_secret(&name) || is_secret(&value));
    if secrets.any(|is_one| is_one) || in_path.any(|is_one| is_one) {
        Err(Refusal::invalid(
            "a token must not be in a URL; send `Authorization: Bearer …`, and revoke the one just sent",
        ))
    } else {
        Ok(())
    }
}

/// A character that a token is made of.
const fn is_of_secrets(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn secrets_in_urls_are_seen() {
        let refused = |uri: &str| reject_url_token(&TestRequest::with_uri(uri).to_http_request()).is_err();
        let secret = Secret::random().unwrap();
        let one = secret.reveal();
        for uri in [
            "/?token=",
            "/?a=b&Access_Token=x",
            "/?j%77t=x",
            "/?token",
            &format!("/?q=prl%5F{}", &one[4..]),
            // Bare, as a name, behind another word, among others, in the path.
            &format!("/?{one}"),
            &format!("/?{one}=x"),
            &format!("/?&{one}&"),
            &format!("/?q=Bearer+{one}"),
            &format!("/?q=a;b,{one}"),
            &format!("/?q={one}%00"),
            &format!("/users/{one}"),
            &format!("/users/prl%5f{}", &one[4..]),
        ] {
            assert!(refused(uri), "{uri}");
        }
        for uri in
            ["/", "/?query=prl_bob", "/?usernames=prl_bob,prl_lisa", "/?cursor=token", "/users/prl_bob", "/%2B?a"]
        {
            assert!(!refused(uri), "{uri}");
        }
    }
}
