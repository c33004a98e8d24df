//! How a connection begins on a WebSocket.

use std::rc::Rc;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;
use bytes::BytesMut;

use super::connection::{Connection, GatewayContext};
use super::drive::Drive;
#[cfg(feature = "conformance")]
use super::outbound::Stage;
use super::transport::Socket;
use super::upgrade::Knock;

impl Connection {
    /// Starts the actor on a socket that has just been upgraded. `knock` is what the handshake said; what came with it is
    /// in `first`.
    pub(crate) fn start(context: Rc<GatewayContext>, knock: Knock, io: TcpStream, first: BytesMut) {
        let mut connection = Self::new(context, knock.address, knock.pending, knock.protocol);
        connection.inbox.hold(first);
        connection.identity = knock.identity.map(Rc::new);
        let io = Rc::new(io);
        connection.link.queue.attach(Rc::clone(&io));
        connection.settle_in();
        // Clients of other protocols send `hello`, even where the handshake has authenticated them.
        let begins = connection.protocol.arrives_by_handshake() && connection.identity.is_some();
        #[cfg(feature = "conformance")]
        if connection.protocol.is_open_to_all() {
            connection.link.advance_to(Stage::Arriving);
            connection.link.advance_to(Stage::Live);
        }
        Self::create(move |ctx| {
            if begins {
                connection.arrive(None, ctx);
            }
            ctx.spawn(Drive(Socket::new(io)).map(|(), _, ctx: &mut Context<Self>| ctx.stop()));
            connection
        });
    }
}
