//! The directory.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::login::UserAnswer;
use super::presence;
use super::query::{Paging, Query};
use crate::chat::Chat;
use crate::domain::{Refusal, User};
use crate::edge::problem::Problem;
use crate::service::Services;

/// What to find in the directory.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Finding {
    /// How their username, or words of their display name, begin; without regard to case and accents. Everybody without it.
    query: Option<String>,
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// What `next` of the last page said; the beginning without it.
    cursor: Option<String>,
}

/// A page of the directory.
#[derive(Serialize, ToSchema)]
pub(super) struct Users {
    /// By name.
    users: Vec<User>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Users by name. Where the directory is closed: only people who share a direct session, group or room with me.
#[utoipa::path(get, path = "/users", params(Finding), responses((status = 200, description = "A page of them.", body = Users)))]
pub(super) async fn list_users(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    query: Query<Finding>,
) -> Result<web::Json<Users>, Problem> {
    let Finding { query, limit, cursor } = query.read()?;
    let page = Paging { limit, cursor }.by_name()?;
    let (seen, next) = services.accounts.users(&caller.identity, query.unwrap_or_default(), page).await?;
    Ok(web::Json(Users { users: presence::of(&chat, seen).await, next }))
}

/// One user.
#[utoipa::path(
    get, path = "/users/{username}", params(("username" = String, Path, description = "In any case.")),
    responses(
        (status = 200, description = "With presence where I may see it.", body = UserAnswer),
        (status = 404, description = "`unknown_user`: there is no such user, or none that I can find."),
        (status = 429, description = "`too_many_attempts`: too many unknown names; or `rate_limited`."),
    )
)]
pub(super) async fn show_user(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    path: web::Path<String>,
) -> Result<web::Json<UserAnswer>, Problem> {
    let seen = services.accounts.user(&caller.identity, path.into_inner(), caller.address).await?;
    let user = presence::of(&chat, vec![seen]).await.pop().ok_or(Refusal::Internal)?;
    Ok(web::Json(UserAnswer { user }))
}
