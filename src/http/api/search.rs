//! Searching one's own sessions.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use super::auth::Caller;
use super::id;
use super::query::Query;
use crate::domain::Page;
use crate::domain::reply::Hits;
use crate::edge::problem::Problem;
use crate::service::Services;

/// What to search for, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sought {
    /// Words, at most 200 characters: all must be there, in any order and case, with or without accents. The last one may
    /// be unfinished.
    q: String,
    /// Only in this session.
    session: Option<String>,
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// What `next` of the last page said; the beginning without it.
    cursor: Option<String>,
}

/// Messages of my sessions that have all of these words, each with the part of its text around the first of them. A message
/// can be found about a second after it was said.
#[utoipa::path(
    get, path = "/search", params(Sought),
    responses(
        (status = 200, description = "A page of them.", body = Hits),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn search(
    caller: Caller,
    services: web::Data<Services>,
    query: Query<Sought>,
) -> Result<web::Json<Hits>, Problem> {
    let Sought { q, session, limit, cursor } = query.read()?;
    let session = session.map(|session| id(&session)).transpose()?;
    let page = Page::parse(limit, cursor.as_deref())?;
    let (messages, next) = services.search.find(&caller.identity, &q, session, page).await?;
    Ok(web::Json(Hits { messages, next }))
}
