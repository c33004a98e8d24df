//! Presence: the list of it, and the status of every user in a response. The services decide its visibility, the ChatServer
//! knows who is online.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ApiResult;
use super::caller::Caller;
use super::query::QueryParams;
use crate::chat::Chat;
use crate::domain::reply::Presence;
use crate::domain::{Refusal, Status, User};
use crate::service::accounts::VisibleUser;

/// Names in one request.
const NAMES_UP_TO: usize = 200;

/// The users to look up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PresenceFilter {
    /// At most 200 names, separated by commas; without it the users whose presence is pushed to me.
    usernames: Option<String>,
}

/// The presence of some users.
#[derive(Serialize, ToSchema)]
pub(super) struct PresenceAnswer {
    /// Only of users visible to me.
    presence: Vec<Presence<'static>>,
}

/// The presence of these users, or of my acquaintances.
#[utoipa::path(
    get, path = "/presence", params(PresenceFilter),
    responses((status = 200, description = "Of the users visible to me.", body = PresenceAnswer))
)]
pub(super) async fn list_presence(caller: Caller, query: QueryParams<PresenceFilter>) -> ApiResult<PresenceAnswer> {
    let names = query.read()?.usernames.map(|names| split(&names)).transpose()?;
    let mut users = caller.services.accounts.visible(caller.admit()?, names).await?;
    fill(&caller.chat, users.iter_mut().collect()).await;
    let presence = users.into_iter().map(|user| Presence {
        username: user.username.into(),
        status: user.status.unwrap_or(Status::Offline),
        last_seen: user.last_seen,
    });
    Ok(web::Json(PresenceAnswer { presence: presence.collect() }))
}

fn split(names: &str) -> Result<Vec<String>, Refusal> {
    let names: Vec<String> = names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.len() > NAMES_UP_TO {
        Err(Refusal::invalid(format!("`usernames` must be at most {NAMES_UP_TO}")))
    } else {
        Ok(names)
    }
}

/// The caller, who always sees their own presence.
pub(super) async fn own(chat: &Chat, mut user: User) -> User {
    fill(chat, vec![&mut user]).await;
    user
}

/// The users with their status where it is visible.
pub(super) async fn of(chat: &Chat, mut seen: Vec<VisibleUser>) -> Vec<User> {
    fill(chat, seen.iter_mut().filter(|seen| seen.shows_presence).map(|seen| &mut seen.user).collect()).await;
    seen.into_iter().map(|seen| seen.user).collect()
}

async fn fill(chat: &Chat, users: Vec<&mut User>) {
    let online = chat.online(users.iter().map(|user| user.id).collect()).await;
    for (user, online) in users.into_iter().zip(online) {
        user.status = Some(online.into());
        // The table has the end of an earlier connection.
        user.last_seen = user.last_seen.filter(|_| !online);
    }
}
