//! Rooms by their code: preview, joining, replacing the code. A code in a path is a secret that must not be logged: handlers take
//! paths as text, whose extraction never fails (actix would log the path), and there is no access log.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, MaybeCaller};
use super::{ApiResult, id};
use crate::chat::Chat;
use crate::domain::reply::SessionAnswer;
use crate::http::anonymous::AnonymousClient;

/// A room before joining.
#[derive(Serialize, ToSchema)]
pub(super) struct RoomAnswer {
    /// Its title.
    title: String,
    /// How many people are in it.
    member_count: usize,
    /// How many of them are online.
    online_count: usize,
}

/// A preview of the room that has this code, also without a login: a link shows where it leads before a name is given.
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
    MaybeCaller(caller): MaybeCaller,
    client: AnonymousClient,
    chat: web::Data<Chat>,
    path: web::Path<String>,
) -> ApiResult<RoomAnswer> {
    let user = caller.as_ref().map(Caller::admit).transpose()?.map(|identity| identity.user.id);
    let (title, members) = client.services.sessions.preview(user, &path, client.address).await?;
    let member_count = members.len();
    let online_count = chat.online(members).await.into_iter().filter(|online| *online).count();
    Ok(web::Json(RoomAnswer { title, member_count, online_count }))
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
pub(super) async fn join(caller: Caller, path: web::Path<String>) -> ApiResult<SessionAnswer<'static>> {
    let session = caller.services.sessions.join(caller.admit()?, &path, caller.address, None).await?;
    Ok(web::Json(session.into()))
}

/// Replaces the code of a room; the old one is unknown from then on.
#[utoipa::path(
    post, path = "/sessions/{id}/code", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 200, description = "The room, with its new code.", body = SessionAnswer<'static>),
        (status = 403, description = "`forbidden`: for the owner of a room."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn replace_code(caller: Caller, path: web::Path<String>) -> ApiResult<SessionAnswer<'static>> {
    let session = id(&path)?;
    let session = caller.services.sessions.replace_code(caller.admit()?, session).await?;
    Ok(web::Json(session.into()))
}
