//! Parlor: a self-hosted chat backend in one binary.
//!
//! The layers, each using only those below it:
//!
//! ```text
//!  server · cli                               reads config, builds the parts, runs and stops · operator commands
//!  http · gateway                             REST, pages · live connections
//!  bus                                        commits of other nodes, by Redis
//!  edge                                       for every request: auth, origin, CORS, problem documents
//!  chat                                       the ChatServer actor: presence, rooms, fan-out, expiry
//!  service                                    use cases and rules: who may do what, with which error
//!  store · protocol                           SQL · dialects on the wire
//!  socketio · websocket                       codecs and state machines without I/O
//!  config · rate_limit · security_log         settings, budgets, the security log
//!  domain · metrics                           types that every layer shares; no I/O, no actix
//! ```
//!
//! `ARCHITECTURE.md` follows one message from its sender to the disk and to its recipients.
#![warn(unreachable_pub)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions))]

mod bus;
mod chat;
pub mod cli;
pub mod config;
mod domain;
mod edge;
mod gateway;
mod http;
mod metrics;
mod protocol;
mod rate_limit;
mod security_log;
pub mod server;
mod service;
mod socketio;
mod store;
mod websocket;
