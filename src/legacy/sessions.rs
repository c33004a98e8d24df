//! The sessions system: registering, logging in, and loading everything that one has.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::said::Said;
use crate::desks::Desks;
use crate::dialect::sessions::Load;
use crate::model::{Refusal, UserId};
use crate::problem::Problem;
use crate::visitor::{self, LOGIN_COOKIE, give_cookie};

/// Sessions that are loaded, and messages of each.
const SESSIONS: i64 = 100;
const MESSAGES: i64 = 50;
/// Bytes that are loaded in all.
const BYTES: usize = 4 * 1_024 * 1_024;

/// A new account, which is not here yet: logging in alone makes nobody online.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Registered<'a> {
    #[serde(rename = "UserID")]
    user_id: UserId,
    username: &'a str,
    status: &'static str,
}

/// A login.
#[derive(Serialize)]
struct LoggedIn<'a> {
    #[serde(rename = "UserID")]
    user_id: UserId,
    #[serde(rename = "Username")]
    username: &'a str,
    #[serde(rename = "Authentication_Token")]
    token: &'a str,
}

/// Makes an account.
///
/// # Errors
/// `invalid_request` naming the field, `username_taken`, `rate_limited`, `busy`.
pub async fn register(req: HttpRequest, desks: web::Data<Desks>, said: Said) -> Result<HttpResponse, Problem> {
    let fields = said.read_json().await?;
    let (username, password) = (fields.text("Username")?, fields.text("Password")?.to_owned());
    let from = visitor::address(&req, &desks.config);
    let user = desks.accounts.register(username, password, from).await.map_err(in_its_fields)?;
    Ok(HttpResponse::Ok().json(Registered { user_id: user.id, username: &user.username, status: "Offline" }))
}

/// Logs in: gives a token, also as the cookie of every login.
///
/// # Errors
/// `unknown_user`, `wrong_password`, `too_many_attempts`, `invalid_request`, `busy`.
pub async fn login(req: HttpRequest, desks: web::Data<Desks>, said: Said) -> Result<HttpResponse, Problem> {
    let fields = said.read_json().await?;
    let (username, password) = (fields.text("Username")?, fields.text("Password")?.to_owned());
    let from = visitor::address(&req, &desks.config);
    let login = desks.accounts.login(username, password, None, from).await.map_err(in_its_fields)?;
    let user = &login.identity.user;
    let told = LoggedIn { user_id: user.id, username: &user.username, token: login.secret.reveal() };
    let cookie = give_cookie(&desks.config, LOGIN_COOKIE, &login.secret);
    Ok(HttpResponse::Ok().cookie(cookie).json(told))
}

/// What is wrong with a field, by the name that it has here.
fn in_its_fields(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(detail) => {
            Refusal::Invalid(detail.replace("`username`", "`Username`").replace("`password`", "`Password`"))
        }
        other => other,
    }
}

/// Loads one's newest sessions, each with its people and its newest messages.
///
/// # Errors
/// `unauthenticated`, `rate_limited`.
pub async fn load(req: HttpRequest, desks: web::Data<Desks>) -> Result<HttpResponse, Problem> {
    let who = visitor::identify(&req, &desks).await?.ok_or(Refusal::Unauthenticated)?;
    desks.requests.take(who.user.id).map_err(Refusal::RateLimited)?;
    let mut load = Load::new(BYTES);
    for recent in desks.history.recent(&who, SESSIONS, MESSAGES, BYTES).await? {
        let members = recent.session.members.iter().map(|member| &member.user);
        // In a large session more people speak than are told of it.
        load.add(recent.session.id, members.chain(&recent.senders), &recent.messages);
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(load.finish()))
}
