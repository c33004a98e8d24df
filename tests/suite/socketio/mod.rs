//! Socket.IO over real sockets: the endpoint, the native vocabulary, bounds and endings. The protocol's own requirements, case
//! by case, stands beside its code.

mod bounds;
mod commands;
mod endings;
mod goodbyes;
mod handshakes;
mod hostile;
mod old;
mod upgrade;
