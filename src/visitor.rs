//! Who is at the door: what every door, REST and sockets alike, asks of a request before anything else.
//!
//! Where a request comes from (its address and the page that sent it) and whom it speaks for, by header or cookie. Nothing
//! here answers: a door says the refusals in its own way.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, ORIGIN};
use actix_web::{HttpRequest, web};

use crate::accounts::{Accounts, Secret};
use crate::config::{Config, Origin};
use crate::desks::Desks;
use crate::limits::Address;
use crate::model::{Door, Identity, Refusal};

/// The cookie that a login sets.
pub const LOGIN_COOKIE: &str = "parlor_token";
/// The cookie that the lobby dialect's login sets. It speaks to that dialect and to Socket.IO, never to REST.
pub const LOBBY_COOKIE: &str = "parlor_lobby";
/// The cookie that the room-code form sets.
pub const ROOM_COOKIE: &str = "parlor_rooms";

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Where a browser says that nobody has asked for the page yet, in the words of several years.
const PURPOSES: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

/// The cookies that may speak for a Socket.IO connection, the first that is good before the others.
const SOCKET_COOKIES: [&str; 3] = [ROOM_COOKIE, LOBBY_COOKIE, LOGIN_COOKIE];

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

/// Passes a form that a page of this server has sent, and programs, which say of no page.
///
/// # Errors
/// `forbidden` for a form on somebody else's page, and where the browser does not say whose page it was.
pub fn check_form(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    if is_sent_from_here(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This form was not sent from a page of this server."))
    }
}

/// Passes a GET that changes something, where somebody means it: typed in, followed from a page of this server, or sent by a
/// program.
///
/// # Errors
/// `forbidden` for the pages of others, for what a browser fetches before anybody has asked for it, and for HEAD.
pub fn check_meant(req: &HttpRequest, config: &Config) -> Result<(), Refusal> {
    let is_ahead = |value: &str| ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word));
    let said = PURPOSES.into_iter().flat_map(|name| req.headers().get_all(name));
    let is_ahead =
        said.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()).any(|v| is_ahead(&v));
    if req.method() == Method::HEAD || is_ahead {
        Err(Refusal::Forbidden("This changes something, and nobody has asked for it yet. Nothing was done."))
    } else if is_sent_from_here(req, config) {
        Ok(())
    } else {
        Err(Refusal::Forbidden("This was asked for by a page of another site. Nothing was done."))
    }
}

