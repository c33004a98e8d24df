//! The sessions system: registering, logging in, and loading everything that one has.

use std::collections::VecDeque;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::said::Said;
use crate::domain::{Identity, Refusal, SessionId, UserId};
use crate::edge::cookies::{LOGIN_COOKIE, give_cookie};
use crate::edge::problem::Problem;
use crate::edge::{auth, client};
use crate::protocol::legacy::sessions::Load;
use crate::service::Services;
use crate::service::history::History;

/// Sessions that are loaded, and messages of each.
const SESSIONS: i64 = 100;
const MESSAGES: i64 = 50;
/// Bytes that are loaded in all.
const BYTES: usize = 4 * 1_024 * 1_024;
/// Bytes of text that are read at once.
const PIECE: usize = 64 * 1_024;

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
pub(super) async fn register(
    req: HttpRequest,
    services: web::Data<Services>,
    said: Said,
) -> Result<HttpResponse, Problem> {
    let fields = said.read_json().await?;
    let (username, password) = (fields.text("Username")?, fields.text("Password")?.to_owned());
    let from = client::address(&req, &services.config);
    let user = services.accounts.register(username, password, from).await.map_err(in_its_fields)?;
    Ok(HttpResponse::Ok().json(Registered { user_id: user.id, username: &user.username, status: "Offline" }))
}

/// Logs in: gives a token, also as the cookie of every login.
///
/// # Errors
/// `unknown_user`, `wrong_password`, `too_many_attempts`, `invalid_request`, `busy`.
pub(super) async fn login(
    req: HttpRequest,
    services: web::Data<Services>,
    said: Said,
) -> Result<HttpResponse, Problem> {
    let fields = said.read_json().await?;
    let (username, password) = (fields.text("Username")?, fields.text("Password")?.to_owned());
    let from = client::address(&req, &services.config);
    let login = services.accounts.login(username, password, None, from).await.map_err(in_its_fields)?;
    let user = &login.identity.user;
    let told = LoggedIn { user_id: user.id, username: &user.username, token: login.secret.reveal() };
    let cookie = give_cookie(&services.config, LOGIN_COOKIE, &login.secret);
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
pub(super) async fn load(req: HttpRequest, services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    let who = auth::identify(&req, &services).await?.ok_or(Refusal::Unauthenticated)?;
    services.requests.take(who.user.id).map_err(Refusal::RateLimited)?;
    let sessions = services.history.newest(&who, SESSIONS).await?.into();
    let mut loading = Loading { history: services.history.clone(), who, sessions, load: Some(Load::new(BYTES)) };
    // Read before anything is sent, so that what fails is answered with its status.
    let first = loading.next().await?.unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response.content_type("application/json");
    if loading.load.is_none() {
        return Ok(response.body(first));
    }
    let failed = |refusal: Refusal| std::io::Error::other(refusal.code());
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from(first))]);
    let rest = stream::try_unfold(loading, move |mut loading| async move {
        Ok(loading.next().await.map_err(failed)?.map(|piece| (Bytes::from(piece), loading)))
    });
    Ok(response.streaming(first.chain(rest)))
}

/// An answer that is read from the database as far as its client reads it.
struct Loading {
    history: History,
    who: Identity,
    /// Those that are yet to be read.
    sessions: VecDeque<SessionId>,
    /// `None` behind the last piece.
    load: Option<Load>,
}

impl Loading {
    /// The next piece; `None` behind the last.
    async fn next(&mut self) -> Result<Option<String>, Refusal> {
        let Some(mut load) = self.load.take() else { return Ok(None) };
        let sessions = std::mem::take(&mut self.sessions);
        let (recent, remaining) = self.history.recent(&self.who, sessions, MESSAGES, PIECE, BYTES).await?;
        for recent in recent {
            let members = recent.session.members.iter().map(|member| &member.user);
            // In a large session more people speak than are told of it.
            load.add(recent.session.id, members.chain(&recent.senders), &recent.messages);
        }
        if remaining.is_empty() || load.is_full() {
            return Ok(Some(load.finish()));
        }
        let piece = load.take();
        (self.sessions, self.load) = (remaining, Some(load));
        Ok(Some(piece))
    }
}
