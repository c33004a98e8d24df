//! The contacts system: logging in, and the list of those one may write to.
//!
//! Its clients tell answers by their bodies and not by their status, so whatever its document has words for is a 200. What
//! it has none for has the status that fits, with the words in `error` too.

use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::said::Said;
use crate::chat::Chat;
use crate::domain::{Refusal, TokenUse, Username};
use crate::edge::client;
use crate::edge::problem::Problem;
use crate::protocol::legacy::contacts::room_name;
use crate::service::Services;
use crate::service::accounts::Secret;

/// To whoever says a login that is none.
const NO_LOGIN: &str = "Invalid Log In request";

/// What a client is told, whatever it is.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told {
    /// Done, or why not.
    Result(&'static str),
    /// Why not.
    Error(String),
}

/// Who one may write to, and who of them is here.
#[derive(Serialize)]
struct ContactsList {
    /// Room names by username, without the caller's.
    contacts: Map<String, Value>,
    currently_online: Vec<String>,
    all_existing_contacts: Vec<String>,
}

/// Logs in: gives a token.
///
/// # Errors
/// Those that the document has no words for.
pub(super) async fn log_in(req: HttpRequest, services: web::Data<Services>, said: Said) -> HttpResponse {
    let fields = match said.read().await {
        Ok(fields) => fields,
        Err(Refusal::Invalid(_)) => return error(NO_LOGIN),
        Err(refusal) => return refuse(refusal),
    };
    // A null password fits nobody, and is looked at like any other: whether somebody has the name is not for free.
    let (username, password) = match (fields.find("username"), fields.find("password")) {
        (Some(Value::Null), Some(_)) => return told(&Told::Result("Invalid credentials")),
        (Some(Value::String(username)), Some(Value::String(password))) => (username, Some(password.clone())),
        (Some(Value::String(username)), Some(Value::Null)) => (username, None),
        _ => return error(NO_LOGIN),
    };
    let (from, is_null) = (client::address(&req, &services.config), password.is_none());
    match services.accounts.login(username, password.unwrap_or_default(), None, from).await {
        Ok(login) => HttpResponse::Ok().json(json!({"result": "success", "token": login.secret.reveal()})),
        Err(Refusal::WrongPassword) if is_null => error(NO_LOGIN),
        Err(Refusal::UnknownLogin | Refusal::WrongPassword) => told(&Told::Result("Invalid credentials")),
        Err(refusal) => refuse(refusal),
    }
}

/// Lists those one may write to, for oneself alone.
pub(super) async fn get_contacts_list(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    path: web::Path<String>,
) -> HttpResponse {
    let (Some(username), Some(jwt)) = (header(&req, "username"), header(&req, "jwt")) else {
        return error("The headers `username` and `jwt` are needed.");
    };
    match list(&services, &chat, [&path, username], (jwt, client::token_use(&req, &services.config))).await {
        Ok(list) => HttpResponse::Ok().json(list),
        Err(Refusal::Unauthenticated) => error("Invalid JWT"),
        Err(Refusal::Forbidden(why)) => error(why),
        Err(refusal) => refuse(refusal),
    }
}

async fn list(
    services: &Services,
    chat: &Chat,
    names: [&str; 2],
    (jwt, used): (&str, TokenUse),
) -> Result<ContactsList, Refusal> {
    let who = services.accounts.authenticate(&Secret::parse(jwt)?, used).await?;
    services.requests.take(who.user.id).map_err(Refusal::RateLimited)?;
    let own = Username::fold(&who.user.username);
    if names.iter().any(|name| Username::fold(name) != own) {
        return Err(Refusal::Forbidden("The token is somebody else's."));
    }
    let contacts = services.accounts.contacts(&who).await?;
    let room = |other: &str| (other.to_owned(), Value::String(room_name(&who.user.username, other)));
    let rooms = contacts.iter().map(|user| room(&user.username)).collect();
    // Whoever asks is one of all, and has no room with themselves.
    let all: Vec<_> = [who.user].into_iter().chain(contacts).collect();
    let online = chat.online(all.iter().map(|user| user.id).collect()).await;
    let here = all.iter().zip(online).filter(|(_, online)| *online);
    Ok(ContactsList {
        currently_online: here.map(|(user, _)| user.username.clone()).collect(),
        contacts: rooms,
        all_existing_contacts: all.into_iter().map(|user| user.username).collect(),
    })
}

/// A header that is there once.
fn header<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut lines = req.headers().get_all(name);
    let line = lines.next().filter(|_| lines.next().is_none())?;
    line.to_str().ok().map(str::trim)
}

/// An answer that clients read.
pub(super) fn told(told: &Told) -> HttpResponse {
    HttpResponse::Ok().json(told)
}

/// A no that clients read.
pub(super) fn error(words: impl Into<String>) -> HttpResponse {
    told(&Told::Error(words.into()))
}

/// A no that the document has no words for: what REST would answer, with the words where these clients look for them too.
pub(super) fn refuse(refusal: Refusal) -> HttpResponse {
    let words = refusal.to_string();
    let code = refusal.code();
    let answer = Problem(refusal).error_response();
    let status = answer.status();
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": words, "code": code, "error": words,
    });
    answer.set_body(body.to_string()).map_into_boxed_body()
}
