//! Authentication of requests, by the `Authorization` header or a cookie.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use super::client::token_use;
use super::cookies::{LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, cookies};
use crate::domain::{Identity, LoginMethod, Refusal, TokenUse};
use crate::edge::http_connections::HttpConnection;
use crate::service::Services;
use crate::service::accounts::{AccountService, Secret};

/// The cookies that may authenticate a Socket.IO session; the first valid one counts.
const SESSION_COOKIES: [&str; 3] = [ROOM_COOKIE, LOBBY_COOKIE, LOGIN_COOKIE];

struct Authenticator {
    accounts: AccountService,
    used: TokenUse,
    /// `None` in tests of parts.
    connection: Option<Arc<HttpConnection>>,
}

impl Authenticator {
    fn new(req: &HttpRequest, services: &Services) -> Self {
        let connection = req.conn_data::<Arc<HttpConnection>>().cloned();
        Self { accounts: services.accounts.clone(), used: token_use(req, &services.config), connection }
    }

    async fn authenticate(&self, secret: &Secret) -> Result<Identity, Refusal> {
        self.accounts.authenticate(secret, self.used.clone()).await
    }

    /// The user of the first valid secret; `None` where there are no secrets.
    async fn first(&self, secrets: Vec<String>) -> Result<Option<Identity>, Refusal> {
        let mut found = Ok(None);
        for secret in secrets {
            found = match Secret::parse(&secret) {
                Ok(secret) => self.authenticate(&secret).await.map(Some),
                Err(refusal) => Err(refusal),
            };
            if found != Err(Refusal::Unauthenticated) {
                break;
            }
        }
        found
    }

    /// Counts the response for this user; `rate_limited` where the user leaves too many bytes unread.
    fn count(&self, who: Identity) -> Result<Identity, Refusal> {
        self.connection.as_ref().map_or(Ok(()), |connection| connection.set_user(who.user.id))?;
        Ok(who)
    }
}

/// The user of a request: by its `Authorization` header first, then the login's cookie, then that of the room-code form; `None`
/// without any. Cookies count only in same-origin requests, and an invalid one beside a valid header or cookie is ignored. The
/// future borrows nothing, so extractors can return it.
///
/// # Errors
/// `unauthenticated` for an invalid header, for cookies of which none is valid, and where header and cookie are of different
/// users; `rate_limited` where the user leaves too many responses unread.
pub(crate) fn identify(
    req: &HttpRequest,
    services: &Services,
) -> impl Future<Output = Result<Option<Identity>, Refusal>> + use<> {
    let (header, auth) = (bearer(req), Authenticator::new(req, services));
    let cookies = cookies(req, &services.config, &[LOGIN_COOKIE, ROOM_COOKIE]);
    async move {
        let Some(secret) = header? else {
            return auth.first(cookies).await?.map(|who| auth.count(who)).transpose();
        };
        let identity = auth.authenticate(&secret).await?;
        match auth.first(cookies).await {
            Ok(Some(other)) if other.user.id != identity.user.id => Err(Refusal::Unauthenticated),
            Ok(_) | Err(Refusal::Unauthenticated) => auth.count(identity).map(Some),
            Err(refusal) => Err(refusal),
        }
    }
}

/// The guest of a room, by the cookie of the room-code form and nothing else; `None` without a valid one.
pub(crate) async fn room_guest(req: &HttpRequest, services: &Services) -> Result<Option<Identity>, Refusal> {
    let auth = Authenticator::new(req, services);
    match auth.first(cookies(req, &services.config, &[ROOM_COOKIE])).await {
        Ok(guest) => {
            guest.filter(|guest| guest.login_method.room().is_some()).map(|guest| auth.count(guest)).transpose()
        }
        Err(Refusal::Unauthenticated) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The guest of the lobby dialect's login, by header or by that login's cookie, and the secret; `None` without a valid one.
pub(crate) async fn lobby_guest(req: &HttpRequest, services: &Services) -> Result<Option<(Identity, Secret)>, Refusal> {
    let auth = Authenticator::new(req, services);
    let cookies = cookies(req, &services.config, &[LOBBY_COOKIE]);
    let cookies = cookies.iter().filter_map(|cookie| Secret::parse(cookie).ok());
    for secret in bearer(req).ok().flatten().into_iter().chain(cookies) {
        match auth.authenticate(&secret).await {
            Ok(who) if who.login_method == LoginMethod::LobbyGuest => return Ok(Some((who, secret))),
            Ok(_) | Err(Refusal::Unauthenticated) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(None)
}

/// The user of a Socket.IO handshake: by its `Authorization` header, and without one by its cookies. The login method
/// ([`Identity::login_method`]) decides on the dialect. `unauthenticated` where the header or all cookies are invalid.
pub(crate) async fn identify_session(req: &HttpRequest, services: &Services) -> Result<Option<Identity>, Refusal> {
    let auth = Authenticator::new(req, services);
    match bearer(req)? {
        Some(secret) => auth.authenticate(&secret).await.map(Some),
        None => auth.first(cookies(req, &services.config, &SESSION_COOKIES)).await,
    }
}

/// The secret of the `Authorization` header; `None` without one.
fn bearer(req: &HttpRequest) -> Result<Option<Secret>, Refusal> {
    let mut lines = req.headers().get_all(AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(None) };
    // Of two headers, a proxy might have checked the other one.
    let line = line.to_str().ok().filter(|_| lines.next().is_none());
    let (scheme, secret) = line.and_then(|line| line.split_once(' ')).unwrap_or_default();
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
    fn a_sessions_cookie_is_that_of_a_room_then_of_the_lobby_then_of_a_login() {
        let line = "parlor_token=prl_c; parlor_lobby=prl_b; x=y; parlor_rooms=prl_a";
        let request = || TestRequest::default().insert_header((HOST, "chat.example")).insert_header((COOKIE, line));
        let of = |request: TestRequest| cookies(&request.to_http_request(), &config(&[]), &SESSION_COOKIES);
        assert_eq!(of(request()), ["prl_a", "prl_b", "prl_c"]);
        assert!(of(request().insert_header((ORIGIN, "https://evil.example"))).is_empty());
    }

    #[test]
    fn an_authorization_header_must_be_a_bearer_token() {
        let of = |line: String| bearer(&TestRequest::default().insert_header((AUTHORIZATION, line)).to_http_request());
        let secret = Secret::random().unwrap();
        assert_eq!(of(format!("bearer {}", secret.reveal())), Ok(Some(secret)));
        assert!(of("Bearer x".to_owned()).is_err() && of("Basic x".to_owned()).is_err());
    }
}
