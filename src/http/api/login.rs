//! Coming in and going: a new account, a login, and its end.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Body;
use super::presence;
use crate::chat::Chat;
use crate::domain::{Door, Identity, Refusal, Status, Time, User};
use crate::edge::client;
use crate::edge::cookies::{FORGET, LOBBY_COOKIE, LOGIN_COOKIE, ROOM_COOKIE, give_cookie, take_cookies};
use crate::edge::problem::Problem;
use crate::service::Services;
use crate::service::accounts::LoggedIn;

/// Who wants an account.
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

/// Who wants to come in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
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
    /// The secret, told this once.
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
pub(super) async fn register(
    req: HttpRequest,
    services: web::Data<Services>,
    body: Body<NewAccount>,
) -> Result<web::Json<UserAnswer>, Problem> {
    let NewAccount { username, password } = body.read().await?;
    let from = client::address(&req, &services.config);
    let mut user = services.accounts.register(&username, password, from).await?;
    user.status = Some(Status::Offline);
    Ok(web::Json(UserAnswer { user }))
}

/// Logs in: gives a token, also as the cookie `parlor_token`.
#[utoipa::path(
    post, path = "/login", request_body = Credentials, security(()),
    responses(
        (status = 200, description = "The login.", body = LoginAnswer,
         headers(("Set-Cookie" = String, description = "`parlor_token`, for browsers."))),
        (status = 400, description = "`unknown_user`, or `invalid_request`."),
        (status = 401, description = "`wrong_password`."),
        (status = 429, description = "`too_many_attempts`: too many failed ones lately."),
    )
)]
pub(super) async fn login(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    body: Body<Credentials>,
) -> Result<HttpResponse, Problem> {
    let Credentials { username, password, device } = body.read().await?;
    let from = client::address(&req, &services.config);
    let login = services.accounts.login(&username, password, device, from).await?;
    Ok(let_in(&services, &chat, login).await)
}

/// The answer to whoever has come in: a token, also as the cookie.
pub(super) async fn let_in(services: &Services, chat: &Chat, login: LoggedIn) -> HttpResponse {
    let token = login.secret.reveal().to_owned();
    let cookie = give_cookie(&services.config, LOGIN_COOKIE, &login.secret);
    let user = presence::own(chat, login.identity.user).await;
    HttpResponse::Ok().cookie(cookie).json(LoginAnswer { token, expires_at: login.expires_at, user })
}

/// The answer to whoever goes: there is nothing to say, and the cookie that let them in is taken back.
pub(super) fn let_go(services: &Services, who: &Identity) -> HttpResponse {
    let cookie = match who.door {
        Door::Rooms(_) => ROOM_COOKIE,
        Door::Lobby => LOBBY_COOKIE,
        Door::Login | Door::Guests => LOGIN_COOKIE,
    };
    let mut answer = HttpResponse::NoContent();
    for cookie in take_cookies(&services.config, cookie) {
        answer.cookie(cookie);
    }
    answer.insert_header(FORGET).finish()
}

/// Ends this token, its cookie and its connections; a guest's visit ends with it.
#[utoipa::path(
    post, path = "/logout",
    responses(
        (status = 204, description = "It opens nothing any more.",
         headers(("Set-Cookie" = String, description = "Takes `parlor_token` back, or the cookie of the older system by whose door a guest came."))),
    )
)]
pub(super) async fn logout(caller: Caller, services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    match services.accounts.end_token(&caller.identity, caller.identity.token, Some(caller.address)).await {
        // Ended by another request since this one was let in: what was asked for is so.
        Ok(()) | Err(Refusal::NotFound) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    Ok(let_go(&services, &caller.identity))
}
