//! Parlor.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions))]
pub mod accounts;
pub mod chat;
pub mod config;
pub mod desks;
pub mod history;
pub mod invites;
pub mod limits;
pub mod model;
pub mod store;
