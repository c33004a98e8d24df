//! Live connections: `/api/v1/ws` for the native dialect, `/ws` for the sessions dialect, `/socket.io/` for Socket.IO. Each
//! connection is an actor that owns its socket ([`Connection`]); the [`Hub`] of each worker thread sends the ChatServer's events
//! to the connections of that thread. ARCHITECTURE.md has the reasons.

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
pub(crate) use socketio::SessionRegistry;
pub(crate) use upgrade::Upgrade;
