//! Sessions: listing, reading, titles and deletion. Creating one is in `opening`.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::caller::Caller;
use super::query::{Paging, QueryParams};
use super::{ApiResult, id};
use crate::domain::Title;
use crate::domain::reply::{SessionAnswer, Sessions};
use crate::edge::problem::Problem;

/// What to call a session.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewTitle {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
}

/// My sessions, latest activity first.
#[utoipa::path(get, path = "/sessions", params(Paging), responses((status = 200, description = "A page of them.", body = Sessions)))]
pub(super) async fn list_sessions(caller: Caller, query: QueryParams<Paging>) -> ApiResult<Sessions> {
    let (sessions, next) = caller.services.history.sessions(caller.admit()?, query.read()?.by_time()?).await?;
    Ok(web::Json(Sessions { sessions, next }))
}

/// One of my sessions.
#[utoipa::path(
    get, path = "/sessions/{id}", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 200, description = "As I see it.", body = SessionAnswer<'static>),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn show_session(caller: Caller, path: web::Path<String>) -> ApiResult<SessionAnswer<'static>> {
    let session = caller.services.history.session(caller.admit()?, id(&path)?).await?;
    Ok(web::Json(session.into()))
}

/// Gives a group or room another title.
#[utoipa::path(
    patch, path = "/sessions/{id}", params(("id" = String, Path, description = "The session's id.")),
    request_body = NewTitle,
    responses(
        (status = 200, description = "As I see it now.", body = SessionAnswer<'static>),
        (status = 403, description = "`forbidden`: for the owner and admins, and neither in direct sessions nor in the lobby."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn change_session(
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody<NewTitle>,
) -> ApiResult<SessionAnswer<'static>> {
    let title = Title::parse("title", &body.read().await?.title)?;
    let id = id(&path)?;
    let identity = caller.admit()?;
    caller.services.sessions.retitle(identity, id, title, None).await?;
    let session = caller.services.history.session(identity, id).await?;
    Ok(web::Json(session.into()))
}

/// Deletes a group or room with all its messages.
#[utoipa::path(
    delete, path = "/sessions/{id}", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "Deleted for all members."),
        (status = 403, description = "`forbidden`: for the owner, and neither in direct sessions nor in the lobby."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn delete_session(caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    caller.services.sessions.delete(caller.admit()?, id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
