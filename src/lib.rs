//! Parlor: a self-hosted chat backend in one binary.
//!
//! The layers, each using only those below it:
//!
//! ```text
//!  server · cli                               reads config, builds the parts, runs, stops · the commands beside it
//!  http · gateway                             REST, pages · live connections
//!  edge                                       what holds for every request: auth, origin, CORS, problem documents
//!  chat                                       the ChatServer actor: presence, rooms, fan-out, expiry
//!  service                                    use cases, and every rule
//!  store · protocol                           SQL · wire vocabularies
//!  socketio · websocket                       codecs and state machines without I/O
//!  config · rate_limit · security_log         settings, budgets, the security log
//!  domain · metrics                           nouns; no I/O, no actix
//! ```
//!
//! See `ARCHITECTURE.md` for the walk of one message from a socket to the disk and out to the others.
#![warn(unreachable_pub)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions))]

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
