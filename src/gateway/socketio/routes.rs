//! `/socket.io/`: which session a request belongs to.

use std::rc::Rc;

use actix_web::http::Method as Verb;
use actix_web::http::header::{HeaderValue, UPGRADE};
use actix_web::{HttpRequest, HttpResponse, web};

use super::super::connection::GatewayContext;
use super::rejection::Rejection;
use super::{polling, session_start, upgrade};
use crate::edge::{HalfClose, SessionCredentials, cors, origin, url_token};
use crate::socketio::codec::request::{Method, Request, RequestError};

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource(["/socket.io/", "/socket.io"]).to(handle));
    #[cfg(feature = "conformance")]
    config.service(web::resource(["/engine.io/", "/engine.io"]).to(handle));
}

async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    context: web::ThinData<Rc<GatewayContext>>,
) -> HttpResponse {
    let context = Rc::clone(&context.0);
    let response = route(&request, payload, &context).await;
    let mut response = response.unwrap_or_else(|Rejection(response)| response);
    cors::SOCKET_IO.decide(&request, &context.services.config).write(response.headers_mut());
    response
}

async fn route(
    request: &HttpRequest,
    payload: web::Payload,
    context: &Rc<GatewayContext>,
) -> Result<HttpResponse, Rejection> {
    url_token::reject(request)?;
    if cfg!(not(feature = "conformance")) {
        origin::check_origin(request, &context.services.config).map_err(|_| RequestError::Forbidden)?;
    }
    if request.method() == Verb::OPTIONS {
        return Ok(HttpResponse::NoContent().finish());
    }
    let method = method(request);
    let parsed = Request::parse(method, request.query_string())?;
    let credentials = SessionCredentials::of(request);
    let Some(sid) = parsed.sid else {
        return session_start::respond(request, &parsed, credentials, context).await;
    };
    let connection = context.sessions.find(sid, parsed.revision, &credentials);
    match method {
        Method::Get => Ok(polling::poll(connection?, HalfClose::of(request)).await?),
        Method::Upgrade => upgrade::respond(request, connection?).await,
        _ => Ok(polling::post(request, payload.into_inner(), connection, parsed.revision).await?),
    }
}

fn method(request: &HttpRequest) -> Method {
    let is_websocket = |line: &HeaderValue| line.as_bytes().eq_ignore_ascii_case(b"websocket");
    match *request.method() {
        Verb::GET if request.headers().get(UPGRADE).is_some_and(is_websocket) => Method::Upgrade,
        // A prefetch would take the packets of a poll.
        Verb::GET if !origin::is_user_initiated(request) => Method::Other,
        Verb::GET => Method::Get,
        Verb::POST => Method::Post,
        _ => Method::Other,
    }
}
