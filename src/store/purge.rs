//! Deleting what belonged to sessions that are gone, bit by bit: a room of a million messages must not hold the writer up.
//!
//! A step deletes a hundred rows. Keys lie all over their index, so each row is a page to be written, and whoever sends
//! something meanwhile waits for the step.

use crate::store::limited::Limited;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::{members, sessions};
use super::{Db, scrub};

/// Deletes the next bit; true where more may be left. To be run in a transaction. The session's own row goes last, so that
/// after a crash the rest is still known to be left.
pub(super) fn step(db: &mut Db) -> QueryResult<bool> {
    // In the words of the index, which the planner recognises only as they are.
    let gone = "kind >= 2 AND kind = 4";
    let gone = diesel::dsl::sql::<diesel::sql_types::Bool>(gone);
    let Some(session) = sessions::table.filter(gone).select(sessions::id).one::<i64>(db).optional()? else {
        return Ok(false);
    };
    scrub::erased(db)?;
    let found = delete(
        db,
        session,
        "DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE session_id = $1 ORDER BY seq LIMIT 100)",
    )?;
    let messages = delete(
        db,
        session,
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE session_id = $1 ORDER BY seq LIMIT 100)",
    )?;
    if found.max(messages) > 0 {
        return Ok(true);
    }
    let reactions = delete(
        db,
        session,
        "DELETE FROM reactions WHERE (session_id, seq, emoji, user_id) IN \
         (SELECT session_id, seq, emoji, user_id FROM reactions WHERE session_id = $1 LIMIT 100)",
    )?;
    if reactions > 0 {
        return Ok(true);
    }
    diesel::delete(members::table.filter(members::session_id.eq(session))).execute(db)?;
    diesel::delete(sessions::table.find(session)).execute(db)?;
    Ok(true)
}

fn delete(db: &mut Db, session: i64, statement: &str) -> QueryResult<usize> {
    diesel::sql_query(statement).bind::<BigInt, _>(session).execute(db)
}
