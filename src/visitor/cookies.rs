//! The cookies that speak for a user: read as far as the request may lend them, given, and taken back.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, ORIGIN};

use super::origin::{is_own_doing, note_refused};
use crate::accounts::Secret;
use crate::config::{Config, Origin};

/// The cookie that a login sets.
pub const LOGIN_COOKIE: &str = "parlor_token";
/// The cookie that the lobby dialect's login sets. It speaks to that dialect and to Socket.IO, never to REST.
pub const LOBBY_COOKIE: &str = "parlor_lobby";
/// The cookie that the room-code form sets.
pub const ROOM_COOKIE: &str = "parlor_rooms";

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

/// Read here rather than by actix, which finds no cookie at all beside one that is malformed.
pub(super) fn held_by(req: &HttpRequest, wanted: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cookie_is_found_beside_odd_neighbours() {
        let of = |line| held_by(&TestRequest::default().insert_header((COOKIE, line)).to_http_request(), LOGIN_COOKIE);
        assert_eq!(of("a=%zz; b; parlor_token=prl_x"), Some("prl_x".to_owned()));
        assert_eq!(of("xparlor_token=prl_x; parlor_token="), None);
    }
}
