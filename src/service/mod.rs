//! The rules: who may do what, in which order it is checked, and with which error it is refused.
//!
//! A rule is a function of rows that were read. The functions that read them, ask the rules and write run inside a transaction
//! of the writer, so what a rule was asked about still holds when its change is written.

pub(crate) mod accounts;
pub(crate) mod amendments;
pub(crate) mod endings;
pub(crate) mod history;
pub(crate) mod invites;
pub(crate) mod membership;
pub(crate) mod messages;
pub(crate) mod requests;
pub(crate) mod rooms;
pub(crate) mod search;
mod services;
pub(crate) mod sessions;

pub(crate) use services::Services;
