//! Polls and posts, and how they are answered.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use actix::dev::ToEnvelope;
use actix::prelude::*;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::future::{Either, select};
use tokio::sync::oneshot::error::TryRecvError;

use super::super::connection::Connection;
use super::orders::{Poll, PollLost, PollTaken, Post, PostBegins, PostFails};
use crate::domain::Refusal;
use crate::edge::Hangup;
use crate::edge::body::Unread;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::payload::Body;
use crate::socketio::codec::request::Refused;

/// Numbers polls.
static TICKETS: AtomicU64 = AtomicU64::new(0);

/// Tells a session that its request went away, unless it is dismissed before.
struct Lost<M>(Option<(Addr<Connection>, M)>)
where
    M: Message + Send + 'static,
    M::Result: Send,
    Connection: Handler<M>;

impl<M> Lost<M>
where
    M: Message + Send + 'static,
    M::Result: Send,
    Connection: Handler<M>,
    Context<Connection>: ToEnvelope<Connection, M>,
{
    fn new(connection: &Addr<Connection>, message: M) -> Self {
        Self(Some((connection.clone(), message)))
    }

    fn dismiss(mut self) {
        self.0 = None;
    }
}

impl<M> Drop for Lost<M>
where
    M: Message + Send + 'static,
    M::Result: Send,
    Connection: Handler<M>,
{
    fn drop(&mut self) {
        if let Some((connection, message)) = self.0.take() {
            // One for each request.
            #[allow(clippy::disallowed_methods)]
            connection.do_send(message);
        }
    }
}

/// The client comes for what there is. Where it has closed its side before there is anything, it is taken for gone: what is said
/// to nobody cannot be said again.
///
/// # Errors
/// Why it does not get it.
pub(super) async fn poll(connection: Addr<Connection>, hangup: Hangup) -> Result<HttpResponse, Refused> {
    let ticket = TICKETS.fetch_add(1, Ordering::Relaxed);
    let lost = Lost::new(&connection, PollLost(ticket));
    let body = match connection.send(Poll(ticket)).await {
        Ok(Ok(mut coming)) => match coming.try_recv() {
            Ok(body) => Ok(body),
            Err(TryRecvError::Closed) => Err(Refused::UnknownSid),
            Err(TryRecvError::Empty) => match select(pin!(hangup.wait()), coming).await {
                // `lost` tells the session.
                Either::Left(_) => return Err(Refused::UnknownSid),
                Either::Right((body, _)) => body.map_err(|_| Refused::UnknownSid),
            },
        },
        Ok(Err(refused)) => Err(refused),
        Err(_) => Err(Refused::UnknownSid),
    };
    lost.dismiss();
    // One for each request.
    #[allow(clippy::disallowed_methods)]
    connection.do_send(PollTaken(ticket));
    body.map(answer)
}

/// The client says something. What it posts as octets into a session that is over is `ok` in Engine.IO 3: its next poll tells
/// it. Python's client of that age, which posts so, comes back after a poll that was refused, and never after a post.
///
/// # Errors
/// Why it is not heard.
pub(super) async fn post(
    request: &HttpRequest,
    payload: Payload,
    connection: Result<Addr<Connection>, Refused>,
    revision: Revision,
) -> Result<HttpResponse, Refused> {
    let taken = match connection {
        Ok(connection) => take(request, payload, connection).await,
        Err(refused) => Err(refused),
    };
    match taken {
        Ok(()) => {}
        Err(Refused::UnknownSid) if revision == Revision::Three && is_octets(request) => {}
        Err(refused) => return Err(refused),
    }
    Ok(text("text/plain; charset=UTF-8").body("ok"))
}

fn is_octets(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("application/octet-stream")
}

async fn take(request: &HttpRequest, payload: Payload, connection: Addr<Connection>) -> Result<(), Refused> {
    let gone = |_| Refused::UnknownSid;
    let octets = is_octets(request);
    let most = connection.send(PostBegins).await.map_err(gone)??;
    let lost = Lost::new(&connection, PostFails { too_large: false });
    let body = Unread::of(request, payload, most).read().await;
    lost.dismiss();
    let body = match body {
        Ok(body) => body.into(),
        Err(refusal) => {
            let too_large = matches!(refusal, Refusal::TooLarge(_));
            return Err(connection.send(PostFails { too_large }).await.map_err(gone)?);
        }
    };
    let taken = connection.send(Post { octets, body }).await.map_err(gone)??;
    // Without a word where the session has ended meanwhile: all that counts has been taken.
    let _ = taken.await;
    Ok(())
}

/// The answer to a poll.
pub(super) fn answer(body: Body) -> HttpResponse {
    let kind = if body.octets { "application/octet-stream" } else { "text/plain; charset=UTF-8" };
    text(kind).body(body.bytes)
}

/// A no.
pub(super) fn no(refused: Refused) -> HttpResponse {
    let mut response = text("application/json").body(refused.body());
    *response.status_mut() = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

fn text(kind: &'static str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}
