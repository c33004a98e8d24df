//! Blocks.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiResult;
use super::caller::Caller;
use super::query::{Paging, QueryParams};
use crate::domain::User;
use crate::edge::problem::Problem;

/// A page of blocks.
#[derive(Serialize, ToSchema)]
pub(super) struct Blocks {
    /// Newest first; without presence, which a block hides both ways.
    blocks: Vec<User>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Users I have blocked, newest first.
#[utoipa::path(get, path = "/blocks", params(Paging), responses((status = 200, description = "A page of them.", body = Blocks)))]
pub(super) async fn list_blocks(caller: Caller, query: QueryParams<Paging>) -> ApiResult<Blocks> {
    let (blocks, next) = caller.services.accounts.blocks(caller.admit()?, query.read()?.by_time()?).await?;
    Ok(web::Json(Blocks { blocks, next }))
}

/// Blocks a user, who is not notified.
#[utoipa::path(
    put, path = "/blocks/{username}", params(("username" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Blocked, now or before."),
        (status = 404, description = "`unknown_user`."),
        (status = 429, description = "`too_many_attempts`: too many unknown names; or `rate_limited`."),
    )
)]
pub(super) async fn block(caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.services.accounts.block(caller.admit()?, path.into_inner(), true, caller.address).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a block back.
#[utoipa::path(
    delete, path = "/blocks/{username}", params(("username" = String, Path, description = "The user.")),
    responses(
        (status = 204, description = "Not blocked, now or before."),
        (status = 404, description = "`unknown_user`."),
        (status = 429, description = "`too_many_attempts`: too many unknown names; or `rate_limited`."),
    )
)]
pub(super) async fn unblock(caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.services.accounts.block(caller.admit()?, path.into_inner(), false, caller.address).await?;
    Ok(HttpResponse::NoContent().finish())
}
