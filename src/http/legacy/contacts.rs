//! The contacts system: login, and the list of contacts. Its clients distinguish responses by their bodies, so those that its
//! document describes have status 200. Others have the status that fits, with the message in `error` too.

use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::fields::LegacyBody;
use crate::chat::Chat;
use crate::domain::{Refusal, TokenUse, Username};
use crate::edge::client;
use crate::edge::problem::Problem;
use crate::http::anonymous::AnonymousClient;
use crate::protocol::legacy::contacts::room_name;
use crate::service::Services;
use crate::service::accounts::Secret;

const NO_LOGIN: &str = "Invalid Log In request";

#[derive(Serialize)]
struct ContactsList {
    /// Names of rooms by username, without the caller's.
    contacts: Map<String, Value>,
    currently_online: Vec<String>,
    all_existing_contacts: Vec<String>,
}

pub(super) async fn log_in(client: AnonymousClient, body: LegacyBody) -> HttpResponse {
    let fields = match body.read().await {
        Ok(fields) => fields,
        Err(Refusal::Invalid(_)) => return error(NO_LOGIN),
        Err(refusal) => return refuse(refusal),
    };
    // A null password matches none, and costs as much as any other, so that names cannot be enumerated by it.
    let (username, password) = match (fields.find("username"), fields.find("password")) {
        (Some(Value::Null), Some(_)) => return result("Invalid credentials"),
        (Some(Value::String(username)), Some(Value::String(password))) => (username, Some(password.clone())),
        (Some(Value::String(username)), Some(Value::Null)) => (username, None),
        _ => return error(NO_LOGIN),
    };
    let is_null = password.is_none();
    match client.services.accounts.login(username, password.unwrap_or_default(), None, client.address).await {
        Ok(login) => HttpResponse::Ok().json(json!({"result": "success", "token": login.secret.reveal()})),
        Err(Refusal::WrongPassword) if is_null => error(NO_LOGIN),
        Err(Refusal::UnknownLogin | Refusal::WrongPassword) => result("Invalid credentials"),
        Err(refusal) => refuse(refusal),
    }
}

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
    let identity = services.accounts.authenticate(&Secret::parse(jwt)?, used).await?;
    services.limiter.request(identity.user.id)?;
    let own = Username::fold(&identity.user.username);
    if names.iter().any(|name| Username::fold(name) != own) {
        return Err(Refusal::Forbidden("The token is somebody else's."));
    }
    let contacts = services.accounts.contacts(&identity).await?;
    let room = |other: &str| (other.to_owned(), Value::String(room_name(&identity.user.username, other)));
    let rooms = contacts.iter().map(|user| room(&user.username)).collect();
    // The caller is among the users, and has no room with themselves.
    let all: Vec<_> = [identity.user].into_iter().chain(contacts).collect();
    let online = chat.online(all.iter().map(|user| user.id).collect()).await;
    let here = all.iter().zip(online).filter(|(_, online)| *online);
    Ok(ContactsList {
        currently_online: here.map(|(user, _)| user.username.clone()).collect(),
        contacts: rooms,
        all_existing_contacts: all.into_iter().map(|user| user.username).collect(),
    })
}

/// A header that is sent exactly once.
fn header<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut lines = req.headers().get_all(name);
    let line = lines.next().filter(|_| lines.next().is_none())?;
    line.to_str().ok().map(str::trim)
}

pub(super) fn result(result: &str) -> HttpResponse {
    HttpResponse::Ok().json(json!({"result": result}))
}

pub(super) fn error(message: &str) -> HttpResponse {
    HttpResponse::Ok().json(json!({"error": message}))
}

/// An error that the document does not have: the one of REST, with the message in `error` too.
pub(super) fn refuse(refusal: Refusal) -> HttpResponse {
    let message = refusal.to_string();
    let code = refusal.code();
    let response = Problem(refusal).error_response();
    let status = response.status();
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": message, "code": code, "error": message,
    });
    response.set_body(body.to_string()).map_into_boxed_body()
}
