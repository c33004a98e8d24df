//! Who is at the door: what every door, REST and sockets alike, asks of a request before anything else.
//!
//! Where a request comes from (its address and the page that sent it) and whom it speaks for. Nothing here answers: a
//! door says the refusals in its own way.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, ORIGIN};
use actix_web::{HttpRequest, web};

use crate::accounts::Secret;
use crate::config::Config;
use crate::desks::Desks;
use crate::limits::Address;
use crate::model::{Identity, Refusal};

/// The cookie that a login sets.
pub const COOKIE_NAME: &str = "parlor_token";

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Query parameters that are meant to carry a secret.
const SECRET_PARAMETERS: [&str; 4] = ["token", "access_token", "jwt", "authorization"];

/// Whom rates by address count: the peer, or whom a trusted proxy names.
pub fn address(req: &HttpRequest, config: &Config) -> Address {
    // Without a peer nobody is trusted, since no network that an operator would name holds this address.
    let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    // A proxy may append to the line it was given or add one of its own; together they read the same.
    let named: Vec<&str> = req.headers().get_all(FORWARDED).filter_map(|line| line.to_str().ok()).collect();
    Address::of(peer, Some(&named.join(",")), &config.trusted_proxies)
}

/// Passes a handshake of this server's own pages, of listed origins, and of programs, which send no `Origin`.
///
/// # Errors
/// `forbidden` for the pages of others: a browser would lend them its user's cookie.
pub fn check_origin(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let known = |origin: &str| is_own(req, config, origin) || is_listed(config, origin);
    if origins(req).all(|origin| origin.is_some_and(known)) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("Pages of this origin may not connect here."))
    }
}

/// True for an origin that the operator has listed beside the server's own.
pub fn is_listed(config: &Config, origin: &str) -> bool {
    config.origins.iter().any(|listed| listed.as_str().eq_ignore_ascii_case(origin))
}

/// Refuses a secret in a URL, where logs and histories keep it. Also beside a good header: the harm is done, and its
/// author should know.
///
/// # Errors
/// `invalid_request`.
pub fn reject_url_token(req: &HttpRequest) -> Result<(), Refusal> {
    let query = req.query_string();
    if query.is_empty() {
        return Ok(());
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner).unwrap_or_default();
    let is_secret = |(name, value): &(String, String)| {
        SECRET_PARAMETERS.iter().any(|secret| secret.eq_ignore_ascii_case(name))
            // The whole shape and not the prefix alone, which a username may begin with.
            || value.split([',', ' ']).any(|part| Secret::parse(part).is_ok())
    };
    if pairs.iter().any(is_secret) {
        Err(Refusal::invalid("a token must not be in a URL; send `Authorization: Bearer …`, and end the one just sent"))
    } else {
        Ok(())
    }
}

/// Whom the request speaks for: its `Authorization` header first, then its cookie; `None` where it carries neither. A
/// cookie counts only for same-origin requests, and a bad one beside a good header is ignored. The future borrows
/// nothing.
///
/// # Errors
/// `unauthenticated` for a header or lone cookie that is no good, and where the two are of different users.
pub fn identify(req: &HttpRequest, desks: &Desks) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let header = bearer(req);
    let cookie = if cookie_counts(req, &desks.config) { cookie(req) } else { None };
    let accounts = desks.accounts.clone();
    async move {
        let Some(secret) = header? else {
            return match cookie {
                Some(cookie) => accounts.authenticate(&Secret::parse(&cookie)?).await.map(Some),
                None => Ok(None),
            };
        };
        let identity = accounts.authenticate(&secret).await?;
        let other = cookie.and_then(|cookie| Secret::parse(&cookie).ok()).filter(|other| *other != secret);
        let Some(other) = other else {
            return Ok(Some(identity));
        };
        match accounts.authenticate(&other).await {
            Ok(other) if other.user.id != identity.user.id => Err(Refusal::Unauthenticated),
            Ok(_) | Err(Refusal::Unauthenticated) => Ok(Some(identity)),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The secret of the `Authorization` header; `None` without one.
fn bearer(req: &HttpRequest) -> Result<Option<Secret>, Refusal> {
    let mut lines = req.headers().get_all(AUTHORIZATION);
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    // Of two headers, a proxy might have looked at the other one.
    let (scheme, secret) =
        line.to_str().ok().filter(|_| lines.next().is_none()).and_then(|line| line.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("Bearer") {
        Secret::parse(secret.trim()).map(Some)
    } else {
        Err(Refusal::Unauthenticated)
    }
}

/// Read here rather than by actix, which finds no cookie at all beside one that is malformed.
fn cookie(req: &HttpRequest) -> Option<String> {
    req.headers().get_all(COOKIE).find_map(|line| {
        let line = String::from_utf8_lossy(line.as_bytes());
        let value = line.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == COOKIE_NAME).then(|| value.trim().to_owned())
        });
        value.filter(|value| !value.is_empty())
    })
}

