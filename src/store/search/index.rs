//! The table `search`: for each text message that is not deleted, under its id, its words and one term for its session, so that
//! a search in one session intersects two lists.
//!
//! The index is filled in the background up to the message `server.indexed`. A change of an indexed message updates the index
//! in the same transaction; a later message is indexed as it then is.

use diesel::dsl::{And, Eq};
use diesel::sql_types::{BigInt, Text};

use super::words;
use crate::domain::{MessageKind, SessionId};
use crate::store::db::prelude::*;
use crate::store::db::schema::{messages, server};

/// The prefix of the session term. It is no letter, so no word of a text and no prefix query matches the term.
pub(super) const SESSION: char = '§';

/// Bytes of text in one step.
const STEP_BYTES: usize = 128 * 1_024;

/// The term that every message of a session has.
pub(super) fn session_term(session: SessionId) -> String {
    format!("{SESSION}{session}")
}

/// About how many messages are not indexed yet.
pub(crate) fn backlog(db: &mut Db) -> QueryResult<i64> {
    let newest: Option<i64> = messages::table.select(diesel::dsl::max(messages::id)).one(db)?;
    Ok(newest.unwrap_or_default() - indexed(db)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
struct Unindexed {
    id: i64,
    session_id: SessionId,
    #[diesel(select_expression = messages::kind.eq(MessageKind::Text).and(messages::deleted.eq(false)))]
    #[diesel(select_expression_type = And<Eq<messages::kind, MessageKind>, Eq<messages::deleted, bool>>)]
    is_searchable: bool,
    text: String,
}

/// Indexes the next messages, at most so many; true where more are left. To be run in a transaction.
pub(crate) fn index_next(db: &mut Db, most: i64) -> QueryResult<bool> {
    let from = indexed(db)?;
    let next: Vec<Unindexed> = messages::table
        .filter(messages::id.gt(from))
        .order(messages::id)
        .select(Unindexed::as_select())
        .rows(most)
        .load(db)?;
    let (mut to, mut bytes, mut taken) = (from, 0, 0);
    for Unindexed { id, session_id, is_searchable, text } in &next {
        if bytes > STEP_BYTES {
            break;
        }
        if *is_searchable {
            insert(db, *id, *session_id, text)?;
        }
        bytes += text.len();
        (to, taken) = (*id, taken + 1);
    }
    if to == from {
        return Ok(false);
    }
    diesel::update(server::table).set(server::indexed.eq(to)).execute(db)?;
    Ok(taken < next.len() || i64::try_from(next.len()) == Ok(most))
}

/// Removes a message, if it is indexed.
pub(crate) fn remove(db: &mut Db, message: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM search WHERE rowid = $1").bind::<BigInt, _>(message).run(db)
}

/// Replaces the text of a message, if it is indexed.
pub(crate) fn update(db: &mut Db, message: i64, session: SessionId, text: &str) -> QueryResult<()> {
    if message > indexed(db)? {
        return Ok(());
    }
    remove(db, message)?;
    insert(db, message, session, text)
}

fn insert(db: &mut Db, message: i64, session: SessionId, text: &str) -> QueryResult<()> {
    let mut all = session_term(session);
    for word in words::of_text(text) {
        all.push(' ');
        all.push_str(&word.word);
    }
    let row = diesel::sql_query("INSERT INTO search (rowid, words) VALUES ($1, $2)");
    row.bind::<BigInt, _>(message).bind::<Text, _>(all).run(db)
}

fn indexed(db: &mut Db) -> QueryResult<i64> {
    server::table.select(server::indexed).one(db)
}
