//! WebSocket (RFC 6455) without I/O: a client's bytes to messages, and the frames of the server.

pub(crate) mod frame;
pub(crate) mod inbox;
mod utf8;
