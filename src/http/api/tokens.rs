//! The caller's logins.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::query::{Paging, QueryParams};
use super::{ApiResult, id};
use crate::domain::Token;
use crate::edge::problem::Problem;

/// A page of logins.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// Newest first.
    tokens: Vec<Token>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// My logins, newest first.
#[utoipa::path(get, path = "/tokens", params(Paging), responses((status = 200, description = "A page of them.", body = Tokens)))]
pub(super) async fn list_tokens(caller: Caller, query: QueryParams<Paging>) -> ApiResult<Tokens> {
    let (tokens, next) = caller.services.accounts.tokens(caller.admit()?, query.read()?.by_time()?).await?;
    Ok(web::Json(Tokens { tokens, next }))
}

/// Ends one of my logins and, within a second, its connections; a guest's visit ends with it.
#[utoipa::path(
    delete, path = "/tokens/{id}", params(("id" = String, Path, description = "The token's id.")),
    responses(
        (status = 204, description = "It opens nothing any more."),
        (status = 404, description = "`not_found`: not a token of mine."),
    )
)]
pub(super) async fn end_token(caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.services.accounts.end_token(caller.admit()?, id(&path)?, Some(caller.address)).await?;
    Ok(HttpResponse::NoContent().finish())
}
