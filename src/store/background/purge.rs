//! Purging deleted sessions in short steps: a room of a million messages must not block the writer.
//!
//! A step deletes a hundred rows. Keys are spread over their index, so each row is a page to be written while senders wait.

use diesel::sql_types::BigInt;

use super::scrub;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, sessions};

/// Deletes the next rows; true where more may be left. To be run in a transaction. The session's own row is deleted last, so
/// that the purge continues after a crash.
pub(super) fn step(db: &mut Db) -> QueryResult<bool> {
    // As in the partial index, which the planner uses only for this exact expression.
    let deleted = diesel::dsl::sql::<diesel::sql_types::Bool>("kind >= 2 AND kind = 4");
    let Some(session) = sessions::table.filter(deleted).select(sessions::id).maybe::<i64>(db)? else {
        return Ok(false);
    };
    scrub::erased(db)?;
    let mut delete = |statement| diesel::sql_query(statement).bind::<BigInt, _>(session).execute(db);
    let found = delete(
        "DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE session_id = $1 ORDER BY seq LIMIT 100)",
    )?;
    let messages = delete(
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE session_id = $1 ORDER BY seq LIMIT 100)",
    )?;
    if found.max(messages) > 0 {
        return Ok(true);
    }
    let reactions = delete(
        "DELETE FROM reactions WHERE (session_id, seq, emoji, user_id) IN \
         (SELECT session_id, seq, emoji, user_id FROM reactions WHERE session_id = $1 LIMIT 100)",
    )?;
    if reactions == 0 {
        diesel::delete(members::table.filter(members::session_id.eq(session))).execute(db)?;
        diesel::delete(sessions::table.find(session)).execute(db)?;
    }
    Ok(true)
}
