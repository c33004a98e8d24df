//! The cookies that authenticate a user: reading, setting and removing them.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, ORIGIN};

use super::origin::{accepts_cookies, log_refused_origin};
use crate::config::{Config, Origin};
use crate::service::accounts::Secret;

pub(crate) const LOGIN_COOKIE: &str = "parlor_token";
/// The cookie that the lobby dialect's login sets. It counts for that dialect and Socket.IO, never for REST.
pub(crate) const LOBBY_COOKIE: &str = "parlor_lobby";
/// The cookie that the room-code form sets.
pub(crate) const ROOM_COOKIE: &str = "parlor_rooms";

/// The prefix of cookies over https: only this very host can set them, and no neighbouring one
/// (<https://www.rfc-editor.org/rfc/rfc6265bis#section-4.1.3.2>).
const HOST_ONLY: &str = "__Host-";

/// Clears the browser's cached pages, so that "back" after a logout shows nothing. Not its storage, which has the drafts of other
/// users of the browser; the client removes its own.
pub(crate) const CLEAR_CACHE: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

/// A cookie with the secret of a token. It lasts as long as an unused token; where tokens never expire, longer than browsers allow.
/// Its name begins with `__Host-` where the public URL is https.
pub(crate) fn token_cookie(config: &Config, name: &'static str, secret: &Secret) -> Cookie<'static> {
    let days = config.limits.token_days;
    let max_age = Duration::days(if days == 0 { 36_525 } else { days.into() });
    let name = if is_https(config) { format!("{HOST_ONLY}{name}") } else { name.to_owned() };
    cookie(config, name, secret.reveal().to_owned(), max_age)
}

/// The cookies that remove this one, by both names that it may have.
pub(crate) fn expired_cookies(config: &Config, name: &'static str) -> Vec<Cookie<'static>> {
    let expired = |name: String| cookie(config, name, String::new(), Duration::ZERO);
    let mut cookies = vec![expired(name.to_owned())];
    if is_https(config) {
        cookies.push(expired(format!("{HOST_ONLY}{name}")));
    }
    cookies
}

fn is_https(config: &Config) -> bool {
    config.public_url.as_ref().is_some_and(Origin::is_https)
}

fn cookie(config: &Config, name: String, value: String, max_age: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .secure(is_https(config))
        .max_age(max_age)
        .finish()
}

/// The values of those of these cookies that the request carries, in this order; none where cookies do not count.
pub(super) fn cookies(req: &HttpRequest, config: &Config, names: &[&str]) -> Vec<String> {
    let values: Vec<String> = names.iter().filter_map(|name| cookie_value(req, name)).collect();
    if values.is_empty() || accepts_cookies(req, config) {
        return values;
    }
    if req.headers().contains_key(ORIGIN) {
        log_refused_origin(req, config);
    }
    Vec::new()
}

/// The value of a cookie; that with the `__Host-` prefix first. Not read by actix, which finds none beside a malformed one.
pub(super) fn cookie_value(req: &HttpRequest, wanted: &str) -> Option<String> {
    let lines = || req.headers().get_all(COOKIE).map(|line| String::from_utf8_lossy(line.as_bytes()));
    let with_prefix = |prefix: &str| {
        lines().find_map(|line| {
            let value = line.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let is_wanted = name.trim().strip_prefix(prefix) == Some(wanted);
                is_wanted.then(|| value.trim().to_owned())
            });
            value.filter(|value| !value.is_empty())
        })
    };
    with_prefix(HOST_ONLY).or_else(|| with_prefix(""))
}

pub(crate) fn has_cookie(req: &HttpRequest, name: &str) -> bool {
    cookie_value(req, name).is_some()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_is_found_beside_malformed_ones() {
        let of =
            |line| cookie_value(&TestRequest::default().insert_header((COOKIE, line)).to_http_request(), LOGIN_COOKIE);
        assert_eq!(of("a=%zz; b; parlor_token=prl_x"), Some("prl_x".to_owned()));
        assert_eq!(of("xparlor_token=prl_x; parlor_token="), None);
        assert_eq!(of("parlor_token=prl_x; __Host-parlor_token=prl_y"), Some("prl_y".to_owned()));
        assert_eq!(of("__host-parlor_token=prl_x; __Secure-parlor_token=prl_x"), None);
    }

    #[test]
    fn over_https_only_this_host_can_set_the_cookie() {
        use clap::Parser;
        let secret = Secret::random().unwrap();
        let config = Config::parse_from(["parlor", "--public-url", "https://chat.example"]);
        let given = token_cookie(&config, LOGIN_COOKIE, &secret);
        // Browsers reject the prefix without all of these.
        assert_eq!((given.name(), given.secure(), given.path()), ("__Host-parlor_token", Some(true), Some("/")));
        assert_eq!(given.domain(), None);
        let names =
            |config: &Config| expired_cookies(config, LOGIN_COOKIE).iter().map(|one| one.name().to_owned()).collect();
        let taken: Vec<String> = names(&config);
        assert_eq!(taken, ["parlor_token", "__Host-parlor_token"]);
        let config = Config::parse_from(["parlor", "--public-url", "http://chat.example"]);
        assert_eq!(token_cookie(&config, LOGIN_COOKIE, &secret).name(), "parlor_token");
        assert_eq!(names(&config), ["parlor_token"]);
    }
}
