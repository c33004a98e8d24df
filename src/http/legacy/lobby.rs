//! The lobby system: guests who come in by a link, with a name alone, and go by another.
//!
//! A GET that changes something: so it counts only where somebody means it, and not for what a browser fetches ahead or what
//! a page of another site asks for.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::domain::{Identity, Refusal, Username};
use crate::edge::cookies::{FORGET, LOBBY_COOKIE, give_cookie, take_cookies};
use crate::edge::problem::Problem;
use crate::edge::{auth, client, origin};
use crate::service::Services;
use crate::service::accounts::Secret;

/// A guest who has come in.
#[derive(Serialize)]
struct Come<'a> {
    username: &'a str,
    token: &'a str,
}

/// A guest who has gone.
#[derive(Serialize)]
struct Gone<'a> {
    username: &'a str,
}

/// Lets a guest in. Who is in already, and says so by the cookie, stays who they are.
///
/// # Errors
/// `username_taken` where somebody has the name, also where the browser is somebody else's already; `forbidden` for what
/// nobody means, and where there are no guests; `invalid_request`, `rate_limited`.
pub(super) async fn login(
    req: HttpRequest,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    origin::check_meant(&req, &services.config)?;
    let name = path.into_inner();
    let Some((who, secret)) = auth::lobby_guest(&req, &services).await? else {
        let login = services.accounts.lobby_guest(&name, client::address(&req, &services.config)).await?;
        return Ok(let_in(&services, &login.identity, &login.secret));
    };
    services.requests.take(who.user.id).map_err(Refusal::RateLimited)?;
    if !is_called(&who, &name) {
        return Err(Refusal::UsernameTaken.into());
    }
    services.accounts.lobby_guest_again(&who);
    Ok(let_in(&services, &who, &secret))
}

/// Lets a guest go: the name is free at once.
///
/// # Errors
/// `forbidden` for all but that guest, and for what nobody means.
pub(super) async fn logout(
    req: HttpRequest,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    origin::check_meant(&req, &services.config)?;
    let guest = auth::lobby_guest(&req, &services).await?.filter(|(who, _)| is_called(who, &path));
    let Some((who, _)) = guest else {
        return Err(Refusal::Forbidden("Only whoever came in by this name goes by it.").into());
    };
    services.requests.take(who.user.id).map_err(Refusal::RateLimited)?;
    match services.accounts.end_token(&who, who.token, Some(client::address(&req, &services.config))).await {
        // Ended meanwhile: what was asked for is so.
        Ok(()) | Err(Refusal::NotFound) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    let mut answer = HttpResponse::Ok();
    for cookie in take_cookies(&services.config, LOBBY_COOKIE) {
        answer.cookie(cookie);
    }
    Ok(answer.insert_header(FORGET).json(Gone { username: &who.user.username }))
}

fn let_in(services: &Services, who: &Identity, secret: &Secret) -> HttpResponse {
    let cookie = give_cookie(&services.config, LOBBY_COOKIE, secret);
    HttpResponse::Ok().cookie(cookie).json(Come { username: &who.user.username, token: secret.reveal() })
}

fn is_called(who: &Identity, name: &str) -> bool {
    Username::fold(name) == Username::fold(&who.user.username)
}
