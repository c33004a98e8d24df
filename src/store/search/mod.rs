//! The index for searching: which words stand in which message.
//!
//! Words are split here and not by the database, so that every database finds the same, highlighting agrees with finding,
//! and nothing that somebody types can be read as the engine's query language.

mod find;
mod index;
mod snippet;
pub(super) mod words;

pub(crate) use find::find;
pub(super) use index::{behind, step};
pub(crate) use index::{forget, renew};
pub(crate) use words::Query;
