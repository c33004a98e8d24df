//! Socket.IO: the endpoint `/socket.io/`, and what a [`Connection`](super::Connection) has beside where it is a session. The
//! protocol's state is in the [`Peer`](crate::socketio::session::Peer); here are the requests, the sockets and the timers.
//!
//! A session outlives its requests. Its actor remains on the thread where it began, while its requests may arrive on any thread and
//! find it in the [`SessionRegistry`]; the socket of an upgrade is moved to its thread.

#[cfg(feature = "conformance")]
mod conformance;
mod polling;
mod rejection;
mod requests;
mod routes;
mod session_config;
mod session_io;
mod session_registry;
mod session_start;
mod state;
mod upgrade;

#[cfg(feature = "conformance")]
pub(crate) use conformance::session_config;
pub(super) use routes::routes;
#[cfg(not(feature = "conformance"))]
pub(super) use session_config::session_config;
pub(crate) use session_registry::SessionRegistry;
pub(super) use state::SocketIoSession;