/// A browser says which page sends the request in one of two headers; a request with neither is a program's.
fn cookie_counts(req: &HttpRequest, config: &Config) -> bool {
    let fetched = |site: &[u8]| site == b"same-origin" || site == b"none";
    req.headers().get_all(FETCH_SITE).all(|site| fetched(site.as_bytes()))
        && origins(req).all(|origin| origin.is_some_and(|origin| is_own(req, config, origin)))
}

fn origins(req: &HttpRequest) -> impl Iterator<Item = Option<&str>> {
    req.headers().get_all(ORIGIN).map(|origin| origin.to_str().ok())
}

fn is_own(req: &HttpRequest, config: &Config, origin: &str) -> bool {
    if let Some(own) = &config.public_url {
        return own.as_str().eq_ignore_ascii_case(origin);
    }
    // Behind a proxy this server cannot know whether it was TLS outside.
    let (host, scheme) = (req.headers().get(HOST).and_then(|host| host.to_str().ok()), origin.split_once("://"));
    matches!((host, scheme), (Some(host), Some(("http" | "https", origin))) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;

    fn config(flags: &[&str]) -> Config {
        Config::parse_from(["parlor"].iter().chain(flags))
    }

    fn asked_from(origin: &'static str) -> HttpRequest {
        TestRequest::default()
            .insert_header((HOST, "Chat.example:5000"))
            .insert_header((ORIGIN, origin))
            .to_http_request()
    }

    #[test]
    fn own_and_listed_pages_may_connect() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |origin| check_origin(&asked_from(origin), &config).is_ok();
        assert!(may("http://chat.example:5000") && may("https://chat.example:5000") && may("https://app.example"));
        for other in ["null", "http://chat.example", "http://evil.example", "ws://chat.example:5000", ""] {
            assert!(!may(other), "{other}");
        }
        assert!(check_origin(&TestRequest::default().to_http_request(), &config).is_ok(), "a program");
    }

    #[test]
    fn a_public_url_is_the_only_own_origin() {
        let config = config(&["--public-url", "https://chat.example"]);
        assert!(check_origin(&asked_from("https://chat.example"), &config).is_ok());
        assert!(check_origin(&asked_from("http://chat.example:5000"), &config).is_err());
    }

    #[test]
    fn a_listed_origin_does_not_lend_a_cookie() {
        let config = config(&["--origins", "https://app.example"]);
        assert!(cookie_counts(&asked_from("http://chat.example:5000"), &config));
        assert!(!cookie_counts(&asked_from("https://app.example"), &config));
    }

    #[test]
    fn a_cookie_is_found_beside_odd_neighbours() {
        let of = |line| cookie(&TestRequest::default().insert_header((COOKIE, line)).to_http_request());
        assert_eq!(of("a=%zz; b; parlor_token=prl_x"), Some("prl_x".to_owned()));
        assert_eq!(of("xparlor_token=prl_x; parlor_token="), None);
    }

    #[test]
    fn secrets_in_urls_are_seen() {
        let refused = |uri: &str| reject_url_token(&TestRequest::with_uri(uri).to_http_request()).is_err();
        let secret = Secret::random().unwrap();
        for uri in ["/?token=", "/?a=b&Access_Token=x", "/?j%77t=x", &format!("/?q=prl%5F{}", &secret.reveal()[4..])] {
            assert!(refused(uri), "{uri}");
        }
        for uri in ["/", "/?query=prl_bob", "/?usernames=prl_bob,prl_lisa", "/?cursor=token"] {
            assert!(!refused(uri), "{uri}");
        }
    }
}
