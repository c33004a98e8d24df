//! Ways of saying the same commands and events on a wire. Pure: bytes in, [`Command`](crate::model::Command) out, and the
//! way back. No I/O, no rules.
//!
//! [`native`] is Parlor's own; the others are the words of older systems ([`Dialect`](crate::config::Dialect)).

#[cfg(test)]
mod anything;
pub mod contacts;
pub mod lobby;
pub mod native;
pub mod rooms;
pub mod sessions;
pub mod socketio;
pub mod translation;
