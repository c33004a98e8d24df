//! Oneself.

use actix_web::web;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::presence;
use crate::chat::Chat;
use crate::desks::Desks;
use crate::model::{Accepts, Refusal, User};
use crate::problem::Problem;

/// A user's own settings.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    /// Oneself.
    user: User,
    /// Who may open a direct session without asking.
    accepts: Accepts,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct ProfileChange {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    display_name: Option<String>,
    /// Who may open a direct session without asking.
    accepts: Option<Accepts>,
    /// Not yet: better refused than taken for done.
    #[schema(ignore)]
    password: Option<IgnoredAny>,
}

/// My account and its settings.
#[utoipa::path(get, path = "/me", responses((status = 200, description = "As they are.", body = Profile)))]
pub async fn show_me(
    caller: Caller,
    desks: web::Data<Desks>,
    chat: web::Data<Chat>,
) -> Result<web::Json<Profile>, Problem> {
    let (user, accepts) = desks.accounts.me(&caller.identity).await?;
    Ok(web::Json(Profile { user: presence::own(&chat, user).await, accepts }))
}

/// Changes my settings.
#[utoipa::path(
    patch, path = "/me", request_body = ProfileChange,
    responses((status = 200, description = "As they are now.", body = Profile))
)]
pub async fn change_me(
    caller: Caller,
    desks: web::Data<Desks>,
    chat: web::Data<Chat>,
    body: Body<ProfileChange>,
) -> Result<web::Json<Profile>, Problem> {
    let ProfileChange { display_name, accepts, password } = body.read().await?;
    if password.is_some() {
        return Err(Problem(Refusal::invalid("`password` cannot be changed yet")));
    }
    let (user, accepts) = desks.accounts.update(&caller.identity, display_name.as_deref(), accepts).await?;
    Ok(web::Json(Profile { user: presence::own(&chat, user).await, accepts }))
}
