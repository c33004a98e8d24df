//! Socket.IO on the wire: the door `/socket.io/`, and what a [`Connection`](super::Connection) has beside where packets carry
//! it. What may be said when is known by the [`Peer`](crate::socketio::session::Peer); here are the requests, the socket and the clock.
//!
//! A session outlives its requests, and polls may come to any worker thread; its actor lives on the one where it began.
//! [`Sessions`] says where. A socket that comes later is moved to that thread.

#[cfg(feature = "conformance")]
mod conformance;
mod names;
mod orders;
mod packets;
mod polling;
mod routes;
mod state;
mod talking;
mod terms;

#[cfg(feature = "conformance")]
pub(crate) use conformance::terms;
pub(crate) use names::Sessions;
pub(super) use routes::routes;
pub(super) use state::Session;
#[cfg(not(feature = "conformance"))]
pub(super) use terms::terms;
