//! What was said in a session, saying something, and how far one has read.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::body::Body;
use super::id;
use super::query::Query;
use crate::chat::Chat;
use crate::domain::reply::Messages;
use crate::domain::{Answer, Draft, Key, Mark, Page, Refusal, Resync, Target, Text, Time};
use crate::edge::problem::Problem;
use crate::service::Services;

/// Which part of a history. Without `before` and `after` the newest; both together are refused.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// Only below this `seq`: the newest of them.
    before: Option<i64>,
    /// Only above this `seq`: the oldest of them.
    after: Option<i64>,
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// Something to say.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewMessage {
    /// Not only spaces, no control characters but tab and newline; at most 16 KiB unless the server is set otherwise.
    #[schema(min_length = 1)]
    text: String,
    /// Chosen by the client: a second send with the same key returns the first one's place.
    #[schema(min_length = 1, max_length = 64)]
    key: Option<String>,
    /// The `seq` of the message it answers.
    #[schema(minimum = 1)]
    reply_to: Option<i64>,
}

/// A kept message's place.
#[derive(Serialize, ToSchema)]
pub(super) struct Place {
    /// Its number in the session.
    seq: i64,
    /// The session's `rev` with it.
    rev: i64,
    /// When it was kept.
    at: Time,
    /// It had been kept before, under the same key.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

/// How far one has read.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRead {
    /// Up to this message.
    #[schema(minimum = 0)]
    seq: i64,
}

/// A read mark as it now stands.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadMark {
    /// Read up to here; never moves back.
    read: i64,
    /// Messages of others above it, counted up to 1,000.
    unread: i64,
}

/// What a client holds of a session.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Held {
    /// The `rev` it has come to.
    rev: i64,
    /// The epoch that `rev` is from; not checked without it.
    epoch: Option<String>,
}

/// Messages of one of my sessions.
#[utoipa::path(
    get, path = "/sessions/{id}/messages", params(("id" = String, Path, description = "The session's id."), Part),
    responses(
        (status = 200, description = "As many as were asked for, or as a page holds.", body = Messages),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn list_messages(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
    query: Query<Part>,
) -> Result<web::Json<Messages>, Problem> {
    let Part { before, after, limit } = query.read()?;
    let limit = Page::limit(limit)?;
    let (messages, complete) = services.history.messages(&caller.identity, id(&path)?, before, after, limit).await?;
    Ok(web::Json(Messages { messages, complete }))
}

/// Says something in one of my sessions.
#[utoipa::path(
    post, path = "/sessions/{id}/messages", params(("id" = String, Path, description = "The session's id.")),
    request_body = NewMessage,
    responses(
        (status = 200, description = "It is kept.", body = Place),
        (status = 403, description = "`forbidden`: it is not for me to write there; `blocked`: by me."),
        (status = 404, description = "`not_found`: not a session of mine."),
        (status = 409, description = "`key_conflict`: the key was used for another text or `reply_to`."),
    )
)]
pub(super) async fn post_message(
    caller: Caller,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    path: web::Path<String>,
    body: Body<NewMessage>,
) -> Result<web::Json<Place>, Problem> {
    let NewMessage { text, key, reply_to } = body.read().await?;
    let text = Text::parse(text, services.config.limits.text_bytes)?;
    let key = key.map(Key::parse).transpose()?;
    let draft = Draft { target: Target::Session(path.parse().ok()), text, key, reply_to };
    match chat.post(caller.identity.user.id, draft).await? {
        Answer::Sent { seq, rev, at, duplicate, .. } => Ok(web::Json(Place { seq, rev, at, duplicate })),
        _ => Err(Problem(Refusal::Internal)),
    }
}

/// Moves my read mark forward.
#[utoipa::path(
    put, path = "/sessions/{id}/read", params(("id" = String, Path, description = "The session's id.")),
    request_body = NewRead,
    responses(
        (status = 200, description = "The mark as it now stands.", body = ReadMark),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn mark_read(
    caller: Caller,
    chat: web::Data<Chat>,
    path: web::Path<String>,
    body: Body<NewRead>,
) -> Result<web::Json<ReadMark>, Problem> {
    let mark = Mark::Read(body.read().await?.seq);
    match chat.mark(caller.identity.user.id, id(&path)?, mark).await? {
        Answer::Marked { read, unread } => Ok(web::Json(ReadMark { read, unread })),
        _ => Err(Problem(Refusal::Internal)),
    }
}

/// What brings me up to date in one of my sessions: what `sync` answers over a WebSocket.
#[utoipa::path(
    get, path = "/sessions/{id}/changes", params(("id" = String, Path, description = "The session's id."), Held),
    responses(
        (status = 200, description = "What changed after `rev`, or `reset`: load afresh.", body = Resync),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn show_changes(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<String>,
    query: Query<Held>,
) -> Result<web::Json<Resync>, Problem> {
    let Held { rev, epoch } = query.read()?;
    let me = caller.identity.user.id;
    Ok(web::Json(services.history.changes(me, id(&path)?, rev, epoch.as_deref()).await?))
}
