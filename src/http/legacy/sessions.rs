//! The sessions system: registration, login, and loading a user's sessions.

use std::collections::VecDeque;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::fields::LegacyBody;
use crate::domain::{Identity, Refusal, SessionId, UserId};
use crate::edge::auth;
use crate::edge::cookies::{LOGIN_COOKIE, token_cookie};
use crate::edge::problem::Problem;
use crate::http::anonymous::AnonymousClient;
use crate::protocol::legacy::sessions::Load;
use crate::service::Services;
use crate::service::history::HistoryService;

/// Loaded sessions, and messages of each.
const SESSIONS: i64 = 100;
const MESSAGES: i64 = 50;
/// In all.
const BYTES: usize = 4 * 1_024 * 1_024;
/// Of text that is read at once.
const PIECE: usize = 64 * 1_024;

/// A new account, which is offline: only a connection makes a user online.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Registered<'a> {
    #[serde(rename = "UserID")]
    user_id: UserId,
    username: &'a str,
    status: &'static str,
}

#[derive(Serialize)]
struct LoginReply<'a> {
    #[serde(rename = "UserID")]
    user_id: UserId,
    #[serde(rename = "Username")]
    username: &'a str,
    #[serde(rename = "Authentication_Token")]
    token: &'a str,
}

pub(super) async fn register(client: AnonymousClient, body: LegacyBody) -> Result<HttpResponse, Problem> {
    let (username, password) = credentials(body).await?;
    let registered = client.services.accounts.register(&username, password, client.address).await;
    let user = registered.map_err(with_field_names)?;
    Ok(HttpResponse::Ok().json(Registered { user_id: user.id, username: &user.username, status: "Offline" }))
}

/// Logs in: gives a token, also as the cookie of every login.
pub(super) async fn login(client: AnonymousClient, body: LegacyBody) -> Result<HttpResponse, Problem> {
    let (username, password) = credentials(body).await?;
    let login = client.services.accounts.login(&username, password, None, client.address).await;
    let login = login.map_err(with_field_names)?;
    let user = &login.identity.user;
    let reply = LoginReply { user_id: user.id, username: &user.username, token: login.secret.reveal() };
    let cookie = token_cookie(&client.services.config, LOGIN_COOKIE, &login.secret);
    Ok(HttpResponse::Ok().cookie(cookie).json(reply))
}

async fn credentials(body: LegacyBody) -> Result<(String, String), Refusal> {
    let fields = body.read_json().await?;
    Ok((fields.text("Username")?.to_owned(), fields.text("Password")?.to_owned()))
}

/// Replaces the names of fields by those of this dialect.
fn with_field_names(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(detail) => {
            Refusal::Invalid(detail.replace("`username`", "`Username`").replace("`password`", "`Password`"))
        }
        other => other,
    }
}

/// Loads the user's newest sessions, each with its users and newest messages.
pub(super) async fn load(req: HttpRequest, services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    let identity = auth::identify(&req, &services).await?.ok_or(Refusal::Unauthenticated)?;
    services.limiter.request(identity.user.id)?;
    let sessions = services.history.newest(&identity, SESSIONS).await?.into();
    let mut loading = Loading { history: services.history.clone(), identity, sessions, load: Some(Load::new(BYTES)) };
    // Read before anything is sent, so that an error has its status.
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

/// A response that is read from the database no faster than the client reads it.
struct Loading {
    history: HistoryService,
    identity: Identity,
    /// Not read yet.
    sessions: VecDeque<SessionId>,
    load: Option<Load>,
}

impl Loading {
    /// `None` after the last piece.
    async fn next(&mut self) -> Result<Option<String>, Refusal> {
        let Some(mut load) = self.load.take() else { return Ok(None) };
        let sessions = std::mem::take(&mut self.sessions);
        let (recent, remaining) = self.history.recent(&self.identity, sessions, MESSAGES, PIECE, BYTES).await?;
        for recent in recent {
            let members = recent.session.members.iter().map(|member| &member.user);
            // In a large session there are more senders than listed members.
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
