//! The index in PostgreSQL: a `tsvector` for each message, with a GIN index.
//!
//! A search needs the newest matches, and a GIN index finds all of them, in no order. So the newest messages are tried first,
//! one after the other. Only where these have too few matches is the index queried, which then has few to collect. The plans
//! are fixed by the statements: the planner cannot know how words and sessions are distributed.

mod statements;

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use self::statements::{Indexed, Insert, Newest, Rest, Sizes};
use super::query::Term;
use super::terms::{Entry, Expression, session_term};
use super::words;
use crate::domain::SessionId;

/// The prefix of terms that stand for all words with a prefix of one or two characters. No word has it.
const PREFIX: char = '<';
/// Characters of the longest such prefix: collecting the messages of every word with it would take longer than the rest of a
/// query.
const SHORT: usize = 2;
/// Bytes of the terms of one message, below PostgreSQL's limit of a mebibyte. Further terms are not indexed; texts of 128 KiB
/// have fewer.
const MOST_BYTES: usize = 1_000_000;
/// Up to so many sessions are named in a query of the index beside the words. For each match it compares all of them.
const FEW: usize = 8;
/// Sessions named in a query without words: preparing a query takes the square of the number of its terms.
const SESSIONS: usize = 32;

/// So many of the newest messages of one session are tried, each of which is looked up in two tables, …
const NEWEST_OF_ONE: i64 = 1_000;
/// … and so many of all sessions.
const NEWEST: i64 = 4_000;
/// Where these have at least this part of the matches that are wanted, so many times as many are tried.
const MORE: i64 = 10;

/// Adds messages, or replaces them.
pub(super) fn insert(db: &mut PgConnection, entries: &[Entry<'_>]) -> QueryResult<()> {
    let messages: Vec<i64> = entries.iter().map(|entry| entry.message).collect();
    let terms: Vec<String> = entries.iter().map(|entry| terms_of(*entry)).collect();
    Insert { messages, terms }.execute(db).map(drop)
}

/// Removes a message, if it is indexed.
pub(super) fn remove(db: &mut PgConnection, message: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM search WHERE message_id = $1").bind::<BigInt, _>(message).execute(db).map(drop)
}

/// The newest messages below the id `below` that match, at most `limit`, newest first.
pub(super) fn matches(
    db: &mut PgConnection,
    Expression { sessions, terms }: Expression<'_>,
    below: i64,
    limit: usize,
) -> QueryResult<Vec<i64>> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let words = render(&[], terms);
    if let Some(found) = matches_among_newest(db, sessions, &words, below, most)? {
        return Ok(found);
    }
    let (queries, rest) = if sessions.len() <= FEW {
        (vec![render(sessions, terms)], Rest::Nothing)
    } else {
        let sizes = Sizes { sessions, words: &words, below, newest: NEWEST };
        let (with_words, in_sessions) = sizes.get_result::<(i64, i64)>(db)?;
        if with_words < in_sessions {
            (vec![words], Rest::Sessions(sessions))
        } else {
            (sessions.chunks(SESSIONS).map(|some| render(some, &[])).collect(), Rest::Words(words))
        }
    };
    Indexed { queries, rest, below, most }.load(db)
}

/// The same without the index; `None` where the newest messages have fewer than `most`.
fn matches_among_newest(
    db: &mut PgConnection,
    sessions: &[SessionId],
    words: &str,
    below: i64,
    most: i64,
) -> QueryResult<Option<Vec<i64>>> {
    let tries: &[i64] = match sessions {
        [] => &[],
        [_] => &[NEWEST_OF_ONE],
        _ => &[NEWEST, NEWEST * MORE],
    };
    for newest in tries {
        let found: Vec<i64> = Newest { sessions, words, below, newest: *newest, most }.load(db)?;
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        if count == most {
            return Ok(Some(found));
        }
        if count * MORE < most {
            break;
        }
    }
    Ok(None)
}

/// The terms of a message, with spaces between.
fn terms_of(entry: Entry<'_>) -> String {
    let mut all = session_term(entry.session);
    let mut seen = HashSet::new();
    for word in words::of_text(entry.text) {
        let word = word.word;
        let ends = word.char_indices().map(|(at, _)| at).skip(1).take(SHORT);
        let prefixes: Vec<String> = ends.filter_map(|end| word.get(..end)).map(prefix_term).collect();
        for term in prefixes.into_iter().chain([word]) {
            if all.len() + term.len() < MOST_BYTES && !seen.contains(&term) {
                all.push(' ');
                all.push_str(&term);
                seen.insert(term);
            }
        }
    }
    all
}

/// The term of messages with a longer word that begins like this.
fn prefix_term(prefix: &str) -> String {
    format!("{PREFIX}{prefix}")
}

/// The expression as a `tsquery`.
fn render(sessions: &[SessionId], terms: &[Term]) -> String {
    let mut all: Vec<String> = terms.iter().map(render_term).collect();
    if !sessions.is_empty() {
        let sessions: Vec<String> = sessions.iter().map(|session| quote(&session_term(*session))).collect();
        all.push(format!("({})", sessions.join(" | ")));
    }
    all.join(" & ")
}

fn render_term(Term { word, is_prefix }: &Term) -> String {
    match (is_prefix, word.chars().count()) {
        (false, _) => quote(word),
        (true, ..=SHORT) => format!("({} | {})", quote(word), quote(&prefix_term(word))),
        (true, _) => format!("{}:*", quote(word)),
    }
}

/// A term as an operand, whatever its characters.
fn quote(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}
