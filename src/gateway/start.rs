//! How a connection begins on a WebSocket.

use std::rc::Rc;

use actix::prelude::*;
use actix_web::rt::net::TcpStream;

use super::connection::{Connection, House};
use super::drive::Drive;
#[cfg(feature = "conformance")]
use super::outbound::Stage;
use super::transport::Socket;
use super::upgrade::Knock;
use crate::model::Tongue;

impl Connection {
    /// Starts the actor on a socket that has just been upgraded. `knock` is what the handshake said; what came with it is
    /// in `first`.
    pub fn start(house: Rc<House>, knock: Knock, io: TcpStream, first: bytes::BytesMut) {
        let mut connection = Self::new(house, knock.address, knock.silent);
        connection.inbox.hold(first);
        connection.identity = knock.identity.map(Rc::new);
        #[cfg(feature = "conformance")]
        {
            connection.echoes = knock.echo;
        }
        let io = Rc::new(io);
        connection.link.queue.attach(Rc::clone(&io));
        connection.settle_in();
        // Other clients say hello, even where the handshake has said who they are.
        let begins = knock.tongue == Tongue::Sessions && connection.identity.is_some();
        if knock.tongue == Tongue::Sessions {
            connection.speak_sessions();
        }
        #[cfg(feature = "conformance")]
        if connection.echoes {
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
