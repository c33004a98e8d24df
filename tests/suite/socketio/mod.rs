//! Socket.IO over real sockets: the door, the native vocabulary, bounds and endings. What the protocol itself asks for, case
//! by case, stands beside its code.

mod bounds;
mod door;
mod endings;
mod goodbyes;
mod hostile;
mod old;
mod talking;
mod upgrade;
