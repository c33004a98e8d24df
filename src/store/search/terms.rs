//! What is indexed of a message and what the index is queried for, before a database renders it.

use super::query::Term;
use crate::domain::SessionId;

/// The prefix of the session term. It is no letter, so no word of a text and no prefix query matches the term.
pub(super) const SESSION: char = '§';

/// The term that every message of a session has.
pub(super) fn session_term(session: SessionId) -> String {
    format!("{SESSION}{session}")
}

/// A message to be indexed.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub message: i64,
    pub session: SessionId,
    pub text: &'a str,
}

/// Matches messages with all of these terms.
#[derive(Clone, Copy)]
pub(super) struct Expression<'a> {
    /// Of these sessions; empty for all.
    pub sessions: &'a [SessionId],
    pub terms: &'a [Term],
}
