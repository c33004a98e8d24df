//! The contract, spoken from outside: every test starts the real binary on a port of its own with a fresh database
//! and talks HTTP and WebSocket to it. One noun a file; the kit is what they share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions, missing_docs)]

mod accounts;
mod arrival;
mod attempts;
mod blocks;
mod clock;
mod convergence;
mod conversation;
mod crash;
mod crossing;
mod directory;
mod durability;
mod errors;
mod frames;
mod group_invites;
mod groups;
mod half_open;
mod history;
mod hostile;
mod house;
mod invites;
mod keys;
mod kit;
mod leaving;
mod marks;
mod membership;
mod openapi;
mod order;
mod origins;
mod presence;
mod roles;
mod routes;
mod running;
mod sending;
mod sessions;
mod shutdown;
mod slow_reader;
mod snapshot;
mod sync;
mod texts;
mod throttles;
mod titles;
mod tokens;
mod upgrade;
