//! What becomes of a kept message: edited, deleted, reacted to.
//!
//! A `seq` that is no number is answered like one that no message has, and only a member is told more than that.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::id;
use crate::domain::reply::Step;
use crate::domain::{Amendment, Emoji, Refusal, SessionId, Text};
use crate::edge::problem::Problem;
use crate::service::Services;

/// Another text for a message.
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
    services: web::Data<Services>,
    path: web::Path<(String, String)>,
    body: Body<NewText>,
) -> Result<web::Json<Step>, Problem> {
    let text = Text::parse(body.read().await?.text, services.config.limits.text_bytes)?;
    let (session, seq) = path.into_inner();
    amend(&caller, &services, &session, &seq, Amendment::Edit(text)).await
}

/// Deletes a message: its place stays, its text is gone everywhere.
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
pub(super) async fn delete(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<(String, String)>,
) -> Result<web::Json<Step>, Problem> {
    let (session, seq) = path.into_inner();
    amend(&caller, &services, &session, &seq, Amendment::Delete).await
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
pub(super) async fn react(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<(String, String, String)>,
) -> Result<web::Json<Step>, Problem> {
    let (session, seq, emoji) = path.into_inner();
    let emoji = read(&emoji, &services)?;
    amend(&caller, &services, &session, &seq, Amendment::React { emoji, on: true }).await
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
pub(super) async fn unreact(
    caller: Caller,
    services: web::Data<Services>,
    path: web::Path<(String, String, String)>,
) -> Result<web::Json<Step>, Problem> {
    let (session, seq, emoji) = path.into_inner();
    let emoji = read(&emoji, &services)?;
    amend(&caller, &services, &session, &seq, Amendment::React { emoji, on: false }).await
}

fn read(emoji: &str, services: &Services) -> Result<Emoji, Refusal> {
    // What stands in a path for bytes that are no text. Nobody reacts with it.
    if emoji.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Refusal::invalid("`emoji` must be percent-encoded UTF-8"));
    }
    Emoji::parse(emoji, services.config.limits.emoji_bytes)
}

async fn amend(
    caller: &Caller,
    services: &Services,
    session: &str,
    seq: &str,
    amendment: Amendment,
) -> Result<web::Json<Step>, Problem> {
    let (session, seq) = (id::<SessionId>(session)?, id(seq)?);
    let rev = services.amendments.amend(&caller.identity, session, seq, amendment, None).await?;
    Ok(web::Json(Step { rev }))
}
