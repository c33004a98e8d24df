//! The lobby system: guests log in by a link with a name, and log out by another. These are GET requests with an effect, so they
//! are refused for prefetches and for pages of other sites.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use crate::domain::{Identity, Refusal, Username};
use crate::edge::cookies::{CLEAR_CACHE, LOBBY_COOKIE, expired_cookies, token_cookie};
use crate::edge::problem::Problem;
use crate::edge::{auth, origin};
use crate::http::anonymous::AnonymousClient;
use crate::service::Services;
use crate::service::accounts::Secret;

#[derive(Serialize)]
struct Entered<'a> {
    username: &'a str,
    token: &'a str,
}

/// Logs a guest in; a guest with a valid cookie keeps their login.
///
/// # Errors
/// `username_taken`, also where the browser is logged in under another name; `forbidden` for prefetches and other sites, and
/// where there are no guests; `invalid_request`, `rate_limited`.
pub(super) async fn login(
    req: HttpRequest,
    client: AnonymousClient,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let services = &client.services;
    origin::check_user_initiated(&req, &services.config)?;
    let name = path.into_inner();
    let Some((identity, secret)) = auth::lobby_guest(&req, services).await? else {
        let login = services.accounts.lobby_guest(&name, client.address).await?;
        return Ok(logged_in(services, &login.identity, &login.secret));
    };
    services.limiter.request(identity.user.id)?;
    if !is_called(&identity, &name) {
        return Err(Refusal::UsernameTaken.into());
    }
    services.accounts.renew_lobby_guest(&identity);
    Ok(logged_in(services, &identity, &secret))
}

/// Logs a guest out; the name is free at once.
///
/// # Errors
/// `forbidden` for all but that guest, for prefetches and for other sites.
pub(super) async fn logout(
    req: HttpRequest,
    client: AnonymousClient,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let services = &client.services;
    origin::check_user_initiated(&req, &services.config)?;
    let guest = auth::lobby_guest(&req, services).await?.filter(|(identity, _)| is_called(identity, &path));
    let Some((identity, _)) = guest else {
        return Err(Refusal::Forbidden("Only whoever came in by this name goes by it.").into());
    };
    services.limiter.request(identity.user.id)?;
    services.accounts.logout(&identity, client.address).await?;
    let mut response = HttpResponse::Ok();
    for cookie in expired_cookies(&services.config, LOBBY_COOKIE) {
        response.cookie(cookie);
    }
    Ok(response.insert_header(CLEAR_CACHE).json(json!({"username": identity.user.username})))
}

fn logged_in(services: &Services, identity: &Identity, secret: &Secret) -> HttpResponse {
    let cookie = token_cookie(&services.config, LOBBY_COOKIE, secret);
    HttpResponse::Ok().cookie(cookie).json(Entered { username: &identity.user.username, token: secret.reveal() })
}

fn is_called(identity: &Identity, name: &str) -> bool {
    Username::fold(name) == Username::fold(&identity.user.username)
}
