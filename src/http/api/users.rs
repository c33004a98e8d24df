//! The directory.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ApiResult;
use super::caller::Caller;
use super::login::UserAnswer;
use super::presence;
use super::query::{Paging, QueryParams};
use crate::domain::{Refusal, User};

/// What to find in the directory.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UserFilter {
    /// How their username, or words of their display name, begin; without regard to case and accents. All users without it.
    query: Option<String>,
}

/// A page of the directory.
#[derive(Serialize, ToSchema)]
#[schema(as = Users)]
pub(super) struct UserPage {
    /// By name.
    users: Vec<User>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Users by name. Where the directory is closed: only people who share a direct session, group or room with me.
#[utoipa::path(get, path = "/users", params(UserFilter, Paging), responses((status = 200, description = "A page of them.", body = UserPage)))]
pub(super) async fn list_users(
    caller: Caller,
    query: QueryParams<UserFilter>,
    page: QueryParams<Paging>,
) -> ApiResult<UserPage> {
    let query = query.read()?.query.unwrap_or_default();
    let page = page.read()?.by_name()?;
    let (seen, next) = caller.services.accounts.users(caller.admit()?, query, page).await?;
    Ok(web::Json(UserPage { users: presence::of(&caller.chat, seen).await, next }))
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
pub(super) async fn show_user(caller: Caller, path: web::Path<String>) -> ApiResult<UserAnswer> {
    let seen = caller.services.accounts.user(caller.admit()?, path.into_inner(), caller.address).await?;
    let user = presence::of(&caller.chat, vec![seen]).await.pop().ok_or(Refusal::Internal)?;
    Ok(web::Json(UserAnswer { user }))
}
