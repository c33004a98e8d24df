//! Oneself.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::login::let_go;
use super::presence;
use crate::chat::Chat;
use crate::domain::{Accepts, User, UserKind};
use crate::edge::problem::Problem;
use crate::service::Services;
use crate::service::accounts::Change;

/// A user's own settings.
#[derive(Serialize, ToSchema)]
pub(super) struct Profile {
    /// My own account.
    user: User,
    /// Who may open a direct session without asking.
    accepts: Accepts,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct ProfileChange {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    display_name: Option<String>,
    /// Who may open a direct session without asking.
    accepts: Option<Accepts>,
    /// Another password, of which the same is asked as of a first one. Ends every other login.
    #[schema(max_length = 128)]
    password: Option<String>,
    /// The present password, needed to change it.
    current_password: Option<String>,
}

/// That it is really the owner who wants it.
#[derive(Deserialize, ToSchema)]
pub(super) struct Farewell {
    /// The present password.
    current_password: Option<String>,
}

/// My account and its settings.
#[utoipa::path(get, path = "/me", responses((status = 200, description = "As they are.", body = Profile)))]
pub(super) async fn show_me(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<web::Json<Profile>, Problem> {
    let (user, accepts) = services.accounts.me(&caller.identity).await?;
    Ok(web::Json(Profile { user: presence::own(&chat, user).await, accepts }))
}

/// Changes my settings: all that is given, or nothing. Another password ends my other tokens and, within a second, their
/// connections.
#[utoipa::path(
    patch, path = "/me", request_body = ProfileChange,
    responses(
        (status = 200, description = "As they are now.", body = Profile),
        (status = 403, description = "`wrong_password`, or `forbidden`: a guest has no password."),
        (status = 429, description = "`too_many_attempts`: too many wrong passwords lately; or `rate_limited`."),
    )
)]
pub(super) async fn change_me(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    body: Body<ProfileChange>,
) -> Result<web::Json<Profile>, Problem> {
    let ProfileChange { display_name, accepts, password, current_password } = body.read().await?;
    let change = Change { display_name, accepts, password, current_password };
    let (user, accepts) = services.accounts.update(&caller.identity, change, caller.address).await?;
    Ok(web::Json(Profile { user: presence::own(&chat, user).await, accepts }))
}

/// Deletes my account for good: my tokens end, I leave groups and rooms, and nobody finds me or is given my name. Direct
/// sessions stay readable for the others. A guest's visit ends, for which no password, and no body, is needed.
#[utoipa::path(
    delete, path = "/me", request_body = Option<Farewell>,
    responses(
        (status = 204, description = "I am gone.",
         headers(("Set-Cookie" = String, description = "Takes `parlor_token` back."))),
        (status = 403, description = "`wrong_password`."),
        (status = 429, description = "`too_many_attempts`: too many wrong passwords lately; or `rate_limited`."),
    )
)]
pub(super) async fn delete_me(
    caller: Caller,
    services: web::Data<Services>,
    body: Body<Farewell>,
) -> Result<HttpResponse, Problem> {
    let is_guest = caller.identity.user.kind == UserKind::Guest;
    let current = if is_guest { None } else { body.read().await?.current_password };
    services.accounts.delete(&caller.identity, current, caller.address).await?;
    Ok(let_go(&services, &caller.identity))
}
