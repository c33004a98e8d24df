//! The change of a session from polling to a WebSocket.

use std::time::Duration;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws;
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::connection::Connection;
use super::super::upgrade::Takeover;
use super::rejection::Rejection;
use super::requests::call;
use crate::domain::Disconnect;
use crate::socketio::codec::request::RequestError;
use crate::websocket::frame;

/// Time for a client to take the close frame of a socket that its session has no use for.
const LINGER: Duration = Duration::from_secs(2);

pub(super) async fn respond(request: &HttpRequest, connection: Addr<Connection>) -> Result<HttpResponse, Rejection> {
    let mut response = ws::handshake(request)?.finish();
    let reserved = connection.send(call(|act, _| act.reserve_socket())).await.map_err(|_| RequestError::UnknownSid)?;
    let number = match reserved {
        Ok(number) => number,
        // The session has a socket: clients expect a WebSocket that is closed, and the session continues as before.
        Err(RequestError::BadRequest) => {
            Takeover::attach(&mut response, |io, _| drop(actix_web::rt::spawn(close(io))));
            return Ok(response);
        }
        Err(refused) => return Err(refused.into()),
    };
    Takeover::attach(&mut response, move |io, first: BytesMut| match io.into_std() {
        // One for each socket that the session has accepted, one after the other.
        #[allow(clippy::disallowed_methods)]
        Ok(io) => connection.do_send(call(move |act, _| act.attach_socket(number, io, first))),
        Err(error) => log::warn!("a socket could not be handed over: {error}"),
    });
    Ok(response)
}

/// Closes a socket, and waits for its client to end the stream, so that the close frame arrives.
async fn close(mut io: TcpStream) {
    let why = Disconnect::NotTheProtocol;
    let close = frame::close(why.code(), "the session has a socket");
    let closing = async {
        io.write_all(&close).await?;
        io.shutdown().await?;
        let mut ignored = [0; 512];
        while io.read(&mut ignored).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(LINGER, closing).await;
}
