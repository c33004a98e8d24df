//! Conversations: mine, one of them, its title, and its end. How one is made is in `opening`.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::id;
use super::query::{Paging, Query};
use crate::domain::Title;
use crate::domain::reply::{SessionAnswer, Sessions};
use crate::edge::problem::Problem;
use crate::service::Services;

/// What to call a session.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewTitle {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
}

/// My sessions, latest activity first.
#[utoipa::path(get, path = "/sessions", params(Paging), responses((status = 200, description = "A page of them.", body = Sessions)))]
pub(super) async fn list_sessions(
    caller: Caller,
    services: web::Data<Services>,
    query: Query<Paging>,
) -> Result<web::Json<Sessions>, Problem> {
    let (sessions, next) = services.history.sessions(&caller.identity, query.read()?.by_time()?).await?;
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
pub(super) async fn show_session(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let session = services.history.session(&caller.identity, id(&path)?).await?;
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
    services: web::Data<Services>,
    path: web::Path<String>,
    body: Body<NewTitle>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let title = Title::parse("title", &body.read().await?.title)?;
    let id = id(&path)?;
    services.sessions.retitle(&caller.identity, id, title, None).await?;
    let session = services.history.session(&caller.identity, id).await?;
    Ok(web::Json(session.into()))
}

/// Deletes a group or room with all that was said in it.
#[utoipa::path(
    delete, path = "/sessions/{id}", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "It is gone, for everybody."),
        (status = 403, description = "`forbidden`: for the owner, and neither in direct sessions nor in the lobby."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn delete_session(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    services.sessions.delete(&caller.identity, id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
