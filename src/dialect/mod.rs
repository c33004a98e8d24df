//! Ways of saying the same commands and events on a wire. Pure: bytes in, [`Command`](crate::model::Command) out, and the
//! way back. No I/O, no rules.

pub mod native;
pub mod socketio;
