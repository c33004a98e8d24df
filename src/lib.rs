//! Parlor: a self-hosted chat backend in one binary.
//!
//! The floors of the house, each using only those below it:
//!
//! ```text
//!  6  entrance    main ──► app · operator              read settings, start, stop; commands beside it
//!  5  doors       http · gateway · web · legacy        bytes, frames, status codes, pages
//!     edge        edge                                 what holds for every request: who sends it, CORS, refusals
//!                 transport                            what an HTTP connection may hold
//!  4  hall        chat                                 everything alive: ChatServer
//!  3  desks       accounts · sessions                  one use case, one function
//!                 history · search
//!     rules       service                              who may do what, and with which error
//!  2  workshops   store · dialect                      SQL, words
//!     codecs      websocket · socketio                 bytes, state machines without I/O
//!  1  ground      model · metrics · config · limits    nouns, escaping; no I/O, no actix
//!                 html · security
//! ```
//!
//! See `ARCHITECTURE.md` for the walk of one message from a socket to the disk and out to the others.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions))]

pub mod accounts;
pub mod app;
pub mod chat;
pub mod config;
pub mod desks;
pub mod dialect;
pub mod edge;
pub mod gateway;
pub mod history;
pub mod html;
pub mod http;
pub mod legacy;
pub mod limits;
pub mod metrics;
pub mod model;
pub mod operator;
pub mod search;
pub mod security;
pub mod service;
pub mod sessions;
pub mod socketio;
pub mod store;
pub mod transport;
pub mod web;
pub mod websocket;
