//! The WebSocket door. Each live socket is an actor that owns it ([`Connection`]); a [`Hub`] for each worker thread knows
//! the connections on it and passes on what the ChatServer tells.
//!
//! `actix-web-actors` does what it is good at, the handshake; the socket then leaves the HTTP dispatcher (`upgrade`),
//! because an actor inside `WebsocketContext` stands still, timers included, behind a peer that does not read.

mod arrival;
mod commands;
mod connection;
mod door;
mod frame;
mod hub;
mod inbox;
mod link;
mod outbox;
mod reading;
// Nothing listens to it yet.
#[allow(dead_code, unused_imports)]
mod socketio;
mod said;
mod upgrade;
mod waiting;
mod wire;

#[cfg(feature = "conformance")]
mod echo;

pub use connection::{Connection, House};
pub use door::routes;
pub use hub::{Hub, Links};
pub use upgrade::{Takeover, Upgrade};
pub use waiting::Waiting;
