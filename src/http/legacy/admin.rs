//! The contacts system, for its administrators: who is here, and ending somebody's logins. Where there is no administrator,
//! there is none of it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::contacts::{Told, error, refuse, told};
use super::said::{Fields, Said};
use crate::chat::Chat;
use crate::domain::{Refusal, User};
use crate::edge::client;
use crate::edge::problem::wrong_method;
use crate::service::Services;

/// To all but administrators.
const DENIED: &str = "Admin access denied";

/// Lists who is online, as far as this administrator may see it.
pub(super) async fn get_info(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
    said: Said,
) -> HttpResponse {
    let list = async {
        let (admin, _) = enter(&req, &services, said).await?;
        let online = services.accounts.visible_among(admin.id, chat.everybody().await).await?;
        Ok(online.into_iter().map(|user| user.username).collect::<Vec<String>>())
    };
    match list.await {
        Ok(names) => HttpResponse::Ok().json(json!({"online_clients_list": names})),
        Err(refusal) => deny(refusal),
    }
}

/// Ends all logins of somebody, and their connections.
pub(super) async fn kill_token(req: HttpRequest, services: web::Data<Services>, said: Said) -> HttpResponse {
    let end = async {
        let (admin, fields) = enter(&req, &services, said).await?;
        let from = client::address(&req, &services.config);
        let username = fields.text("user_token_terminate").unwrap_or_default().to_owned();
        let ended = services.accounts.end_logins(&admin, username.clone(), from).await?;
        Ok((ended, username))
    };
    match end.await {
        Ok((true, _)) => told(&Told::Result("success")),
        Ok((false, username)) => error(format!("No JWT for user {username}")),
        Err(refusal) => deny(refusal),
    }
}

/// What the routes answer to other methods: nothing where they are not there.
pub(super) async fn other_methods(services: web::Data<Services>) -> HttpResponse {
    match services.accounts.has_administrator().await {
        Ok(true) => wrong_method(&["post"]),
        Ok(false) => refuse(Refusal::NotFound),
        Err(refusal) => refuse(refusal),
    }
}

/// The administrator who asks, and what.
async fn enter(req: &HttpRequest, services: &Services, said: Said) -> Result<(User, Fields), Refusal> {
    if !services.accounts.has_administrator().await? {
        return Err(Refusal::NotFound);
    }
    let fields = said.read().await?;
    let (username, password) = (fields.text("username")?, fields.text("password")?.to_owned());
    let from = client::address(req, &services.config);
    let admin = services.accounts.administrator(username, password, from).await?;
    Ok((admin, fields))
}

fn deny(refusal: Refusal) -> HttpResponse {
    match refusal {
        Refusal::Invalid(_) | Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::Forbidden(_) => error(DENIED),
        refusal => refuse(refusal),
    }
}
