//! Editing, deleting and reacting to messages. A `seq` that is no number is refused like an unknown one, and only members receive
//! another refusal.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::caller::Caller;
use super::{ApiResult, id};
use crate::domain::reply::Step;
use crate::domain::{Amendment, Emoji, Refusal, SessionId, Text};

/// A new text for a message.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewText {
    /// Not only spaces, no control characters but tab and newline; at most 16 KiB unless the server is set otherwise.
    #[schema(min_length = 1)]
    text: String,
}

/// Gives one of my messages another text.
#[utoipa::path(
    patch, path = "/sessions/{id}/messages/{seq}",
    params(
        ("id" = String, Path, description = "The session's id."),
        ("seq" = i64, Path, description = "The message's number."),
    ),
    request_body = NewText,
    responses(
        (status = 200, description = "It has that text, now or before.", body = Step),
        (status = 403, description = "`forbidden`: not mine, or it is not for me to write there; `blocked`: by me."),
        (status = 404, description = "`not_found`: not a session of mine, no such message, or a deleted one."),
    )
)]
pub(super) async fn edit(
    caller: Caller,
    path: web::Path<(String, String)>,
    body: JsonBody<NewText>,
) -> ApiResult<Step> {
    let text = Text::parse(body.read().await?.text, caller.services.config.limits.text_bytes)?;
    amend(&caller, path.into_inner(), Amendment::Edit(text)).await
}

/// Deletes a message: its place is kept, its text is deleted everywhere.
#[utoipa::path(
    delete, path = "/sessions/{id}/messages/{seq}",
    params(
        ("id" = String, Path, description = "The session's id."),
        ("seq" = i64, Path, description = "The message's number."),
    ),
    responses(
        (status = 200, description = "It is deleted, now or before.", body = Step),
        (status = 403, description = "`forbidden`: for its sender, and for the owner and admins of the session."),
        (status = 404, description = "`not_found`: not a session of mine, or no such message."),
    )
)]
pub(super) async fn delete(caller: Caller, path: web::Path<(String, String)>) -> ApiResult<Step> {
    amend(&caller, path.into_inner(), Amendment::Delete).await
}

/// Reacts to a message.
#[utoipa::path(
    put, path = "/sessions/{id}/messages/{seq}/reactions/{emoji}",
    params(
        ("id" = String, Path, description = "The session's id."),
        ("seq" = i64, Path, description = "The message's number."),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The reaction is there, now or before.", body = Step),
        (status = 403, description = "`forbidden`: not to a notice, not in the lobby, and not where I may not write; `blocked`: by me."),
        (status = 404, description = "`not_found`: not a session of mine, no such message, or a deleted one."),
        (status = 409, description = "`limit_reached`: too many different ones."),
    )
)]
pub(super) async fn react(caller: Caller, path: web::Path<(String, String, String)>) -> ApiResult<Step> {
    set_reaction(&caller, path.into_inner(), true).await
}

/// Takes my reaction to a message back.
#[utoipa::path(
    delete, path = "/sessions/{id}/messages/{seq}/reactions/{emoji}",
    params(
        ("id" = String, Path, description = "The session's id."),
        ("seq" = i64, Path, description = "The message's number."),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The reaction is not there, now or before.", body = Step),
        (status = 403, description = "`forbidden`: not to a notice, not in the lobby, and not where I may not write; `blocked`: by me."),
        (status = 404, description = "`not_found`: not a session of mine, no such message, or a deleted one."),
    )
)]
pub(super) async fn unreact(caller: Caller, path: web::Path<(String, String, String)>) -> ApiResult<Step> {
    set_reaction(&caller, path.into_inner(), false).await
}

async fn set_reaction(caller: &Caller, (session, seq, emoji): (String, String, String), on: bool) -> ApiResult<Step> {
    // In a path it stands for bytes that are no UTF-8; it is no emoji.
    if emoji.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Refusal::invalid("`emoji` must be percent-encoded UTF-8").into());
    }
    let emoji = Emoji::parse(&emoji, caller.services.config.limits.emoji_bytes)?;
    amend(caller, (session, seq), Amendment::React { emoji, on }).await
}

async fn amend(caller: &Caller, (session, seq): (String, String), amendment: Amendment) -> ApiResult<Step> {
    let (session, seq) = (id::<SessionId>(&session)?, id(&seq)?);
    let rev = caller.services.amendments.amend(caller.admit()?, session, seq, amendment, None).await?;
    Ok(web::Json(Step { rev }))
}
