//! Rooms by their code: a look, a join, another code.
//!
//! A code in a path is a secret in a path. Nothing here logs one: handlers take paths as text, which never fails to be
//! extracted (actix logs the path where that fails), and there is no access log.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use super::auth::{Caller, MaybeCaller};
use super::id;
use crate::chat::Chat;
use crate::domain::reply::SessionAnswer;
use crate::edge::problem::Problem;
use crate::service::Services;

/// What a code tells before joining.
#[derive(Serialize, ToSchema)]
pub(super) struct RoomAnswer {
    /// What the room is called.
    title: String,
    /// How many people are in it.
    member_count: usize,
    /// How many of them are online.
    online_count: usize,
}

/// A look at the room that has this code, before joining and also without being logged in: who follows a link sees where it
/// leads before giving a name.
#[utoipa::path(
    get, path = "/rooms/{code}", security((), ("token" = []), ("cookie" = [])),
    params(("code" = String, Path, description = "The room's code; case, spaces and hyphens do not matter.")),
    responses(
        (status = 200, description = "What may be known before joining.", body = RoomAnswer),
        (status = 401, description = "`unauthenticated`: an `Authorization` header with a token that does not count."),
        (status = 404, description = "`unknown_room`: no room has it, or has it any more."),
        (status = 429, description = "`too_many_attempts`: too many codes that no room has; or `rate_limited`."),
    )
)]
pub(super) async fn look(
    caller: MaybeCaller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    path: web::Path<String>,
) -> Result<web::Json<RoomAnswer>, Problem> {
    let user = caller.identity.map(|identity| identity.user.id);
    let look = services.sessions.look(user, &path, caller.address).await?;
    let member_count = look.members.len();
    let online = chat.online(look.members).await;
    let online_count = online.into_iter().filter(|online| *online).count();
    Ok(web::Json(RoomAnswer { title: look.title, member_count, online_count }))
}

/// Joins the room that has this code. Where I am in it already nothing changes.
#[utoipa::path(
    post, path = "/rooms/{code}/join",
    params(("code" = String, Path, description = "The room's code; case, spaces and hyphens do not matter.")),
    responses(
        (status = 200, description = "The session.", body = SessionAnswer<'static>),
        (status = 404, description = "`unknown_room`: no room has it, or has it any more."),
        (status = 409, description = "`limit_reached`: the room is full."),
        (status = 429, description = "`too_many_attempts`: too many codes that no room has; or `rate_limited`."),
    )
)]
pub(super) async fn join(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let session = services.sessions.join(&caller.identity, &path, caller.address, None).await?;
    Ok(web::Json(session.into()))
}

/// Gives a room another code; the old one is nobody's any more.
#[utoipa::path(
    post, path = "/sessions/{id}/code", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 200, description = "The room, with its new code.", body = SessionAnswer<'static>),
        (status = 403, description = "`forbidden`: for the owner of a room."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn replace_code(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let session = services.sessions.replace_code(&caller.identity, id(&path)?).await?;
    Ok(web::Json(session.into()))
}
