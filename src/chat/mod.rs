//! Everything alive: the [`ChatServer`] actor and what it owns.
//!
//! `people`, `rooms`, `receipts`, `stays` and `vanishing` are plain structs without actix or clock (`now` is an argument);
//! `server` is the actor around them, its handlers in the order a message meets them, and `telling` how it passes on what
//! happened.

mod handle;
mod messages;
mod people;
mod receipts;
mod rooms;
mod server;
mod stays;
mod telling;
mod vanishing;

pub use handle::Chat;
pub use messages::{Attach, Batch, Enter, Entered, Leave, Move, Online, Outlet, Register, Settle, Submit, Type};
pub use server::ChatServer;
