//! Asking for a direct session or into a group, and answering.

use actix_web::web;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::body::Body;
use super::id;
use super::query::{Paging, Query};
use crate::domain::reply::{InviteAnswer, Invites, SessionAnswer};
use crate::domain::{Asked, InviteId, Refusal};
use crate::edge::problem::Problem;
use crate::service::Services;
use crate::store::invites::Direction;

/// An invite to send.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewInvite {
    /// The addressee's name, in any case.
    username: String,
    /// The group to join; a direct session without it.
    session: Option<String>,
}

/// Which invites.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// `in`: those that await my answer, also without it; `out`: those I made.
    #[param(inline)]
    direction: Option<Way>,
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// What `next` of the last page said; the beginning without it.
    cursor: Option<String>,
}

/// Sent to me, or by me.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// I am asked.
    In,
    /// I asked.
    Out,
}

/// Asks a user for a direct session, or into a group. Asked again while pending it is the same invite; invites that cross become one
/// session at once.
#[utoipa::path(
    post, path = "/invites", request_body = NewInvite,
    responses(
        (status = 200, description = "The invite.", body = InviteAnswer<'static>),
        (status = 403, description = "`blocked`: by me; `forbidden`: only the owner and admins invite, and only into groups."),
        (status = 404, description = "`unknown_user`, or `not_found`: not a session of mine."),
        (status = 409, description = "`already_connected`, also where they are a member already; `limit_reached`: too many await an answer."),
        (status = 429, description = "`rate_limited`, or `too_many_attempts`: too many unknown names."),
    )
)]
pub(super) async fn invite(
    caller: Caller,
    services: web::Data<Services>,
    body: Body<NewInvite>,
) -> Result<web::Json<InviteAnswer<'static>>, Problem> {
    let NewInvite { username, session } = body.read().await?;
    let session = session.map(|session| id(&session)).transpose()?;
    let invite = services.invites.ask(&caller.identity, username, session, caller.address, None).await?;
    Ok(web::Json(invite.into()))
}

/// Invites that await my answer, or all that I made; newest first.
#[utoipa::path(get, path = "/invites", params(Listing), responses((status = 200, description = "A page of them.", body = Invites)))]
pub(super) async fn list_invites(
    caller: Caller,
    services: web::Data<Services>,
    query: Query<Listing>,
) -> Result<web::Json<Invites>, Problem> {
    let Listing { direction, limit, cursor } = query.read()?;
    let direction = match direction {
        None | Some(Way::In) => Direction::In,
        Some(Way::Out) => Direction::Out,
    };
    let page = Paging { limit, cursor }.by_time()?;
    let (invites, next) = services.invites.list(&caller.identity, direction, page).await?;
    Ok(web::Json(Invites { invites, next }))
}

/// Says yes, which opens or joins the session.
#[utoipa::path(
    post, path = "/invites/{id}/accept", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The session.", body = SessionAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite that I am asked."),
        (status = 409, description = "`limit_reached`: the group is full."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn accept(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<SessionAnswer<'static>>, Problem> {
    let asked = Asked::Invite(path.parse().ok());
    let (_, session) = services.invites.answer(&caller.identity, asked, true, None).await?;
    Ok(web::Json(session.ok_or(Refusal::Internal)?.into()))
}

/// Says no.
#[utoipa::path(
    post, path = "/invites/{id}/reject", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The invite, rejected.", body = InviteAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite that I am asked."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn reject(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<InviteAnswer<'static>>, Problem> {
    let asked = Asked::Invite(path.parse().ok());
    let (invite, _) = services.invites.answer(&caller.identity, asked, false, None).await?;
    Ok(web::Json(invite.into()))
}

/// Takes back what I asked.
#[utoipa::path(
    delete, path = "/invites/{id}", params(("id" = String, Path, description = "The invite's id.")),
    responses(
        (status = 200, description = "The invite, withdrawn.", body = InviteAnswer<'static>),
        (status = 404, description = "`not_found`: not an invite that I made."),
        (status = 410, description = "`invite_closed`: answered, withdrawn or expired."),
    )
)]
pub(super) async fn withdraw(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
) -> Result<web::Json<InviteAnswer<'static>>, Problem> {
    let invite = services.invites.withdraw(&caller.identity, id::<InviteId>(&path)?).await?;
    Ok(web::Json(invite.into()))
}
