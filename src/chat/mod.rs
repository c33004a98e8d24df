//! Everything alive on this node: the [`ChatServer`] actor and the state that it owns.
//!
//! `presence`, `viewers`, `in_flight`, `attendance`, `dialect_counts`, `presence_feed`, `lobby_roster`, `announcements`, `rooms`, `receipts`,
//! `guest_expiry`, `room_expiry` and `occupied_rooms` are plain structs without actix or clock: `now` is an argument, deadlines
//! stand in an `expiry` queue. `server` is the actor around them. It handles what `connections` and `submissions` send it, hands
//! the output of commits to `fanout` and `effects`, and does in `sweeps` what is due.
//!
//! Presence of several nodes: `presence` has the users of this one, at once; `presence_push` announces what happens to them
//! through the writer, and every node applies such announcements, its own among them, to `attendance` (in `nodes`). Where a
//! user's first node appears there, or the last disappears, each node sends the event to its own viewers.

mod announcements;
mod attendance;
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
mod in_flight;
mod lobby_roster;
mod messages;
mod nodes;
mod occupied_rooms;
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
mod viewers;

pub(crate) use handle::Chat;
pub(crate) use messages::{
    Attach, Batch, Enter, Entered, Fanout, FlushSubmissions, Leave, MoveMark, Register, SignalTyping, Submit,
};
pub(crate) use server::ChatServer;
