//! Reading and sending messages, and read marks.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::JsonBody;
use super::caller::Caller;
use super::query::QueryParams;
use super::{ApiResult, id};
use crate::domain::reply::Messages;
use crate::domain::{Answer, Draft, Key, Mark, Page, Refusal, Resync, Target, Text, Time};
use crate::edge::problem::Problem;

/// Which part of a history. Without `before` and `after` the newest; both together are refused.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryRange {
    /// Only below this `seq`: the newest of them.
    before: Option<i64>,
    /// Only above this `seq`: the oldest of them.
    after: Option<i64>,
    /// How many, 1 to 200; 50 without it.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// A message to send.
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

/// The place of a stored message.
#[derive(Serialize, ToSchema)]
#[schema(as = Place)]
pub(super) struct MessagePlace {
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
pub(super) struct ClientState {
    /// The `rev` up to which it is in sync.
    rev: i64,
    /// The epoch that `rev` is from; not checked without it.
    epoch: Option<String>,
}

/// Messages of one of my sessions.
#[utoipa::path(
    get, path = "/sessions/{id}/messages", params(("id" = String, Path, description = "The session's id."), HistoryRange),
    responses(
        (status = 200, description = "As many as were asked for, or as a page holds.", body = Messages),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn list_messages(
    caller: Caller,
    path: web::Path<String>,
    query: QueryParams<HistoryRange>,
) -> ApiResult<Messages> {
    let HistoryRange { before, after, limit } = query.read()?;
    let limit = Page::limit(limit)?;
    let (messages, complete) =
        caller.services.history.messages(caller.admit()?, id(&path)?, before, after, limit).await?;
    Ok(web::Json(Messages { messages, complete }))
}

/// Sends a message to one of my sessions.
#[utoipa::path(
    post, path = "/sessions/{id}/messages", params(("id" = String, Path, description = "The session's id.")),
    request_body = NewMessage,
    responses(
        (status = 200, description = "It is kept.", body = MessagePlace),
        (status = 403, description = "`forbidden`: it is not for me to write there; `blocked`: by me."),
        (status = 404, description = "`not_found`: not a session of mine."),
        (status = 409, description = "`key_conflict`: the key was used for another text or `reply_to`."),
    )
)]
pub(super) async fn post_message(
    caller: Caller,
    path: web::Path<String>,
    body: JsonBody<NewMessage>,
) -> ApiResult<MessagePlace> {
    let NewMessage { text, key, reply_to } = body.read().await?;
    let text = Text::parse(text, caller.services.config.limits.text_bytes)?;
    let key = key.map(Key::parse).transpose()?;
    let draft = Draft { target: Target::Session(path.parse().ok()), text, key, reply_to };
    match caller.chat.post(caller.admit()?.user.id, draft).await? {
        Answer::Sent { seq, rev, at, duplicate, .. } => Ok(web::Json(MessagePlace { seq, rev, at, duplicate })),
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
pub(super) async fn mark_read(caller: Caller, path: web::Path<String>, body: JsonBody<NewRead>) -> ApiResult<ReadMark> {
    let mark = Mark::Read(body.read().await?.seq);
    match caller.chat.mark(caller.admit()?.user.id, id(&path)?, mark).await? {
        Answer::Marked { read, unread } => Ok(web::Json(ReadMark { read, unread })),
        _ => Err(Problem(Refusal::Internal)),
    }
}

/// What brings me up to date in one of my sessions: what `sync` answers over a WebSocket.
#[utoipa::path(
    get, path = "/sessions/{id}/changes", params(("id" = String, Path, description = "The session's id."), ClientState),
    responses(
        (status = 200, description = "What changed after `rev`, or `reset`: load afresh.", body = Resync),
        (status = 404, description = "`not_found`: not a session of mine."),
    )
)]
pub(super) async fn show_changes(
    caller: Caller,
    path: web::Path<String>,
    query: QueryParams<ClientState>,
) -> ApiResult<Resync> {
    let ClientState { rev, epoch } = query.read()?;
    let me = caller.admit()?.user.id;
    Ok(web::Json(caller.services.history.changes(me, id(&path)?, rev, epoch.as_deref()).await?))
}
