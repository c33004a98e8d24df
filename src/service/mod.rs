//! The rules: who may do what, in which order it is checked, and with which error it is refused.
//!
//! A rule is a function of rows that were read. The functions that read them, ask the rules and write run inside a transaction
//! of the writer, so what a rule was asked about still holds when its change is written.

pub mod accounts;
pub mod amendments;
pub mod endings;
pub mod history;
pub mod invites;
pub mod membership;
pub mod messages;
pub mod requests;
pub mod rooms;
pub mod search;
mod services;
pub mod sessions;

pub use services::Services;
