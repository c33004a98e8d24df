//! The doors of live connections: `/api/v1/ws` for the native dialect, `/ws` for the sessions dialect, `/socket.io/` for
//! Socket.IO. Each connection is an actor that owns its socket ([`Connection`]); a [`Hub`] for each worker thread knows the
//! connections on it and passes on what the ChatServer tells.
//!
//! `actix-web-actors` does what it is good at, the handshake; the socket then leaves the HTTP dispatcher (`upgrade`),
//! because an actor inside `WebsocketContext` stands still, timers included, behind a peer that does not read.

mod admission;
mod connection;
mod drive;
mod hub;
mod outbound;
mod routes;
mod socketio;
mod start;
mod transport;
mod upgrade;

#[cfg(feature = "conformance")]
mod echo;

pub(crate) use admission::Admission;
pub(crate) use connection::{Connection, GatewayContext};
pub(crate) use hub::{Hub, Links};
pub(crate) use routes::routes;
pub(crate) use socketio::Sessions;
pub(crate) use upgrade::Upgrade;
