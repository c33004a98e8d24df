//! Registration, login and logout.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiResult;
use super::body::JsonBody;
use super::caller::Caller;
use super::presence;
use crate::chat::Chat;
use crate::domain::{Identity, LoginMethod, Status, Time, User};
use crate::edge::cookies::{CLEAR_CACHE, LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, expired_cookies, token_cookie};
use crate::edge::problem::Problem;
use crate::http::anonymous::AnonymousClient;
use crate::service::Services;
use crate::service::accounts::NewLogin;

/// An account to create.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewAccount {
    /// 2 to 32 letters, digits, `_`, `.` or `-`, beginning with a letter or digit.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$")]
    username: String,
    /// 8 to 128 characters (`ready.limits.password_min` to 128), not among the 10,000 most common ones, and neither the
    /// username nor the product's name in another spelling.
    #[schema(max_length = 128)]
    password: String,
}

/// The credentials of an account.
#[derive(Deserialize, ToSchema)]
#[schema(as = Credentials)]
pub(super) struct LoginRequest {
    /// The username, in any case.
    username: String,
    /// The account's password.
    password: String,
    /// What to call this login in the list of tokens.
    #[schema(max_length = 100)]
    device: Option<String>,
}

/// One user.
#[derive(Serialize, ToSchema)]
pub(super) struct UserAnswer {
    /// The user, with presence where I may see it.
    pub user: User,
}

/// A login.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginAnswer {
    /// The secret, which is not shown again.
    token: String,
    /// The end, unless it is used before.
    expires_at: Time,
    /// The user who is logged in.
    user: User,
}

/// Makes an account.
#[utoipa::path(
    post, path = "/register", request_body = NewAccount, security(()),
    responses(
        (status = 200, description = "The new account; it is not logged in.", body = UserAnswer),
        (status = 400, description = "`invalid_request`, naming the field and why, for a password too."),
        (status = 409, description = "`username_taken`: the name is or was in use, or it is reserved."),
        (status = 429, description = "`rate_limited`: too many new accounts and guests from this address."),
    )
)]
pub(super) async fn register(client: AnonymousClient, body: JsonBody<NewAccount>) -> ApiResult<UserAnswer> {
    let NewAccount { username, password } = body.read().await?;
    let mut user = client.services.accounts.register(&username, password, client.address).await?;
    user.status = Some(Status::Offline);
    Ok(web::Json(UserAnswer { user }))
}

/// Logs in: gives a token, also as the cookie `parlor_token`.
#[utoipa::path(
    post, path = "/login", request_body = LoginRequest, security(()),
    responses(
        (status = 200, description = "The login.", body = LoginAnswer,
         headers(("Set-Cookie" = String, description = "`parlor_token`, for browsers."))),
        (status = 400, description = "`unknown_user`, or `invalid_request`."),
        (status = 401, description = "`wrong_password`."),
        (status = 429, description = "`too_many_attempts`: too many failed ones lately."),
    )
)]
pub(super) async fn login(
    client: AnonymousClient,
    chat: web::Data<Chat>,
    body: JsonBody<LoginRequest>,
) -> Result<HttpResponse, Problem> {
    let LoginRequest { username, password, device } = body.read().await?;
    let login = client.services.accounts.login(&username, password, device, client.address).await?;
    Ok(logged_in(&client.services, &chat, login).await)
}

/// The response to a login: the token, also as the cookie.
pub(super) async fn logged_in(services: &Services, chat: &Chat, login: NewLogin) -> HttpResponse {
    let token = login.secret.reveal().to_owned();
    let cookie = token_cookie(&services.config, LOGIN_COOKIE, &login.secret);
    let user = presence::own(chat, login.identity.user).await;
    HttpResponse::Ok().cookie(cookie).json(LoginAnswer { token, expires_at: login.expires_at, user })
}

/// The response to a logout, which removes the cookie of the login.
pub(super) fn logged_out(services: &Services, identity: &Identity) -> HttpResponse {
    let cookie = match identity.login_method {
        LoginMethod::RoomGuest(_) => ROOM_COOKIE,
        LoginMethod::LobbyGuest => LOBBY_COOKIE,
        LoginMethod::Password | LoginMethod::Guest => LOGIN_COOKIE,
    };
    let mut answer = HttpResponse::NoContent();
    for cookie in expired_cookies(&services.config, cookie) {
        answer.cookie(cookie);
    }
    answer.insert_header(CLEAR_CACHE).finish()
}

/// Ends this token, its cookie and its connections; a guest's visit ends with it.
#[utoipa::path(
    post, path = "/logout",
    responses(
        (status = 204, description = "It opens nothing any more.",
         headers(("Set-Cookie" = String, description = "Takes `parlor_token` back, or the cookie of the older system at which a guest logged in."))),
    )
)]
pub(super) async fn logout(caller: Caller) -> Result<HttpResponse, Problem> {
    let identity = caller.admit()?;
    caller.services.accounts.logout(identity, caller.address).await?;
    Ok(logged_out(&caller.services, identity))
}
