//! Conversations and who is in them.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::id;
use super::query::{Paging, Query};
use crate::desks::Desks;
use crate::model::{Member, Session};
use crate::problem::Problem;
use crate::store::page::name_cursor;

/// The kinds of session that can be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewKind {
    /// With one other user.
    Direct,
}

/// A session to open.
#[derive(Deserialize, ToSchema)]
pub struct NewSession {
    /// What sort of session.
    // Read for its check alone while there is one kind that can be made.
    #[serde(rename = "kind")]
    _kind: NewKind,
    /// With whom.
    username: String,
}

/// One session.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    /// As I see it.
    pub session: Session,
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    /// Latest activity first.
    sessions: Vec<Session>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A page of members.
#[derive(Serialize, ToSchema)]
pub struct Members {
    /// By name.
    members: Vec<Member>,
    /// The `cursor` of the next page; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// My sessions, latest activity first.
#[utoipa::path(get, path = "/sessions", params(Paging), responses((status = 200, description = "A page of them.", body = Sessions)))]
pub async fn list_sessions(
    caller: Caller,
    desks: web::Data<Desks>,
    query: Query<Paging>,
) -> Result<web::Json<Sessions>, Problem> {
    let (sessions, next) = desks.history.sessions(&caller.identity, query.read()?.by_time()?).await?;
    Ok(web::Json(Sessions { sessions, next }))
}

/// The direct session with a user, opened where that user lets it.
#[utoipa::path(
    post, path = "/sessions", request_body = NewSession,
    responses(
        (status = 200, description = "The session, new or not.", body = SessionAnswer),
        (status = 403, description = "`invite_required`: that user accepts only the invited; `blocked`: by me."),
        (status = 404, description = "`unknown_user`."),
        (status = 429, description = "`rate_limited`, or `too_many_attempts`: too many names that nobody has."),
    )
)]
pub async fn open_session(
    caller: Caller,
    desks: web::Data<Desks>,
    body: Body<NewSession>,
) -> Result<web::Json<SessionAnswer>, Problem> {
    let new = crate::model::NewSession::Direct { username: body.read().await?.username };
    let session = desks.sessions.make(&caller.identity, new, caller.address, None).await?;
    Ok(web::Json(SessionAnswer { session }))
}

/// One of my sessions.
#[utoipa::path(
    get, path = "/sessions/{id}", params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 200, description = "As I see it.", body = SessionAnswer),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub async fn show_session(
    caller: Caller,
    desks: web::Data<Desks>,
    path: web::Path<String>,
) -> Result<web::Json<SessionAnswer>, Problem> {
    let session = desks.history.session(&caller.identity, id(&path)?).await?;
    Ok(web::Json(SessionAnswer { session }))
}

/// Who is in one of my sessions, by name.
#[utoipa::path(
    get, path = "/sessions/{id}/members", params(("id" = String, Path, description = "The session's id."), Paging),
    responses(
        (status = 200, description = "A page of them.", body = Members),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub async fn list_members(
    caller: Caller,
    desks: web::Data<Desks>,
    path: web::Path<String>,
    query: Query<Paging>,
) -> Result<web::Json<Members>, Problem> {
    let (after, limit) = query.read()?.by_name()?;
    let (members, next) = desks.history.members(&caller.identity, id(&path)?, after, limit).await?;
    Ok(web::Json(Members { members, next: name_cursor(next) }))
}
