//! Everything alive on this node: the [`ChatServer`] actor and the state that it owns.
//!
//! `presence`, `dialect_counts`, `presence_feed`, `lobby_roster`, `announcements`, `rooms`, `receipts`, `guest_expiry` and
//! `room_expiry` are plain structs without actix or clock: `now` is an argument, deadlines stand in an `expiry` queue. `server` is
//! the actor around them. It handles what `connections` and `submissions` send it, hands the output of commits to `fanout` and
//! `effects`, and does in `sweeps` what is due.

mod announcements;
mod connections;
mod departures;
mod dialect_counts;
mod effects;
mod expiry;
mod fanout;
mod feeds;
mod guest_expiry;
mod handle;
mod hub_set;
mod lobby_roster;
mod messages;
mod presence;
mod presence_feed;
mod presence_push;
mod receipts;
mod room_expiry;
mod rooms;
mod server;
mod submissions;
mod sweeps;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use handle::Chat;
pub(crate) use messages::{
    Attach, Batch, Enter, Entered, Fanout, FlushSubmissions, Leave, MoveMark, Register, SignalTyping, Submit,
};
pub(crate) use server::ChatServer;
