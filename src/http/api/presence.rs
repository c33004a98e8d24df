//! Who is here: the list that one asks for, and the status on every user that REST shows.
//!
//! The services say who may see whom, ChatServer says who is online; here the two are put together.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::query::Query;
use crate::chat::Chat;
use crate::domain::reply::Presence;
use crate::domain::{Refusal, Status, User};
use crate::edge::problem::Problem;
use crate::service::Services;
use crate::service::accounts::Seen;

/// Names that one request may ask about.
const NAMES_UP_TO: usize = 200;

/// The users to look up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// At most 200 names, with commas; without it those whose presence is pushed to me.
    usernames: Option<String>,
}

/// The presence of some users.
#[derive(Serialize, ToSchema)]
pub(super) struct PresenceAnswer {
    /// Only those whose presence I may see.
    presence: Vec<Presence<'static>>,
}

/// Who is here, of these users or of those around me.
#[utoipa::path(
    get, path = "/presence", params(Whose),
    responses((status = 200, description = "Those whose presence I may see.", body = PresenceAnswer))
)]
pub(super) async fn list_presence(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    query: Query<Whose>,
) -> Result<web::Json<PresenceAnswer>, Problem> {
    let names = query.read()?.usernames.map(|names| split(&names)).transpose()?;
    let mut users = services.accounts.visible(&caller.identity, names).await?;
    fill(&chat, users.iter_mut().collect()).await;
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

/// The asker, who always sees their own presence.
pub(super) async fn own(chat: &Chat, mut user: User) -> User {
    fill(chat, vec![&mut user]).await;
    user
}

/// The users as the asker may see them.
pub(super) async fn of(chat: &Chat, seen: Vec<Seen>) -> Vec<User> {
    let mut seen = seen;
    fill(chat, seen.iter_mut().filter(|seen| seen.visible).map(|seen| &mut seen.user).collect()).await;
    seen.into_iter().map(|seen| seen.user).collect()
}

async fn fill(chat: &Chat, users: Vec<&mut User>) {
    let online = chat.online(users.iter().map(|user| user.id).collect()).await;
    for (user, online) in users.into_iter().zip(online) {
        user.status = Some(online.into());
        // What the table holds is the end of an earlier visit.
        user.last_seen = user.last_seen.filter(|_| !online);
    }
}
