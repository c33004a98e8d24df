//! The contacts system for administrators: who is online, and ending logins. Without an administrator these routes do not
//! exist.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::contacts::{error, refuse, result};
use super::fields::{LegacyBody, LegacyFields};
use crate::chat::Chat;
use crate::domain::{Refusal, User};
use crate::edge::problem::method_not_allowed;
use crate::http::anonymous::AnonymousClient;
use crate::service::Services;

const DENIED: &str = "Admin access denied";

/// Lists the online users whose presence is visible to this administrator.
pub(super) async fn get_info(client: AnonymousClient, chat: web::Data<Chat>, body: LegacyBody) -> HttpResponse {
    let list = async {
        let (admin, _) = authenticate(&client, body).await?;
        let online = client.services.accounts.visible_among(admin.id, chat.online_users().await).await?;
        Ok(online.into_iter().map(|user| user.username).collect::<Vec<String>>())
    };
    match list.await {
        Ok(names) => HttpResponse::Ok().json(json!({"online_clients_list": names})),
        Err(refusal) => deny(refusal),
    }
}

/// Ends all logins of a user, and their connections.
pub(super) async fn kill_token(client: AnonymousClient, body: LegacyBody) -> HttpResponse {
    let end = async {
        let (admin, fields) = authenticate(&client, body).await?;
        let username = fields.text("user_token_terminate").unwrap_or_default().to_owned();
        let ended = client.services.accounts.end_logins(&admin, username.clone(), client.address).await?;
        Ok((ended, username))
    };
    match end.await {
        Ok((true, _)) => result("success"),
        Ok((false, username)) => error(&format!("No JWT for user {username}")),
        Err(refusal) => deny(refusal),
    }
}

pub(super) async fn other_methods(services: web::Data<Services>) -> HttpResponse {
    match services.accounts.has_administrator().await {
        Ok(true) => method_not_allowed(&["post"]),
        Ok(false) => refuse(Refusal::NotFound),
        Err(refusal) => refuse(refusal),
    }
}

/// The administrator who sends the request, and its fields.
async fn authenticate(client: &AnonymousClient, body: LegacyBody) -> Result<(User, LegacyFields), Refusal> {
    if !client.services.accounts.has_administrator().await? {
        return Err(Refusal::NotFound);
    }
    let fields = body.read().await?;
    let (username, password) = (fields.text("username")?, fields.text("password")?.to_owned());
    let admin = client.services.accounts.administrator(username, password, client.address).await?;
    Ok((admin, fields))
}

fn deny(refusal: Refusal) -> HttpResponse {
    match refusal {
        Refusal::Invalid(_) | Refusal::UnknownLogin | Refusal::WrongPassword | Refusal::Forbidden(_) => error(DENIED),
        refusal => refuse(refusal),
    }
}
