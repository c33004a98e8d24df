//! Coming in for a visit.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use super::login::{LoginAnswer, let_in};
use crate::chat::Chat;
use crate::edge::client;
use crate::edge::problem::Problem;
use crate::service::Services;

/// Who wants to come in as a guest.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewGuest {
    /// What to be called: 2 to 32 letters, digits, `_`, `.` or `-`, beginning with a letter or digit.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$")]
    name: String,
}

/// Lets a guest in: gives a token, also as the cookie `parlor_token`. The visit ends with the token, and the name is free
/// again.
#[utoipa::path(
    post, path = "/guests", request_body = NewGuest, security(()),
    responses(
        (status = 200, description = "The visit.", body = LoginAnswer,
         headers(("Set-Cookie" = String, description = "`parlor_token`, for browsers."))),
        (status = 403, description = "`forbidden`: there are no guests here."),
        (status = 409, description = "`username_taken`: the name is in use, an account had it, or it is reserved."),
        (status = 429, description = "`rate_limited`: too many new accounts and guests from this address."),
    )
)]
pub(super) async fn visit(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    body: Body<NewGuest>,
) -> Result<HttpResponse, Problem> {
    let NewGuest { name } = body.read().await?;
    let guest = services.accounts.guest(&name, client::address(&req, &services.config)).await?;
    Ok(let_in(&services, &chat, guest).await)
}
