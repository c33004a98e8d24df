//! Purging deleted sessions in short steps: a room of a million messages must not block the writer.
//!
//! A step deletes a hundred rows. Keys are spread over their index, so each row is a page to be written while senders wait.

use diesel::sql_types::BigInt;

use super::scrub;
use crate::domain::SessionId;
use crate::store::db::Number;
use crate::store::db::prelude::*;
use crate::store::db::schema::{members, sessions};
use crate::store::search;

// SQLite numbers parameters by their first occurrence.
/// The `seq` of the last of the next messages; the bound one where there are none.
const NEXT_MESSAGES: &str = "SELECT coalesce((SELECT max(seq) FROM (SELECT seq FROM messages \
                             WHERE session_id = $1 AND seq > $2 ORDER BY seq LIMIT 100) AS next), $2) AS n";
/// The same of the next reactions.
const NEXT_REACTIONS: &str = "SELECT coalesce((SELECT max(seq) FROM (SELECT seq FROM reactions \
                              WHERE session_id = $1 AND seq >= $2 ORDER BY seq, emoji, user_id LIMIT 100) AS next), $2) AS n";
const DELETE_MESSAGES: &str = "DELETE FROM messages WHERE session_id = $1 AND seq > $2 AND seq <= $3";
const DELETE_REACTIONS: &str = "DELETE FROM reactions WHERE (session_id, seq, emoji, user_id) IN \
                                (SELECT session_id, seq, emoji, user_id FROM reactions \
                                WHERE session_id = $1 AND seq >= $2 ORDER BY seq, emoji, user_id LIMIT 100)";

/// How far the purge of a session has come. Each step begins there: PostgreSQL keeps the index entries of deleted rows for a
/// while, and reading all of them again with each step would take longer than deleting.
#[derive(Clone, Copy)]
pub(super) struct Purge {
    session: SessionId,
    /// Messages up to this `seq` are deleted.
    messages: i64,
    /// Reactions to messages below this `seq` are deleted.
    reactions: i64,
}

impl Purge {
    pub(super) const fn new() -> Self {
        Self::of(SessionId(0))
    }

    const fn of(session: SessionId) -> Self {
        Self { session, messages: i64::MIN, reactions: i64::MIN }
    }

    /// Deletes the next rows, in a transaction; true where more may be left. The session's own row is deleted last, so that the
    /// purge continues after a crash.
    pub(super) fn step(&mut self, db: &mut Db) -> QueryResult<bool> {
        // As in the partial index, which the planner uses only for this exact expression.
        let deleted = diesel::dsl::sql::<diesel::sql_types::Bool>("kind >= 2 AND kind = 4");
        let Some(session) = sessions::table.filter(deleted).select(sessions::id).maybe(db)? else {
            return Ok(false);
        };
        let from = if self.session == session { *self } else { Self::of(session) };
        // Only what is committed counts.
        let next =
            db.write_transaction(|db| if search::try_lock(db)? { from.delete_next(db).map(Some) } else { Ok(None) })?;
        if let Some(next) = next {
            *self = next;
        }
        Ok(next.is_some())
    }

    /// Gives how far the purge has come then.
    fn delete_next(self, db: &mut Db) -> QueryResult<Self> {
        let Self { session, messages, reactions } = self;
        scrub::erased(db)?;
        let to = last(db, NEXT_MESSAGES, session, messages)?;
        if to > messages {
            search::remove_all(db, session, messages, to)?;
            let delete = diesel::sql_query(DELETE_MESSAGES).bind::<BigInt, _>(session);
            delete.bind::<BigInt, _>(messages).bind::<BigInt, _>(to).execute(db)?;
            return Ok(Self { messages: to, ..self });
        }
        let to = last(db, NEXT_REACTIONS, session, reactions)?;
        let delete = diesel::sql_query(DELETE_REACTIONS).bind::<BigInt, _>(session).bind::<BigInt, _>(reactions);
        if delete.execute(db)? == 0 {
            diesel::delete(members::table.filter(members::session_id.eq(session))).execute(db)?;
            diesel::delete(sessions::table.find(session)).execute(db)?;
        }
        Ok(Self { reactions: to, ..self })
    }
}

fn last(db: &mut Db, query: &str, session: SessionId, from: i64) -> QueryResult<i64> {
    let query = diesel::sql_query(query).bind::<BigInt, _>(session).bind::<BigInt, _>(from);
    Ok(query.get_result::<Number>(db)?.n)
}
