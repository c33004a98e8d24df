//! The page of a guest's room: the client, and for browsers without script the newest messages.

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
use crate::service::sessions::RoomView;

/// Shows the room of a transient guest; redirects all others to the first page. HEAD and prefetches have no effect.
///
/// # Errors
/// `rate_limited`, and those of the store.
pub(super) async fn show(
    req: HttpRequest,
    services: web::Data<Services>,
    chat: web::Data<Chat>,
) -> Result<HttpResponse, Problem> {
    let Some(guest) = auth::room_guest(&req, &services).await? else { return Ok(redirect_home()) };
    services.limiter.request(guest.user.id)?;
    let is_user_initiated = origin::is_user_initiated(&req);
    match services.sessions.guest_room(&guest, is_user_initiated).await {
        Ok(view) => {
            if is_user_initiated {
                receive(&chat, guest.user.id, &view).await?;
            }
            Ok(passing(StatusCode::OK).body(room(&services.config, &view, guest.user.id)))
        }
        Err(Refusal::NotFound) => Ok(redirect_home()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Marks the messages of the page as received: a connection of this guest receives only newer ones.
async fn receive(chat: &Chat, guest: UserId, view: &RoomView) -> Result<(), Refusal> {
    let Some(newest) = view.messages.last() else { return Ok(()) };
    match chat.mark(guest, view.room, Mark::Received(newest.seq)).await {
        // Before the first connection a guest is no member yet, and has no marks.
        Ok(_) | Err(Refusal::NotFound) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

fn redirect_home() -> HttpResponse {
    passing(StatusCode::SEE_OTHER).insert_header((LOCATION, "/")).finish()
}

fn room(config: &Config, view: &RoomView, guest: UserId) -> String {
    let code = escape(&view.code);
    let plain = render(&template("room.html"), |place| match place {
        "title" => escape(&view.title),
        "code" => code.clone(),
        "messages" => messages(view, guest),
        _ => String::new(),
    });
    page(config, &format!(" data-room-code=\"{code}\" data-room-session=\"{}\"", view.room), &plain)
}

fn messages(view: &RoomView, guest: UserId) -> String {
    if view.messages.is_empty() {
        return "<li class=\"muted\">No messages yet.</li>".to_owned();
    }
    view.messages.iter().fold(String::new(), |mut list, message| {
        let _ = match message.kind {
            MessageKind::Notice => {
                write!(list, "<li class=\"plain-notice\" dir=\"auto\">{}</li>", escape(&message.text))
            }
            MessageKind::Text => show_message(&mut list, message, message.sender == guest),
        };
        list
    })
}

fn show_message(list: &mut String, message: &Message, is_own: bool) -> std::fmt::Result {
    let at = message.at.to_string();
    let (day, minute) = (at.get(..10).unwrap_or_default(), at.get(11..16).unwrap_or_default());
    let text = if message.deleted {
        "<p class=\"muted\">This message was deleted.</p>".to_owned()
    } else {
        format!("<p class=\"plain-text\" dir=\"auto\">{}</p>", escape(&message.text))
    };
    let (name, you) = (escape(&message.shown), if is_own { " (you)" } else { "" });
    let edited = if message.edited_at.is_some() { " · edited" } else { "" };
    write!(
        list,
        "<li><p class=\"row\"><b class=\"ellipsis\" dir=\"auto\">{name}{you}</b><small class=\"muted\"><time datetime=\"{at}\">{day} \
         {minute} UTC</time>{edited}</small></p>{text}</li>"
    )
}
