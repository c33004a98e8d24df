//! The cookies that speak for a user: read as far as the request may lend them, given, and taken back.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, ORIGIN};

use super::origin::{is_own_doing, note_refused};
use crate::config::{Config, Origin};
use crate::service::accounts::Secret;

/// The cookie that a login sets.
pub(crate) const LOGIN_COOKIE: &str = "parlor_token";
/// The cookie that the lobby dialect's login sets. It speaks to that dialect and to Socket.IO, never to REST.
pub(crate) const LOBBY_COOKIE: &str = "parlor_lobby";
/// The cookie that the room-code form sets.
pub(crate) const ROOM_COOKIE: &str = "parlor_rooms";

/// Before the names of cookies that travel by https alone: a browser keeps such a one only for this very host, so that no
/// neighbouring host can plant one (<https://www.rfc-editor.org/rfc/rfc6265bis#section-4.1.3.2>).
const HOST_ONLY: &str = "__Host-";

/// Lets a browser forget the pages that it keeps to show again, so that "back" after a logout shows nothing of who was here. What
/// pages have stored stays: drafts of other users of the same browser are among it, and the client removes its own.
pub(crate) const FORGET: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

/// A cookie that carries a secret for as long as an unused token lasts; longer than browsers allow where tokens never end. Its name
/// begins with `__Host-` where the public URL is https.
pub(crate) fn give_cookie(config: &Config, name: &'static str, secret: &Secret) -> Cookie<'static> {
    let days = config.limits.token_days;
    let lasts = Duration::days(if days == 0 { 36_525 } else { days.into() });
    let name = if is_https(config) { format!("{HOST_ONLY}{name}") } else { name.to_owned() };
    cookie(config, name, secret.reveal().to_owned(), lasts)
}

/// What takes a cookie back, by whichever name it was given.
pub(crate) fn take_cookies(config: &Config, name: &'static str) -> Vec<Cookie<'static>> {
    let taken = |name: String| cookie(config, name, String::new(), Duration::ZERO);
    let mut cookies = vec![taken(name.to_owned())];
    if is_https(config) {
        cookies.push(taken(format!("{HOST_ONLY}{name}")));
    }
    cookies
}

fn is_https(config: &Config) -> bool {
    config.public_url.as_ref().is_some_and(Origin::is_https)
}

fn cookie(config: &Config, name: String, value: String, lasts: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .secure(is_https(config))
        .max_age(lasts)
        .finish()
}

/// What these cookies hold, in this order, as far as the request carries them and may.
pub(super) fn cookies(req: &HttpRequest, config: &Config, names: &[&str]) -> Vec<String> {
    let held: Vec<String> = names.iter().filter_map(|name| held_by(req, name)).collect();
    if held.is_empty() || is_own_doing(req, config) {
        return held;
    }
    if req.headers().contains_key(ORIGIN) {
        note_refused(req, config);
    }
    Vec::new()
}

/// What a cookie holds; the one that a browser keeps for this host alone before one that it might have from a neighbour. Read here
/// rather than by actix, which finds no cookie at all beside one that is malformed.
pub(super) fn held_by(req: &HttpRequest, wanted: &str) -> Option<String> {
    let lines = || req.headers().get_all(COOKIE).map(|line| String::from_utf8_lossy(line.as_bytes()));
    let of = |prefix: &str| {
        lines().find_map(|line| {
            let value = line.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let is_it = name.trim().strip_prefix(prefix) == Some(wanted);
                is_it.then(|| value.trim().to_owned())
            });
            value.filter(|value| !value.is_empty())
        })
    };
    of(HOST_ONLY).or_else(|| of(""))
}

/// True where the request carries this cookie, whether it counts or not.
pub(crate) fn has_cookie(req: &HttpRequest, name: &str) -> bool {
    held_by(req, name).is_some()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_is_found_beside_odd_neighbours() {
        let of = |line| held_by(&TestRequest::default().insert_header((COOKIE, line)).to_http_request(), LOGIN_COOKIE);
        assert_eq!(of("a=%zz; b; parlor_token=prl_x"), Some("prl_x".to_owned()));
        assert_eq!(of("xparlor_token=prl_x; parlor_token="), None);
        assert_eq!(of("parlor_token=prl_x; __Host-parlor_token=prl_y"), Some("prl_y".to_owned()));
        assert_eq!(of("__host-parlor_token=prl_x; __Secure-parlor_token=prl_x"), None);
    }

    #[test]
    fn over_https_a_cookie_is_this_hosts_alone() {
        use clap::Parser;
        let secret = Secret::random().unwrap();
        let config = Config::parse_from(["parlor", "--public-url", "https://chat.example"]);
        let given = give_cookie(&config, LOGIN_COOKIE, &secret);
        // All that the prefix asks for, or a browser drops it.
        assert_eq!((given.name(), given.secure(), given.path()), ("__Host-parlor_token", Some(true), Some("/")));
        assert_eq!(given.domain(), None);
        let names =
            |config: &Config| take_cookies(config, LOGIN_COOKIE).iter().map(|one| one.name().to_owned()).collect();
        let taken: Vec<String> = names(&config);
        assert_eq!(taken, ["parlor_token", "__Host-parlor_token"]);
        let config = Config::parse_from(["parlor", "--public-url", "http://chat.example"]);
        assert_eq!(give_cookie(&config, LOGIN_COOKIE, &secret).name(), "parlor_token");
        assert_eq!(names(&config), ["parlor_token"]);
    }
}
