//! Guests.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::JsonBody;
use super::login::{LoginAnswer, logged_in};
use crate::chat::Chat;
use crate::edge::problem::Problem;
use crate::http::anonymous::AnonymousClient;

/// A guest to create.
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
    client: AnonymousClient,
    chat: web::Data<Chat>,
    body: JsonBody<NewGuest>,
) -> Result<HttpResponse, Problem> {
    let NewGuest { name } = body.read().await?;
    let guest = client.services.accounts.guest(&name, client.address).await?;
    Ok(logged_in(&client.services, &chat, guest).await)
}
