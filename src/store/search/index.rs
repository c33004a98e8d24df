//! The table `search`: for each text message that is not deleted, under its id, its words and one term for its session, so that
//! a search in one session intersects two lists.
//!
//! The index is filled in the background up to the message `server.indexed`. A change of an indexed message updates the index
//! in the same transaction; a later message is indexed as it then is.

use diesel::dsl::{And, Eq};
use diesel::sql_types::BigInt;

use super::terms::Entry;
use super::{fts5, tsvector};
use crate::domain::{MessageKind, SessionId};
use crate::store::db::postgres::advisory::{INDEX, try_lock_alone};
use crate::store::db::prelude::*;
use crate::store::db::schema::{messages, server};

/// Bytes of text in one step.
const STEP_BYTES: usize = 128 * 1_024;

/// About how many messages are not indexed yet.
pub(crate) fn backlog(db: &mut Db) -> QueryResult<i64> {
    let newest: Option<i64> = messages::table.select(diesel::dsl::max(messages::id)).one(db)?;
    Ok(newest.unwrap_or_default() - indexed(db)?)
}

macro_rules! remove_where {
    ($id:literal) => {
        concat!(
            "DELETE FROM search WHERE ",
            $id,
            " IN (SELECT id FROM messages WHERE session_id = $1 AND seq > $2 AND seq <= $3)"
        )
    };
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

/// Indexes the next messages, at most so many and none behind `last`; true where more are left. To be run in a transaction.
pub(crate) fn index_next(db: &mut Db, most: i64, last: i64) -> QueryResult<bool> {
    // Another node is indexing, or a message is being changed.
    if !try_lock(db)? {
        return Ok(false);
    }
    let from = indexed(db)?;
    let next: Vec<Unindexed> = messages::table
        .filter(messages::id.gt(from))
        .filter(messages::id.le(last))
        .order(messages::id)
        .select(Unindexed::as_select())
        .rows(most)
        .load(db)?;
    let (mut to, mut bytes, mut taken) = (from, 0, 0);
    let mut entries = Vec::with_capacity(next.len());
    for Unindexed { id, session_id, is_searchable, text } in &next {
        if bytes > STEP_BYTES {
            break;
        }
        if *is_searchable {
            entries.push(Entry { message: *id, session: *session_id, text });
        }
        bytes += text.len();
        (to, taken) = (*id, taken + 1);
    }
    if to == from {
        return Ok(false);
    }
    insert(db, &entries)?;
    diesel::update(server::table).set(server::indexed.eq(to)).execute(db)?;
    Ok(taken < next.len() || i64::try_from(next.len()) == Ok(most))
}

/// PostgreSQL: locks the index for the present transaction, to fill it or to purge; false where another transaction does that, or
/// changes a message. Changes share the lock, from the beginning of their transaction.
pub(crate) fn try_lock(db: &mut Db) -> QueryResult<bool> {
    match db {
        Db::Sqlite(_) => Ok(true),
        Db::Postgres(db) => try_lock_alone(db, INDEX),
    }
}

/// Removes a message, if it is indexed.
pub(crate) fn remove(db: &mut Db, message: i64) -> QueryResult<()> {
    match db {
        Db::Sqlite(db) => fts5::remove(db, message),
        Db::Postgres(db) => tsvector::remove(db, message),
    }
}

/// Removes the messages of a session with a `seq` above `after` and up to `to`, before they are deleted.
pub(crate) fn remove_all(db: &mut Db, session: SessionId, after: i64, to: i64) -> QueryResult<()> {
    let statement = match db {
        Db::Sqlite(_) => remove_where!("rowid"),
        Db::Postgres(_) => remove_where!("message_id"),
    };
    diesel::sql_query(statement).bind::<BigInt, _>(session).bind::<BigInt, _>(after).bind::<BigInt, _>(to).run(db)
}

/// Replaces the text of a message, if it is indexed.
pub(crate) fn update(db: &mut Db, message: i64, session: SessionId, text: &str) -> QueryResult<()> {
    if message > indexed(db)? {
        return Ok(());
    }
    remove(db, message)?;
    insert(db, &[Entry { message, session, text }])
}

fn insert(db: &mut Db, entries: &[Entry<'_>]) -> QueryResult<()> {
    match db {
        Db::Sqlite(db) => entries.iter().try_for_each(|entry| fts5::insert(db, *entry)),
        Db::Postgres(db) => tsvector::insert(db, entries),
    }
}

fn indexed(db: &mut Db) -> QueryResult<i64> {
    server::table.select(server::indexed).one(db)
}
