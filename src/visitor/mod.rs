//! Who is at the door: what every door, REST and sockets alike, asks of a request before anything else.
//!
//! Where a request comes from (its address and the page that sent it) and whom it speaks for, by header or cookie. Nothing
//! here answers: a door says the refusals in its own way.

mod carried;
mod cookies;
mod origin;

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::{HttpRequest, web};

pub use self::carried::Carried;
pub use self::cookies::{LOGIN_COOKIE, ROOM_COOKIE, give_cookie, has_cookie, take_cookie};
pub use self::origin::{check_form, check_origin, is_listed};

use self::cookies::cookies;
use crate::accounts::{Accounts, Secret};
use crate::config::Config;
use crate::desks::Desks;
use crate::limits::Address;
use crate::model::{Identity, Refusal};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

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

/// Whom a Socket.IO handshake speaks for: its `Authorization` header, and without one its cookies, that of the room-code
/// form before the login's. Otherwise as [`identify`].
///
/// # Errors
/// `unauthenticated` where what speaks is no good.
pub fn identify_session(
    req: &HttpRequest,
    desks: &Desks,
) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let header = bearer(req);
    let cookies = cookies(req, &desks.config, &[ROOM_COOKIE, LOGIN_COOKIE]);
    let accounts = desks.accounts.clone();
    async move {
        match header? {
            Some(secret) => accounts.authenticate(&secret).await.map(Some),
            None => recognise(&accounts, cookies).await,
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
            Ok(guest) => Ok(guest.filter(|guest| guest.room.is_some())),
            Err(Refusal::Unauthenticated) => Ok(None),
            Err(refusal) => Err(refusal),
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

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