fn is_sent_from_here(req: &HttpRequest, config: &Config) -> bool {
    let sites: Vec<&[u8]> = req.headers().get_all(FETCH_SITE).map(|site| site.as_bytes()).collect();
    // A page that tells nobody its address is of the origin `null`, unless the browser vouches for it in the other header.
    let is_vouched_for = !sites.is_empty() && sites.iter().all(|site| is_own_doing(site));
    let known = |origin: &str| is_own(req, config, origin) || (origin == "null" && is_vouched_for);
    (sites.is_empty() || is_vouched_for) && origins(req).all(|origin| origin.is_some_and(known))
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

/// Whom the request speaks for: its `Authorization` header first, then the login's cookie, then that of the room-code form;
/// `None` where it carries none. A cookie counts only for same-origin requests, and a bad one beside a good header or
/// cookie is ignored. The future borrows nothing.
///
/// # Errors
/// `unauthenticated` for a header that is no good, for cookies of which none is, and where header and cookie are of
/// different users.
pub fn identify(req: &HttpRequest, desks: &Desks) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let header = bearer(req);
    let cookies = cookies(req, &desks.config, &[LOGIN_COOKIE, ROOM_COOKIE]);
    let accounts = desks.accounts.clone();
    async move {
        let Some(secret) = header? else {
            return recognise(&accounts, cookies).await;
        };
        let identity = accounts.authenticate(&secret).await?;
        match recognise(&accounts, cookies).await {
            Ok(Some(other)) if other.user.id != identity.user.id => Err(Refusal::Unauthenticated),
            Ok(_) | Err(Refusal::Unauthenticated) => Ok(Some(identity)),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The guest of a room whom the cookie of the room-code form speaks for, whatever else the request carries; `None` where
/// there is none that counts.
///
/// # Errors
/// Those of the store.
pub fn room_guest(req: &HttpRequest, desks: &Desks) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let cookies = cookies(req, &desks.config, &[ROOM_COOKIE]);
    let accounts = desks.accounts.clone();
    async move {
        match recognise(&accounts, cookies).await {
            Ok(guest) => Ok(guest.filter(|guest| guest.door.room().is_some())),
            Err(Refusal::Unauthenticated) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The guest of the lobby's login for whom the request speaks, by header or by that login's cookie, and the secret that says
/// so; `None` where there is none that counts.
///
/// # Errors
/// Those of the store.
pub fn lobby_guest(
    req: &HttpRequest,
    desks: &Desks,
) -> impl Future<Output = Result<Option<(Identity, Secret)>, Refusal>> + use<> {
    let cookies = cookies(req, &desks.config, &[LOBBY_COOKIE]);
    let cookies = cookies.iter().filter_map(|cookie| Secret::parse(cookie).ok());
    let secrets: Vec<Secret> = bearer(req).ok().flatten().into_iter().chain(cookies).collect();
    let accounts = desks.accounts.clone();
    async move {
        for secret in secrets {
            match accounts.authenticate(&secret).await {
                Ok(who) if who.door == Door::Lobby => return Ok(Some((who, secret))),
                Ok(_) | Err(Refusal::Unauthenticated) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(None)
    }
}

/// Whom a Socket.IO handshake may speak for. Which of it counts is asked when a namespace is connected, where the request is
/// gone.
pub struct Claims {
    header: Result<Option<Secret>, Refusal>,
    cookies: Vec<String>,
}

impl Claims {
    /// What this handshake carries.
    pub fn of(req: &HttpRequest, config: &Config) -> Self {
        Self { header: bearer(req), cookies: cookies(req, config, &SOCKET_COOKIES) }
    }

    /// Whom it speaks for: the token that was `told` in the namespace's `auth` goes before the header, the header before the
    /// cookies (rooms, lobby, then login); `None` where there is nothing of all that. How the user came in, and so which
    /// dialect the socket speaks, is [`Identity::door`].
    ///
    /// # Errors
    /// `unauthenticated` for a told token or a header that is no good, and for cookies of which none is.
    pub async fn recognise(&self, accounts: &Accounts, told: Option<&str>) -> Result<Option<Identity>, Refusal> {
        let secret = match told {
            Some(told) => Some(Secret::parse(told)?),
            None => self.header.clone()?,
        };
        match secret {
            Some(secret) => accounts.authenticate(&secret).await.map(Some),
            None => recognise(accounts, self.cookies.clone()).await,
        }
    }
}

/// The user of the first secret that counts; `None` where there is no secret.
async fn recognise(accounts: &Accounts, secrets: Vec<String>) -> Result<Option<Identity>, Refusal> {
    let mut found = Ok(None);
    for secret in secrets {
        found = match Secret::parse(&secret) {
            Ok(secret) => accounts.authenticate(&secret).await.map(Some),
            Err(refusal) => Err(refusal),
        };
        if found != Err(Refusal::Unauthenticated) {
            break;
        }
    }
    found
}

/// A cookie that carries a secret for as long as an unused token lasts; longer than browsers allow where tokens never end.
pub fn give_cookie(config: &Config, name: &'static str, secret: &Secret) -> Cookie<'static> {
    let days = config.limits.token_days;
    let lasts = Duration::days(if days == 0 { 36_525 } else { days.into() });
    cookie(config, name, secret.reveal().to_owned(), lasts)
}

/// What takes a cookie back.
pub fn take_cookie(config: &Config, name: &'static str) -> Cookie<'static> {
    cookie(config, name, String::new(), Duration::ZERO)
}

fn cookie(config: &Config, name: &'static str, value: String, lasts: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .secure(config.public_url.as_ref().is_some_and(Origin::is_https))
        .max_age(lasts)
        .finish()
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

/// What these cookies hold, in this order, as far as the request carries them and may.
fn cookies(req: &HttpRequest, config: &Config, names: &[&str]) -> Vec<String> {
    let held = if cookie_counts(req, config) { names } else { &[] };
    held.iter().filter_map(|name| held_by(req, name)).collect()
}

/// Read here rather than by actix, which finds no cookie at all beside one that is malformed.
fn held_by(req: &HttpRequest, wanted: &str) -> Option<String> {
    req.headers().get_all(COOKIE).find_map(|line| {
        let line = String::from_utf8_lossy(line.as_bytes());
        let value = line.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == wanted).then(|| value.trim().to_owned())
        });
        value.filter(|value| !value.is_empty())
    })
}

/// True where the request carries this cookie, whether it counts or not.
pub fn has_cookie(req: &HttpRequest, name: &str) -> bool {
    held_by(req, name).is_some()
}

/// A browser says which page sends the request in one of two headers; a request with neither is a program's.
fn cookie_counts(req: &HttpRequest, config: &Config) -> bool {
    req.headers().get_all(FETCH_SITE).all(|site| is_own_doing(site.as_bytes()))
        && origins(req).all(|origin| origin.is_some_and(|origin| is_own(req, config, origin)))
}

/// Sent by a page of this server, or by nothing but the user.
fn is_own_doing(site: &[u8]) -> bool {
    site == b"same-origin" || site == b"none"
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
        let of = |line| held_by(&TestRequest::default().insert_header((COOKIE, line)).to_http_request(), LOGIN_COOKIE);
        assert_eq!(of("a=%zz; b; parlor_token=prl_x"), Some("prl_x".to_owned()));
        assert_eq!(of("xparlor_token=prl_x; parlor_token="), None);
    }

    #[test]
    fn a_form_counts_from_own_pages_only() {
        let config = config(&["--origins", "https://app.example"]);
        let may = |headers: &[(HeaderName, &'static str)]| {
            let mut request = TestRequest::default().insert_header((HOST, "chat.example"));
            for header in headers {
                request = request.append_header(header.clone());
            }
            check_form(&request.to_http_request(), &config).is_ok()
        };
        assert!(may(&[]), "a program");
        assert!(may(&[(ORIGIN, "http://chat.example")]));
        assert!(may(&[(ORIGIN, "null"), (FETCH_SITE, "same-origin")]), "a page that tells nobody its address");
        for others in [
            &[(ORIGIN, "null")][..],
            &[(ORIGIN, "https://app.example")],
            &[(ORIGIN, "http://chat.example"), (FETCH_SITE, "cross-site")],
            &[(FETCH_SITE, "same-site")],
            &[(ORIGIN, "http://evil.example"), (FETCH_SITE, "same-origin")],
            &[(ORIGIN, "null"), (FETCH_SITE, "same-origin"), (FETCH_SITE, "cross-site")],
        ] {
            assert!(!may(others), "{others:?}");
        }
    }

    #[test]
    fn a_socket_is_a_rooms_before_it_is_the_lobbys_or_a_logins() {
        let line = "parlor_token=prl_c; parlor_lobby=prl_b; x=y; parlor_rooms=prl_a";
        let request = || TestRequest::default().insert_header((HOST, "chat.example")).insert_header((COOKIE, line));
        let claims = |request: TestRequest| Claims::of(&request.to_http_request(), &config(&[]));
        assert_eq!(claims(request()).cookies, ["prl_a", "prl_b", "prl_c"]);
        assert!(claims(request().insert_header((ORIGIN, "https://evil.example"))).cookies.is_empty());
        assert!(claims(request()).header.is_ok_and(|header| header.is_none()));
        assert!(claims(request().insert_header((AUTHORIZATION, "Bearer x"))).header.is_err());
        let secret = Secret::random().unwrap();
        let line = format!("bearer {}", secret.reveal());
        assert!(claims(request().insert_header((AUTHORIZATION, line))).header == Ok(Some(secret)));
    }

    #[test]
    fn what_nobody_has_asked_for_is_not_meant() {
        let config = config(&[]);
        let asked = |name: &'static str, value: &'static str| {
            let request = TestRequest::default().insert_header((HOST, "chat.example")).insert_header((name, value));
            check_meant(&request.to_http_request(), &config).is_ok()
        };
        for (name, value) in [
            ("x", "y"),
            ("sec-fetch-site", "none"),
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://chat.example"),
            ("sec-purpose", ""),
        ] {
            assert!(asked(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("Sec-Purpose", "Prefetch"),
            ("purpose", "prefetch"),
            ("x-purpose", "preview"),
            ("x-moz", "prefetch"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
            ("origin", "https://evil.example"),
        ] {
            assert!(!asked(name, value), "{name}: {value}");
        }
        assert!(check_meant(&TestRequest::default().method(Method::HEAD).to_http_request(), &config).is_err());
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
