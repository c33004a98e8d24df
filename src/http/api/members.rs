//! Members of a session and their roles.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::caller::Caller;
use super::query::{Paging, QueryParams};
use super::{ApiResult, id};
use crate::domain::reply::{Members, Step};
use crate::domain::{Role, Username};

/// A role to give.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRole {
    /// `owner` transfers ownership and makes the present owner an admin.
    role: Role,
}

/// Who is in one of my sessions, by name.
#[utoipa::path(
    get, path = "/sessions/{id}/members", params(("id" = String, Path, description = "The session's id."), Paging),
    responses(
        (status = 200, description = "A page of them.", body = Members),
        (status = 403, description = "`forbidden`: the lobby has no list."),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn list_members(
    caller: Caller,
    path: web::Path<String>,
    query: QueryParams<Paging>,
) -> ApiResult<Members> {
    let page = query.read()?.by_name()?;
    let (members, next) = caller.services.history.members(caller.admit()?, id(&path)?, page).await?;
    Ok(web::Json(Members { members, next }))
}

/// Gives a member of a group or room a role.
#[utoipa::path(
    put, path = "/sessions/{id}/members/{username}",
    params(("id" = String, Path, description = "The session's id."), ("username" = String, Path, description = "The member.")),
    request_body = NewRole,
    responses(
        (status = 200, description = "It is theirs.", body = Step),
        (status = 403, description = "`forbidden`: for the owner, and neither in direct sessions nor in the lobby."),
        (status = 404, description = "`not_found`: not a session of mine; `unknown_user`: no member has that name."),
    )
)]
pub(super) async fn change_role(
    caller: Caller,
    path: web::Path<(String, String)>,
    body: JsonBody<NewRole>,
) -> ApiResult<Step> {
    let role = body.read().await?.role;
    let (session, username) = path.into_inner();
    let session = id(&session)?;
    let rev = caller.services.sessions.set_role(caller.admit()?, session, username, role, None).await?;
    Ok(web::Json(Step { rev }))
}

/// Removes a member of a group or room; with my own name I leave it.
#[utoipa::path(
    delete, path = "/sessions/{id}/members/{username}",
    params(
        ("id" = String, Path, description = "The session's id."),
        ("username" = String, Path, description = "The member; oneself to leave."),
    ),
    responses(
        (status = 200, description = "They are in it no longer.", body = Step),
        (status = 403, description = "`forbidden`: removing others is for the owner and admins; no one can leave a direct session or the lobby."),
        (status = 404, description = "`not_found`: not a session of mine; `unknown_user`: no member has that name."),
    )
)]
pub(super) async fn remove_member(caller: Caller, path: web::Path<(String, String)>) -> ApiResult<Step> {
    let (session, username) = path.into_inner();
    let session = id(&session)?;
    let identity = caller.admit()?;
    let is_me = Username::fold(&username) == Username::fold(&identity.user.username);
    let other = (!is_me).then_some(username);
    let rev = caller.services.sessions.remove(identity, session, other, None).await?;
    Ok(web::Json(Step { rev }))
}
