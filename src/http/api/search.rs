//! Full-text search.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use super::caller::Caller;
use super::query::{Paging, QueryParams};
use super::{ApiResult, id};
use crate::domain::reply::Hits;

/// What to search for, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words, at most 200 characters: all must be there, in any order and case, with or without accents. The last one may
    /// be unfinished.
    q: String,
    /// Only in this session.
    session: Option<String>,
}

/// Messages of my sessions that have all of these words, each with the part of its text around the first of them. A message
/// can be found about a second after it was sent.
#[utoipa::path(
    get, path = "/search", params(SearchQuery, Paging),
    responses(
        (status = 200, description = "A page of them.", body = Hits),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn search(
    caller: Caller,
    query: QueryParams<SearchQuery>,
    page: QueryParams<Paging>,
) -> ApiResult<Hits> {
    let (SearchQuery { q, session }, page) = (query.read()?, page.read()?);
    let session = session.map(|session| id(&session)).transpose()?;
    let page = page.by_time()?;
    let (messages, next) = caller.services.search.find(caller.admit()?, &q, session, page).await?;
    Ok(web::Json(Hits { messages, next }))
}
