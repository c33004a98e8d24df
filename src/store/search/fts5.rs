//! The index in SQLite: an FTS5 table whose `rowid` is the message's id. It stores no texts and has lists of its own for
//! prefixes of one and two characters.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::query::Term;
use super::terms::{Entry, Expression, session_term};
use super::words;
use crate::store::db::Number;

/// Adds a message that is not indexed.
pub(super) fn insert(db: &mut SqliteConnection, entry: Entry<'_>) -> QueryResult<()> {
    let mut all = session_term(entry.session);
    for word in words::of_text(entry.text) {
        all.push(' ');
        all.push_str(&word.word);
    }
    let row = diesel::sql_query("INSERT INTO search (rowid, words) VALUES ($1, $2)");
    row.bind::<BigInt, _>(entry.message).bind::<Text, _>(all).execute(db).map(drop)
}

/// Removes a message, if it is indexed.
pub(super) fn remove(db: &mut SqliteConnection, message: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM search WHERE rowid = $1").bind::<BigInt, _>(message).execute(db).map(drop)
}

/// The newest messages below the id `below` that match, at most `limit`, newest first.
pub(super) fn matches(
    db: &mut SqliteConnection,
    expression: Expression<'_>,
    below: i64,
    limit: usize,
) -> QueryResult<Vec<i64>> {
    let query = "SELECT rowid AS n FROM search WHERE search MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT ";
    let query = diesel::sql_query(query).sql(limit.to_string());
    let found = query.bind::<Text, _>(render(expression)).bind::<BigInt, _>(below).load(db)?;
    Ok(found.into_iter().map(|Number { n }| n).collect())
}

/// The expression in FTS5's query language. Words are letters and digits, so there is nothing to escape.
fn render(Expression { sessions, terms }: Expression<'_>) -> String {
    let term = |term: &Term| format!("\"{}\"{}", term.word, if term.is_prefix { "*" } else { "" });
    let words = terms.iter().map(term).collect::<Vec<_>>().join(" AND ");
    if sessions.is_empty() {
        return words;
    }
    let sessions: Vec<String> = sessions.iter().map(|session| format!("\"{}\"", session_term(*session))).collect();
    format!("({}) AND {words}", sessions.join(" OR "))
}
