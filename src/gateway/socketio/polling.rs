//! The HTTP handlers of polls and POSTs.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use actix::prelude::*;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::future::{Either, select};
use tokio::sync::oneshot::error::TryRecvError;

use super::super::connection::Connection;
use super::requests::{Call, call};
use crate::domain::Refusal;
use crate::edge::HalfClose;
use crate::edge::body::UnreadBody;
use crate::socketio::codec::engine::Revision;
use crate::socketio::codec::payload::Body;
use crate::socketio::codec::request::RequestError;

static POLL_IDS: AtomicU64 = AtomicU64::new(0);

/// Calls a session's actor when it is dropped, as it is together with the handler of a client that disconnects.
struct NotifyOnDrop(Option<(Addr<Connection>, Call<()>)>);

impl NotifyOnDrop {
    fn new(connection: &Addr<Connection>, call: Call<()>) -> Self {
        Self(Some((connection.clone(), call)))
    }

    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        if let Some((connection, call)) = self.0.take() {
            // One for each request.
            #[allow(clippy::disallowed_methods)]
            connection.do_send(call);
        }
    }
}

/// Responds with the packets for the client, as soon as there are any. A client that closes its side before is taken to have
/// disconnected: packets that are sent to it could not be sent again.
pub(super) async fn poll(connection: Addr<Connection>, half_close: HalfClose) -> Result<HttpResponse, RequestError> {
    let poll_id = POLL_IDS.fetch_add(1, Ordering::Relaxed);
    let aborted = NotifyOnDrop::new(&connection, call(move |act, _| act.poll_aborted(poll_id)));
    let body = match connection.send(call(move |act, _| act.begin_poll(poll_id))).await {
        Ok(Ok(mut body)) => match body.try_recv() {
            Ok(body) => Ok(body),
            Err(TryRecvError::Closed) => Err(RequestError::UnknownSid),
            Err(TryRecvError::Empty) => match select(pin!(half_close.wait()), body).await {
                // `aborted` notifies the session.
                Either::Left(_) => return Err(RequestError::UnknownSid),
                Either::Right((body, _)) => body.map_err(|_| RequestError::UnknownSid),
            },
        },
        Ok(Err(refused)) => Err(refused),
        Err(_) => Err(RequestError::UnknownSid),
    };
    aborted.disarm();
    // One for each request.
    #[allow(clippy::disallowed_methods)]
    connection.do_send(call(move |act, _| act.poll_answered(poll_id)));
    body.map(answer)
}

/// Takes packets of the client. A POST of octets to a session that has ended succeeds in Engine.IO 3: Python's client of that
/// revision, which sends them so, reconnects after a refused poll and never after a refused POST.
pub(super) async fn post(
    request: &HttpRequest,
    payload: Payload,
    connection: Result<Addr<Connection>, RequestError>,
    revision: Revision,
) -> Result<HttpResponse, RequestError> {
    let octets = request.content_type().eq_ignore_ascii_case("application/octet-stream");
    let taken = match connection {
        Ok(connection) => take(request, payload, connection, octets).await,
        Err(refused) => Err(refused),
    };
    match taken {
        Err(RequestError::UnknownSid) if revision == Revision::Three && octets => {}
        taken => taken?,
    }
    Ok(response("text/plain; charset=UTF-8").body("ok"))
}

async fn take(
    request: &HttpRequest,
    payload: Payload,
    connection: Addr<Connection>,
    octets: bool,
) -> Result<(), RequestError> {
    let ended = |_| RequestError::UnknownSid;
    let limit = connection.send(call(|act, _| act.begin_post())).await.map_err(ended)??;
    let aborted = NotifyOnDrop::new(&connection, call(|act, _| _ = act.abort_post(false)));
    let body = UnreadBody::of(request, payload, limit).read().await;
    aborted.disarm();
    let body: Bytes = match body {
        Ok(body) => body.into(),
        Err(refusal) => {
            let too_large = matches!(refusal, Refusal::TooLarge(_));
            return Err(connection.send(call(move |act, _| act.abort_post(too_large))).await.map_err(ended)?);
        }
    };
    let processed = connection.send(call(move |act, _| act.finish_post(octets, &body))).await.map_err(ended)??;
    // The sender is dropped where the session has ended meanwhile: all that counts is processed.
    let _ = processed.await;
    Ok(())
}

pub(super) fn answer(body: Body) -> HttpResponse {
    let kind = if body.octets { "application/octet-stream" } else { "text/plain; charset=UTF-8" };
    response(kind).body(body.bytes)
}

pub(super) fn refused(refused: RequestError) -> HttpResponse {
    let mut response = response("application/json").body(refused.body());
    *response.status_mut() = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

fn response(kind: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}
