//! How a connection starts on a WebSocket.

use std::rc::Rc;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use bytes::BytesMut;

use super::connection::{Connection, GatewayContext};
use super::drive::Drive;
#[cfg(feature = "conformance")]
use super::outbound::Phase;
use super::transport::Socket;
use super::upgrade::AcceptedHandshake;

impl Connection {
    /// `first` is what was received behind the handshake.
    pub(super) fn start(context: Rc<GatewayContext>, handshake: AcceptedHandshake, io: TcpStream, first: BytesMut) {
        let mut connection = Self::new(context, handshake.address, handshake.pending, handshake.protocol);
        connection.inbox.hold(first);
        connection.identity = handshake.identity.map(Rc::new);
        let io = Rc::new(io);
        connection.link.queue.attach(Rc::clone(&io));
        connection.register();
        // Clients of all other protocols send `hello`, even where the handshake has authenticated them.
        let begins_at_once = connection.protocol.starts_after_handshake() && connection.identity.is_some();
        #[cfg(feature = "conformance")]
        if connection.protocol.is_public() {
            connection.link.enter_phase(Phase::Handshaking);
            connection.link.enter_phase(Phase::Live);
        }
        Self::create(move |ctx| {
            if begins_at_once {
                connection.begin_handshake(None, ctx);
            }
            ctx.spawn(Drive(Socket::new(io)).map(|(), _, ctx: &mut Context<Self>| ctx.stop()));
            connection
        });
    }
}
