//! Engine.IO and Socket.IO without I/O: the bytes of packets, payloads and requests ([`codec`]), and the state machine of one
//! client's session, whatever carries it ([`session`]).

pub(crate) mod codec;
pub(crate) mod session;
