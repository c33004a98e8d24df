//! How a session begins: with a poll, which is answered by Engine.IO's handshake packet, or with a WebSocket.

use std::rc::Rc;
use std::time::Instant;

use actix::prelude::*;
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws;
use tokio::sync::oneshot;

use super::super::admission::PendingHandshake;
use super::super::connection::{Connection, GatewayContext};
use super::super::drive::Drive;
use super::super::transport::SessionTransport;
use super::super::upgrade::Takeover;
use super::polling;
use super::rejection::Rejection;
use super::session_registry::{SessionEntry, Sid};
use super::state::SocketIoSession;
use crate::domain::{Identity, Refusal};
use crate::edge::{SessionCredentials, auth, client};
use crate::protocol::registry;
use crate::rate_limit::Address;
use crate::socketio::codec::request::{Request, RequestError, TransportName};
use crate::socketio::session::Peer;

struct SessionStart {
    sid: Sid,
    credentials: SessionCredentials,
    identity: Result<Option<Rc<Identity>>, Refusal>,
    address: Address,
    pending: PendingHandshake,
    #[cfg(feature = "conformance")]
    is_bare: bool,
}

pub(super) async fn respond(
    request: &HttpRequest,
    parsed: &Request,
    credentials: SessionCredentials,
    context: &Rc<GatewayContext>,
) -> Result<HttpResponse, Rejection> {
    let identity = auth::identify_session(request, &context.services).await;
    let address = client::address(request, &context.services.config);
    let response = match parsed.transport {
        TransportName::WebSocket => Some(ws::handshake(request)?.finish()),
        TransportName::Polling => None,
    };
    if context.admission.is_closing() {
        return Err(Refusal::Unavailable.into());
    }
    let user = identity.as_ref().ok().and_then(Option::as_ref).map(|who| who.user.id);
    let start = SessionStart {
        sid: Sid::random()?,
        credentials,
        identity: identity.map(|identity| identity.map(Rc::new)),
        address,
        pending: context.admission.admit(address, user),
        #[cfg(feature = "conformance")]
        is_bare: request.path().starts_with("/engine.io"),
    };
    let (config, revision, base64) = (Rc::clone(&context.session_config), parsed.revision, parsed.base64);
    let context = Rc::clone(context);
    let Some(mut response) = response else {
        let peer = Peer::by_polling(config, revision, base64, start.sid.reveal(), Instant::now());
        let mut session = SocketIoSession::new(peer, start.identity.clone());
        let (sender, body) = oneshot::channel();
        session.poll = Some(sender);
        Connection::start_session(context, start, session);
        return Ok(polling::answer(body.await.map_err(|_| RequestError::UnknownSid)?));
    };
    Takeover::attach(&mut response, move |io, first| {
        let (peer, number) = Peer::by_socket(config, revision, base64, start.sid.reveal(), Instant::now());
        let mut session = SocketIoSession::new(peer, start.identity.clone());
        (session.socket, session.new_socket) = (Some(number), Some(Box::new((io, first))));
        #[cfg(feature = "conformance")]
        if start.is_bare {
            // The suites attach their handlers only after the upgrade.
            let later = tokio::time::sleep(super::conformance::HANDLERS);
            actix_web::rt::spawn(async move {
                later.await;
                Connection::start_session(context, start, session);
            });
            return;
        }
        Connection::start_session(context, start, session);
    });
    Ok(response)
}

impl Connection {
    fn start_session(context: Rc<GatewayContext>, start: SessionStart, mut session: SocketIoSession) {
        let revision = session.peer.borrow().engine().revision();
        let sessions = context.sessions.clone();
        let mut connection = Self::new(context, start.address, start.pending, registry::for_socketio());
        connection.link.queue.attach_session(session.peer.clone());
        connection.register();
        #[cfg(feature = "conformance")]
        connection.disable_hello_deadline();
        #[cfg(feature = "conformance")]
        if start.is_bare {
            session.peer.borrow_mut().disable_namespaces();
        }
        Self::create(move |ctx| {
            let entry = SessionEntry { connection: ctx.address(), revision, credentials: start.credentials };
            session.registration = Some(sessions.add(start.sid, entry));
            connection.session = Some(Box::new(session));
            ctx.spawn(Drive(SessionTransport::default()).map(|(), _, ctx: &mut Context<Self>| ctx.stop()));
            connection
        });
    }
}
