//! `/socket.io/`: where a request belongs, and how sessions begin.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use actix_web::http::Method as Verb;
use actix_web::http::header::UPGRADE;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use actix_web_actors::ws::{self, HandshakeError};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::super::admission::PendingHandshake;
use super::super::connection::{Connection, GatewayContext};
use super::super::drive::Drive;
use super::super::transport::SessionTransport;
use super::super::upgrade::Takeover;
use super::names::{Place, Sid};
use super::orders::{SocketComes, SocketKnocks};
use super::polling;
use super::state::Session;
use crate::domain::{Disconnect, Identity, Refusal};
use crate::edge::problem::{Problem, no_handshake};
use crate::edge::{Carried, Hangup, auth, client, cors, origin, url_token};
use crate::protocol::registry;
use crate::rate_limit::Address;
use crate::socketio::codec::request::{Method, Refused, Request, TransportName};
use crate::socketio::session::Peer;
use crate::websocket::frame;

/// A socket that is turned away has so long to take its close frame.
const LINGER: Duration = Duration::from_secs(2);

/// Mounts the door.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource(["/socket.io/", "/socket.io"]).to(knock));
    #[cfg(feature = "conformance")]
    config.service(web::resource(["/engine.io/", "/engine.io"]).to(knock));
}

/// Why a request is turned away: in the words of the protocol, or of every other door.
pub(super) enum No {
    /// The protocol's.
    Refused(Refused),
    /// Everybody's.
    Refusal(Refusal),
    /// Of what is no WebSocket handshake.
    Handshake(HandshakeError),
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl No {
    fn answer(self) -> HttpResponse {
        match self {
            Self::Refused(refused) => polling::no(refused),
            Self::Refusal(refusal) => Problem(refusal).error_response(),
            Self::Handshake(error) => no_handshake(&error),
        }
    }
}

async fn knock(
    request: HttpRequest,
    payload: web::Payload,
    context: web::ThinData<Rc<GatewayContext>>,
) -> HttpResponse {
    let context = Rc::clone(&context.0);
    let answer = enter(&request, payload, &context).await;
    let mut answer = answer.unwrap_or_else(No::answer);
    cors::SOCKET_IO.rule(&request, &context.services.config).write(answer.headers_mut());
    answer
}

async fn enter(request: &HttpRequest, payload: web::Payload, context: &Rc<GatewayContext>) -> Result<HttpResponse, No> {
    url_token::reject(request)?;
    if cfg!(not(feature = "conformance")) {
        origin::check_origin(request, &context.services.config).map_err(|_| Refused::Forbidden)?;
    }
    if request.method() == Verb::OPTIONS {
        return Ok(HttpResponse::NoContent().finish());
    }
    let method = method(request);
    let asked = Request::read(method, request.query_string())?;
    let carried = Carried::of(request);
    let Some(sid) = asked.sid else {
        return begin(request, &asked, carried, context).await;
    };
    let connection = context.sessions.find(sid, asked.revision, &carried);
    match method {
        Method::Get => Ok(polling::poll(connection?, Hangup::of(request)).await?),
        Method::Upgrade => change(request, connection?).await,
        _ => Ok(polling::post(request, payload.into_inner(), connection, asked.revision).await?),
    }
}

fn method(request: &HttpRequest) -> Method {
    let is_websocket = |line: &actix_web::http::header::HeaderValue| line.as_bytes().eq_ignore_ascii_case(b"websocket");
    match *request.method() {
        Verb::GET if request.headers().get(UPGRADE).is_some_and(is_websocket) => Method::Upgrade,
        // What nobody has asked for yet would take what a poll takes.
        Verb::GET if !origin::is_asked_for(request) => Method::Other,
        Verb::GET => Method::Get,
        Verb::POST => Method::Post,
        _ => Method::Other,
    }
}

/// A session begins, with a poll that is answered by the handshake or with a socket.
async fn begin(
    request: &HttpRequest,
    asked: &Request,
    carried: Carried,
    context: &Rc<GatewayContext>,
) -> Result<HttpResponse, No> {
    let speaks_for = auth::identify_session(request, &context.services).await;
    let address = client::address(request, &context.services.config);
    let response = match asked.transport {
        TransportName::WebSocket => Some(ws::handshake(request).map_err(No::Handshake)?.finish()),
        TransportName::Polling => None,
    };
    if context.admission.is_closing() {
        return Err(Refusal::Unavailable.into());
    }
    let user = speaks_for.as_ref().ok().and_then(Option::as_ref).map(|who| who.user.id);
    let pending = context.admission.admit(address, user);
    #[cfg(feature = "conformance")]
    let is_bare = request.path().starts_with("/engine.io");
    let sid = Sid::random()?;
    let newcomer = Newcomer {
        sid,
        carried,
        speaks_for,
        address,
        pending,
        #[cfg(feature = "conformance")]
        is_bare,
    };
    let (terms, now) = (Rc::clone(&context.terms), Instant::now());
    let Some(mut response) = response else {
        let peer = Peer::by_polling(terms, asked.revision, asked.base64, newcomer.sid.reveal(), now);
        let mut session = Session::new(peer, newcomer.speaks_for.clone());
        let (sender, answer) = oneshot::channel();
        session.poll = Some(sender);
        Connection::converse(Rc::clone(context), newcomer, session);
        return Ok(polling::answer(answer.await.map_err(|_| Refused::UnknownSid)?));
    };
    let (revision, base64, context) = (asked.revision, asked.base64, Rc::clone(context));
    Takeover::leave(&mut response, move |io, first| {
        let (peer, number) = Peer::by_socket(terms, revision, base64, newcomer.sid.reveal(), Instant::now());
        let mut session = Session::new(peer, newcomer.speaks_for.clone());
        (session.socket, session.fresh) = (Some(number), Some((io, first)));
        #[cfg(feature = "conformance")]
        if newcomer.is_bare {
            // The suites attach their handlers in a turn of their own behind the upgrade.
            let later = tokio::time::sleep(super::conformance::HANDLERS);
            actix_web::rt::spawn(async move {
                later.await;
                Connection::converse(context, newcomer, session);
            });
            return;
        }
        Connection::converse(context, newcomer, session);
    });
    Ok(response)
}

/// A session that polls is to go on over this request's socket.
async fn change(request: &HttpRequest, connection: Addr<Connection>) -> Result<HttpResponse, No> {
    let mut response = ws::handshake(request).map_err(No::Handshake)?.finish();
    let knock = connection.send(SocketKnocks).await.map_err(|_| Refused::UnknownSid)?;
    let number = match knock {
        Ok(number) => number,
        // It has a socket: clients count on a WebSocket that is closed, and the session goes on as it was.
        Err(Refused::BadRequest) => {
            Takeover::leave(&mut response, |io, _| drop(actix_web::rt::spawn(turn_away(io))));
            return Ok(response);
        }
        Err(refused) => return Err(refused.into()),
    };
    Takeover::leave(&mut response, move |io, first: BytesMut| match io.into_std() {
        // One for each socket that the session has let in, one after the other.
        #[allow(clippy::disallowed_methods)]
        Ok(io) => connection.do_send(SocketComes { number, io, first }),
        Err(error) => log::warn!("a socket could not be handed over: {error}"),
    });
    Ok(response)
}

/// Closes a socket that no session takes: the close frame arrives before the end of the stream.
async fn turn_away(mut io: TcpStream) {
    let why = Disconnect::NotTheProtocol;
    let close = frame::close(why.code(), "the session has a socket");
    let closing = async {
        io.write_all(&close).await?;
        io.shutdown().await?;
        let mut nowhere = [0; 512];
        while io.read(&mut nowhere).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(LINGER, closing).await;
}

/// Who begins a session.
struct Newcomer {
    sid: Sid,
    carried: Carried,
    speaks_for: Result<Option<Identity>, Refusal>,
    address: Address,
    pending: PendingHandshake,
    #[cfg(feature = "conformance")]
    is_bare: bool,
}

impl Connection {
    /// Starts the actor of a session.
    fn converse(context: Rc<GatewayContext>, newcomer: Newcomer, mut session: Session) {
        let revision = session.peer.borrow().line().revision();
        let sessions = context.sessions.clone();
        let mut connection = Self::new(context, newcomer.address, newcomer.pending, registry::for_socketio());
        connection.link.queue.carry_packets(Rc::<RefCell<Peer>>::clone(&session.peer));
        connection.settle_in();
        #[cfg(feature = "conformance")]
        connection.ask_for_nothing();
        #[cfg(feature = "conformance")]
        if newcomer.is_bare {
            session.peer.borrow_mut().lay_bare();
        }
        Self::create(move |ctx| {
            let place = Place { connection: ctx.address(), revision, carried: newcomer.carried };
            session.entry = Some(sessions.add(newcomer.sid, place));
            connection.session = Some(Box::new(session));
            ctx.spawn(Drive(SessionTransport::default()).map(|(), _, ctx: &mut Context<Self>| ctx.stop()));
            connection
        });
    }
}
