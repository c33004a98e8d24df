//! Invites to a direct session or into a group, and their answers.

use actix_web::web;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::JsonBody;
use super::caller::Caller;
use super::query::{Paging, QueryParams};
use super::{ApiResult, id};
use crate::domain::reply::{InviteAnswer, Invites, SessionAnswer};
use crate::domain::{InviteId, InviteSelector, Refusal};
use crate::store::invites::Direction;

/// An invite to send.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewInvite)]
pub(super) struct InviteRequest {
    /// The addressee's name, in any case.
    username: String,
    /// The group to join; a direct session without it.
    session: Option<String>,
}

/// Which invites.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InviteFilter {
    /// `in`: those that await my answer, also without it; `out`: those I made.
    #[param(inline)]
    direction: Option<Way>,
}

/// Sent to me, or by me.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// To me.
    In,
    /// By me.
    Out,
}

/// Invites a user to a direct session, or into a group. While one is pending, it is the same invite; invites that cross become
/// one session at once.
#[utoipa::path(
    post, path = "/invites", request_body = InviteRequest,
    responses(
        (status = 200, description = "The invite.", body = InviteAnswer<'static>),
        (status = 403, description = "`blocked`: by me; `forbidden`: only the owner and admins invite, and only into groups."),
        (status = 404, description = "`unknown_user`, or `not_found`: not a session of mine."),
        (status = 409, description = "`already_connected`, also where they are a member already; `limit_reached`: too many await an answer."),
        (status = 429, description = "`rate_limited`, or `too_many_attempts`: too many unknown names."),
    )
)]
pub(super) async fn invite(caller: Caller, body: JsonBody<InviteRequest>) -> ApiResult<InviteAnswer<'static>> {
    let InviteRequest { username, session } = body.read().await?;
    let session = session.map(|session| id(&session)).transpose()?;
    let invite = caller.services.invites.send(caller.admit()?, username, session, caller.address, None).await?;
    Ok(web::Json(invite.into()))
}

/// Invites that await my answer, or all that I made; newest first.
#[utoipa::path(get, path = "/invites", params(InviteFilter, Paging), responses((status = 200, description = "A page of them.", body = Invites)))]
pub(super) async fn list_invites(
    caller: Caller,
    query: QueryParams<InviteFilter>,
    page: QueryParams<Paging>,
) -> ApiResult<Invites> {
    let direction = match query.read()?.direction {
        None | Some(Way::In) => Direction::In,
        Some(Way::Out) => Direction::Out,
    };
    let page = page.read()?.by_time()?;
    let (invites, next) = caller.services.invites.list(caller.admit()?, direction, page).await?;
    Ok(web::Json(Invites { invites, next }))
}

/// Accepts an invite, which opens or joins the session.
#[utoipa::path(
    post, path = "/invites/{id}/accept", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The session.", body = SessionAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite to me."),
        (status = 409, description = "`limit_reached`: the group is full."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn accept(caller: Caller, path: web::Path<String>) -> ApiResult<SessionAnswer<'static>> {
    let invite = InviteSelector::Invite(path.parse().ok());
    let (_, session) = caller.services.invites.answer(caller.admit()?, invite, true, None).await?;
    Ok(web::Json(session.ok_or(Refusal::Internal)?.into()))
}

/// Rejects an invite.
#[utoipa::path(
    post, path = "/invites/{id}/reject", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The invite, rejected.", body = InviteAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite to me."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn reject(caller: Caller, path: web::Path<String>) -> ApiResult<InviteAnswer<'static>> {
    let invite = InviteSelector::Invite(path.parse().ok());
    let (invite, _) = caller.services.invites.answer(caller.admit()?, invite, false, None).await?;
    Ok(web::Json(invite.into()))
}

/// Withdraws an invite of mine.
#[utoipa::path(
    delete, path = "/invites/{id}", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The invite, withdrawn.", body = InviteAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite that I made."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn withdraw(caller: Caller, path: web::Path<String>) -> ApiResult<InviteAnswer<'static>> {
    let invite = caller.services.invites.withdraw(caller.admit()?, id::<InviteId>(&path)?).await?;
    Ok(web::Json(invite.into()))
}
