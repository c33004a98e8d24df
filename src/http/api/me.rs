//! The caller's own account.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiResult;
use super::body::JsonBody;
use super::caller::Caller;
use super::login::logged_out;
use super::presence;
use crate::domain::{Accepts, User, UserKind};
use crate::edge::problem::Problem;
use crate::service::accounts::ProfileUpdate;

/// A user's own settings.
#[derive(Serialize, ToSchema)]
pub(super) struct Profile {
    /// My own account.
    user: User,
    /// Who may open a direct session without an invite.
    accepts: Accepts,
}

/// Changes; settings that are left out are kept.
#[derive(Deserialize, ToSchema)]
pub(super) struct ProfileChange {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    display_name: Option<String>,
    /// Who may open a direct session without an invite.
    accepts: Option<Accepts>,
    /// A new password, with the same requirements as at registration. Ends every other login.
    #[schema(max_length = 128)]
    password: Option<String>,
    /// The present password, needed to change it.
    current_password: Option<String>,
}

/// Proof that the owner of the account sends the request.
#[derive(Deserialize, ToSchema)]
#[schema(as = AccountDeletion)]
pub(super) struct AccountDeletion {
    /// The present password.
    current_password: Option<String>,
}

/// My account and its settings.
#[utoipa::path(get, path = "/me", responses((status = 200, description = "As they are.", body = Profile)))]
pub(super) async fn show_me(caller: Caller) -> ApiResult<Profile> {
    let (user, accepts) = caller.services.accounts.me(caller.admit()?).await?;
    Ok(web::Json(Profile { user: presence::own(&caller.chat, user).await, accepts }))
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
pub(super) async fn change_me(caller: Caller, body: JsonBody<ProfileChange>) -> ApiResult<Profile> {
    let ProfileChange { display_name, accepts, password, current_password } = body.read().await?;
    let change = ProfileUpdate { display_name, accepts, password, current_password };
    let (user, accepts) = caller.services.accounts.update(caller.admit()?, change, caller.address).await?;
    Ok(web::Json(Profile { user: presence::own(&caller.chat, user).await, accepts }))
}

/// Deletes my account for good: my tokens end, I leave groups and rooms, and my name can be neither found nor
/// registered again. Direct sessions remain readable for the others. A guest needs no password, and no body.
#[utoipa::path(
    delete, path = "/me", request_body = Option<AccountDeletion>,
    responses(
        (status = 204, description = "Deleted.",
         headers(("Set-Cookie" = String, description = "Takes `parlor_token` back."))),
        (status = 403, description = "`wrong_password`."),
        (status = 429, description = "`too_many_attempts`: too many wrong passwords lately; or `rate_limited`."),
    )
)]
pub(super) async fn delete_me(caller: Caller, body: JsonBody<AccountDeletion>) -> Result<HttpResponse, Problem> {
    let identity = caller.admit()?;
    let is_guest = identity.user.kind == UserKind::Guest;
    let current = if is_guest { None } else { body.read().await?.current_password };
    caller.services.accounts.delete(identity, current, caller.address).await?;
    Ok(logged_out(&caller.services, identity))
}
