//! The page of a guest's room: the client, told where it is, and for browsers without script what was said last.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

use super::files::template;
use super::page::page;
use super::page_headers::passing;
use crate::chat::Chat;
use crate::config::Config;
use crate::domain::{Mark, Message, MessageKind, Refusal, UserId};
use crate::edge::problem::Problem;
use crate::edge::{auth, origin};
use crate::http::html::{escape, render};
use crate::service::Services;
use crate::service::sessions::Stay;

/// Shows the room for which a guest is here; whoever has none, or none any more, is led to the first page.
/// What nobody has asked for yet (HEAD, a prefetch) is shown it and changes nothing.
///
/// # Errors
/// `rate_limited`, and those of the store.
pub(super) async fn show(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<HttpResponse, Problem> {
    let Some(guest) = auth::room_guest(&req, &services).await? else { return Ok(elsewhere()) };
    services.requests.take(guest.user.id).map_err(Refusal::RateLimited)?;
    let is_asked_for = origin::is_asked_for(&req);
    match services.sessions.stay(&guest, is_asked_for).await {
        Ok(stay) => {
            if is_asked_for {
                receive(&chat, guest.user.id, &stay).await?;
            }
            Ok(passing(StatusCode::OK).body(room(&services.config, &stay, guest.user.id)))
        }
        Err(Refusal::NotFound) => Ok(elsewhere()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// What the page shows has been received: a connection of this guest is told only what comes after it.
async fn receive(chat: &Chat, guest: UserId, stay: &Stay) -> Result<(), Refusal> {
    let Some(newest) = stay.messages.last() else { return Ok(()) };
    match chat.mark(guest, stay.room, Mark::Received(newest.seq)).await {
        // Before the first connection a guest is no member yet, and has no marks.
        Ok(_) | Err(Refusal::NotFound) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

fn elsewhere() -> HttpResponse {
    passing(StatusCode::SEE_OTHER).insert_header((LOCATION, "/")).finish()
}

fn room(config: &Config, stay: &Stay, guest: UserId) -> String {
    let code = escape(&stay.code);
    let plain = render(&template("room.html"), |place| match place {
        "title" => escape(&stay.title),
        "code" => code.clone(),
        "messages" => messages(stay, guest),
        _ => String::new(),
    });
    page(config, &format!(" data-room-code=\"{code}\" data-room-session=\"{}\"", stay.room), &plain)
}

fn messages(stay: &Stay, guest: UserId) -> String {
    if stay.messages.is_empty() {
        return "<li class=\"muted\">No messages yet.</li>".to_owned();
    }
    stay.messages.iter().fold(String::new(), |mut list, message| {
        let _ = match message.kind {
            MessageKind::Notice => {
                write!(list, "<li class=\"plain-notice\" dir=\"auto\">{}</li>", escape(&message.text))
            }
            MessageKind::Text => said(&mut list, message, &name(message, guest)),
        };
        list
    })
}

fn name(message: &Message, guest: UserId) -> String {
    let shown = &message.shown;
    if message.sender == guest { format!("{shown} (you)") } else { shown.to_string() }
}

fn said(list: &mut String, message: &Message, name: &str) -> std::fmt::Result {
    let at = message.at.to_string();
    let (day, minute) = (at.get(..10).unwrap_or_default(), at.get(11..16).unwrap_or_default());
    let text = if message.deleted {
        "<p class=\"muted\">This message was deleted.</p>".to_owned()
    } else {
        format!("<p class=\"plain-text\" dir=\"auto\">{}</p>", escape(&message.text))
    };
    let edited = if message.edited_at.is_some() { " · edited" } else { "" };
    write!(
        list,
        "<li><p class=\"row\"><b class=\"ellipsis\" dir=\"auto\">{}</b><small class=\"muted\"><time datetime=\"{at}\">{day} \
         {minute} UTC</time>{edited}</small></p>{text}</li>",
        escape(name)
    )
}
