//! Full-text search: words, the index, snippets.
//!
//! Texts are tokenized here and not by the database, so that every database finds the same, highlighting agrees with the
//! index, and no input is read as the engine's query language.

mod characters;
mod find;
mod fts5;
mod horizon;
mod index;
mod query;
mod snippet;
mod terms;
#[cfg(test)]
mod tests;
mod tsvector;
pub(super) mod words;

pub(crate) use find::find;
pub(super) use horizon::Horizon;
pub(super) use index::{backlog, index_next, remove, remove_all, try_lock, update};
pub(crate) use query::Query;
pub(super) use query::prefixes;

/// How many messages are indexed with this word, or prefix, in these sessions, in all where none are given.
#[cfg(test)]
pub(crate) fn indexed_with(
    db: &mut super::Db,
    sessions: &[crate::domain::SessionId],
    word: &str,
    is_prefix: bool,
) -> usize {
    let term = query::Term { word: word.to_owned(), is_prefix };
    let expression = terms::Expression { sessions, terms: &[term] };
    find::matches(db, expression, i64::MAX, 100_000).unwrap().len()
}
