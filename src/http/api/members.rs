//! Who is in a session, with which role, and out of it.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::id;
use super::query::{Paging, Query};
use crate::domain::reply::{Members, Step};
use crate::domain::{Role, Username};
use crate::edge::problem::Problem;
use crate::service::Services;

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
    services: web::Data<Services>,
    path: web::Path<String>,
    query: Query<Paging>,
) -> Result<web::Json<Members>, Problem> {
    let page = query.read()?.by_name()?;
    let (members, next) = services.history.members(&caller.identity, id(&path)?, page).await?;
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
    services: web::Data<Services>,
    path: web::Path<(String, String)>,
    body: Body<NewRole>,
) -> Result<web::Json<Step>, Problem> {
    let role = body.read().await?.role;
    let (session, username) = path.into_inner();
    let rev = services.sessions.set_role(&caller.identity, id(&session)?, username, role, None).await?;
    Ok(web::Json(Step { rev }))
}

/// Takes somebody out of a group or room; with my own name: leaves.
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
pub(super) async fn remove_member(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<(String, String)>,
) -> Result<web::Json<Step>, Problem> {
    let (session, username) = path.into_inner();
    let is_me = Username::fold(&username) == Username::fold(&caller.identity.user.username);
    let whom = (!is_me).then_some(username);
    let rev = services.sessions.remove(&caller.identity, id(&session)?, whom, None).await?;
    Ok(web::Json(Step { rev }))
}
