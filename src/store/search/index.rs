//! Filling the table `search`. A row per message that people wrote and that still stands, under the message's own id: its
//! words, and one more that says which session it is in, so that searching one session is meeting two lists.
//!
//! The index follows: `server.indexed` says up to which message it has come. What is edited or deleted behind that point is
//! changed here in the same transaction; what lies ahead of it is read as it then stands.

use crate::store::limited::Limited;
use diesel::dsl::{And, Eq};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::words;
use crate::domain::{MessageKind, SessionId};
use crate::store::Db;
use crate::store::schema::{messages, server};

/// Begins the word that says the session. It is no letter, so no text holds such a word and no unfinished one means it.
pub(super) const SESSION: char = '§';

/// A step of filling looks at so many bytes of text.
const STEP_BYTES: usize = 128 * 1_024;

/// The word that every message of a session has.
pub(super) fn session_word(session: SessionId) -> String {
    format!("{SESSION}{session}")
}

/// How many messages are not in the index yet, about.
pub(crate) fn behind(db: &mut Db) -> QueryResult<i64> {
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
    is_searched: bool,
    text: String,
}

/// Takes up the next messages, at most so many; true where more are left. To be run in a transaction.
pub(crate) fn step(db: &mut Db, most: i64) -> QueryResult<bool> {
    let from = indexed(db)?;
    let next: Vec<Unindexed> = messages::table
        .filter(messages::id.gt(from))
        .order(messages::id)
        .select(Unindexed::as_select())
        .rows(most)
        .load(db)?;
    let (mut to, mut bytes, mut taken) = (from, 0, 0);
    for Unindexed { id, session_id, is_searched, text } in &next {
        if bytes > STEP_BYTES {
            break;
        }
        if *is_searched {
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

/// Takes a message out, as when it is deleted. It need not be in.
pub(crate) fn forget(db: &mut Db, message: i64) -> QueryResult<()> {
    diesel::sql_query("DELETE FROM search WHERE rowid = $1").bind::<BigInt, _>(message).execute(db)?;
    Ok(())
}

/// Puts a message's new text in the place of the old one.
pub(crate) fn renew(db: &mut Db, message: i64, session: SessionId, text: &str) -> QueryResult<()> {
    // Ahead of the index it will be read as it now stands.
    if message > indexed(db)? {
        return Ok(());
    }
    forget(db, message)?;
    insert(db, message, session, text)
}

fn insert(db: &mut Db, message: i64, session: SessionId, text: &str) -> QueryResult<()> {
    let mut all = session_word(session);
    for word in words::of_text(text) {
        all.push(' ');
        all.push_str(&word.word);
    }
    let row = diesel::sql_query("INSERT INTO search (rowid, words) VALUES ($1, $2)");
    row.bind::<BigInt, _>(message).bind::<Text, _>(all).execute(db)?;
    Ok(())
}

fn indexed(db: &mut Db) -> QueryResult<i64> {
    server::table.select(server::indexed).one(db)
}
