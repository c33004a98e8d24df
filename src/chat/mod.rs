//! Everything alive: the [`ChatServer`] actor and what it owns.
//!
//! `people`, `speakers`, `rooms`, `receipts`, `stays` and `vanishing` are plain structs without actix or clock (`now` is an argument);
//! `server` is the actor around them, its handlers in the order a message meets them, `telling` how it passes on what
//! happened, and `missing` how guests end who are missed.

mod handle;
mod messages;
mod missing;
mod people;
mod receipts;
mod rooms;
mod server;
mod speakers;
mod stays;
mod telling;
mod vanishing;

pub use handle::Chat;
pub use messages::{Attach, Batch, Enter, Entered, Leave, Move, Online, Outlet, Register, Settle, Submit, Type};
pub use server::ChatServer;
