//! Full-text search: words, the index, snippets.
//!
//! Texts are tokenized here and not by the database, so that every database finds the same, highlighting agrees with the
//! index, and no input is read as the engine's query language.

mod characters;
mod find;
mod index;
mod query;
mod snippet;
pub(super) mod words;

pub(crate) use find::find;
pub(super) use index::{backlog, index_next, remove, update};
pub(crate) use query::Query;
pub(super) use query::prefixes;
