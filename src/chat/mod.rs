//! Everything alive: the [`ChatServer`] actor and what it owns.
//!
//! `people`, `speakers`, `sightings`, `attendance`, `rooms`, `receipts`, `stays` and `vanishing` are plain structs without actix
//! or clock (`now` is an argument), with deadlines in queues of `expiry`. `server` is the actor around them; `submissions`,
//! `connections` and `upkeep` are what it handles and what it does in every tick, `telling` how it passes on what happened,
//! `missing` how connections go and guests end who are missed, and `watching` how those hear of it who hear of everybody.

mod announcements;
mod attendance;
mod connections;
mod expiry;
mod handle;
mod hub_set;
mod messages;
mod missing;
mod people;
mod receipts;
mod rooms;
mod server;
mod sightings;
mod speakers;
mod stays;
mod submissions;
mod telling;
#[cfg(test)]
pub(crate) mod tests;
mod upkeep;
mod vanishing;
mod watching;

pub(crate) use handle::Chat;
pub(crate) use messages::{Attach, Batch, Enter, Entered, Leave, Move, Outlet, Register, Settle, Submit, Type};
pub(crate) use server::ChatServer;
