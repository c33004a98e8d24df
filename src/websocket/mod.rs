//! WebSocket (RFC 6455) without I/O: bytes of a client in, whole messages out, and the frames of the server.

pub(crate) mod frame;
pub(crate) mod inbox;
mod utf8;
