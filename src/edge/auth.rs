//! Whom a request speaks for, by its header or by a cookie.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use super::client::token_use;
use super::cookies::{LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, cookies};
use crate::domain::{Door, Identity, Refusal, TokenUse};
use crate::edge::http_connections::HttpConnection;
use crate::service::Services;
use crate::service::accounts::{Accounts, Secret};

/// The cookies that may speak for a Socket.IO session, the first that is good before the others.
const SESSION_COOKIES: [&str; 3] = [ROOM_COOKIE, LOBBY_COOKIE, LOGIN_COOKIE];

/// Whom a request on this connection speaks for; its answer counts for them.
///
/// # Errors
/// `rate_limited` where so much is on its way to them that the answer has to wait.
fn spoken_for(connection: Option<Arc<HttpConnection>>, who: Identity) -> Result<Identity, Refusal> {
    connection.map_or(Ok(()), |connection| connection.speaks_for(who.user.id))?;
    Ok(who)
}

/// The connection of a request; `None` in tests of parts.
fn connection(req: &HttpRequest) -> Option<Arc<HttpConnection>> {
    req.conn_data::<Arc<HttpConnection>>().cloned()
}

/// Whom the request speaks for: its `Authorization` header first, then the login's cookie, then that of the room-code form;
/// `None` where it carries none. A cookie counts only for same-origin requests, and a bad one beside a good header or
/// cookie is ignored. The future borrows nothing.
///
/// # Errors
/// `unauthenticated` for a header that is no good, for cookies of which none is, and where header and cookie are of
/// different users; `rate_limited` where the user leaves too many answers unread.
pub(crate) fn identify(
    req: &HttpRequest,
    services: &Services,
) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let header = bearer(req);
    let cookies = cookies(req, &services.config, &[LOGIN_COOKIE, ROOM_COOKIE]);
    let (accounts, connection, used) = (services.accounts.clone(), connection(req), token_use(req, &services.config));
    async move {
        let Some(secret) = header? else {
            let who = recognise(&accounts, cookies, &used).await?;
            return who.map(|who| spoken_for(connection, who)).transpose();
        };
        let identity = accounts.authenticate(&secret, used.clone()).await?;
        match recognise(&accounts, cookies, &used).await {
            Ok(Some(other)) if other.user.id != identity.user.id => Err(Refusal::Unauthenticated),
            Ok(_) | Err(Refusal::Unauthenticated) => spoken_for(connection, identity).map(Some),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The guest of a room whom the cookie of the room-code form speaks for, whatever else the request carries; `None` where
/// there is none that counts.
///
/// # Errors
/// Those of the store.
pub(crate) fn room_guest(
    req: &HttpRequest,
    services: &Services,
) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let cookies = cookies(req, &services.config, &[ROOM_COOKIE]);
    let (accounts, connection, used) = (services.accounts.clone(), connection(req), token_use(req, &services.config));
    async move {
        match recognise(&accounts, cookies, &used).await {
            Ok(guest) => {
                let guest = guest.filter(|guest| guest.door.room().is_some());
                guest.map(|guest| spoken_for(connection, guest)).transpose()
            }
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
pub(crate) fn lobby_guest(
    req: &HttpRequest,
    services: &Services,
) -> impl Future<Output = Result<Option<(Identity, Secret)>, Refusal>> + use<> {
    let cookies = cookies(req, &services.config, &[LOBBY_COOKIE]);
    let cookies = cookies.iter().filter_map(|cookie| Secret::parse(cookie).ok());
    let secrets: Vec<Secret> = bearer(req).ok().flatten().into_iter().chain(cookies).collect();
    let (accounts, used) = (services.accounts.clone(), token_use(req, &services.config));
    async move {
        for secret in secrets {
            match accounts.authenticate(&secret, used.clone()).await {
                Ok(who) if who.door == Door::Lobby => return Ok(Some((who, secret))),
                Ok(_) | Err(Refusal::Unauthenticated) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(None)
    }
}

/// Whom a Socket.IO handshake speaks for: its `Authorization` header, and without one its cookies (rooms, lobby, then login).
/// How the user came in, and so which dialect the socket speaks, is [`Identity::door`]. The future borrows nothing.
///
/// # Errors
/// `unauthenticated` where what speaks is no good.
pub(crate) fn identify_session(
    req: &HttpRequest,
    services: &Services,
) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let header = bearer(req);
    let cookies = cookies(req, &services.config, &SESSION_COOKIES);
    let (accounts, used) = (services.accounts.clone(), token_use(req, &services.config));
    async move {
        match header? {
            Some(secret) => accounts.authenticate(&secret, used.clone()).await.map(Some),
            None => recognise(&accounts, cookies, &used).await,
        }
    }
}

/// The user of the first secret that counts; `None` where there is no secret.
async fn recognise(accounts: &Accounts, secrets: Vec<String>, used: &TokenUse) -> Result<Option<Identity>, Refusal> {
    let mut found = Ok(None);
    for secret in secrets {
        found = match Secret::parse(&secret) {
            Ok(secret) => accounts.authenticate(&secret, used.clone()).await.map(Some),
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
    use actix_web::http::header::{COOKIE, HOST, ORIGIN};
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;
    use crate::config::Config;

    fn config(flags: &[&str]) -> Config {
        Config::parse_from(["parlor"].iter().chain(flags))
    }

    #[test]
    fn a_session_is_a_rooms_before_it_is_the_lobbys_or_a_logins() {
        let line = "parlor_token=prl_c; parlor_lobby=prl_b; x=y; parlor_rooms=prl_a";
        let request = || TestRequest::default().insert_header((HOST, "chat.example")).insert_header((COOKIE, line));
        let of = |request: TestRequest| cookies(&request.to_http_request(), &config(&[]), &SESSION_COOKIES);
        assert_eq!(of(request()), ["prl_a", "prl_b", "prl_c"]);
        assert!(of(request().insert_header((ORIGIN, "https://evil.example"))).is_empty());
    }

    #[test]
    fn a_header_is_a_bearer_or_nothing() {
        let of = |line: String| bearer(&TestRequest::default().insert_header((AUTHORIZATION, line)).to_http_request());
        let secret = Secret::random().unwrap();
        assert_eq!(of(format!("bearer {}", secret.reveal())), Ok(Some(secret)));
        assert!(of("Bearer x".to_owned()).is_err() && of("Basic x".to_owned()).is_err());
    }
}
