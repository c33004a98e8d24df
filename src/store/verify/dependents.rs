//! Rows that depend on messages: keys, reactions, the search index; and the count of users.

use diesel::connection::DefaultLoadingMode;
use diesel::sql_types::BigInt;

use super::Faults;
use crate::domain::{SessionId, UserId};
use crate::store::db::columns::UserState;
use crate::store::db::prelude::*;
use crate::store::db::schema::{server, users};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    session: i64,
    #[diesel(sql_type = BigInt)]
    other: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Idempotency keys that were used twice.
const KEYS: &str = "SELECT session_id AS session, sender_id AS other, count(*) AS count FROM messages \
                    WHERE key IS NOT NULL GROUP BY session_id, sender_id, key HAVING count(*) > 1";

/// Reactions to missing or deleted messages and to notices.
const REACTIONS: &str = "SELECT r.session_id AS session, r.seq AS other, count(*) AS count FROM reactions r \
                         LEFT JOIN messages m ON m.session_id = r.session_id AND m.seq = r.seq \
                         JOIN sessions s ON s.id = r.session_id \
                         WHERE s.kind <> 4 AND (m.id IS NULL OR m.deleted OR m.kind <> 0) GROUP BY r.session_id, r.seq";

/// Indexed messages that are deleted.
const WORDS: &str = "SELECT m.session_id AS session, m.seq AS other, CAST(1 AS BIGINT) AS count FROM messages m \
                     JOIN indexed d ON d.id = m.id WHERE m.deleted";

/// Indexed messages that do not exist, or that the index has not reached.
const AHEAD: &str = "SELECT CAST(0 AS BIGINT) AS session, d.id AS other, CAST(1 AS BIGINT) AS count FROM indexed d \
                     LEFT JOIN messages m ON m.id = d.id \
                     WHERE m.id IS NULL OR d.id > coalesce((SELECT indexed FROM server), 0)";

pub(super) fn check(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    each(db, KEYS, |Row { session, other, count }| {
        faults.add(format!("session {}: user {} used one key for {count} messages", SessionId(session), UserId(other)));
    })?;
    each(db, REACTIONS, |Row { session, other, count }| {
        let session = SessionId(session);
        faults.add(format!("session {session}, seq {other}: {count} reactions to what is no message, or deleted"));
    })?;
    // SQLite's index has a table with a row for each message.
    let indexed = match db {
        Db::Sqlite(_) => "WITH indexed AS (SELECT id FROM search_docsize)",
        Db::Postgres(_) => "WITH indexed AS (SELECT message_id AS id FROM search)",
    };
    each(db, &format!("{indexed} {WORDS}"), |Row { session, other, .. }| {
        faults.add(format!("session {}, seq {other}: is deleted and can still be searched", SessionId(session)));
    })?;
    each(db, &format!("{indexed} {AHEAD}"), |Row { other, .. }| {
        faults.add(format!("the search index has message number {other}, which it cannot have"));
    })
}

pub(super) fn counts(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    db.transaction(|db| {
        let Some(people) = server::table.select(server::people).maybe::<i64>(db)? else {
            faults.add("the table server has no row: this database has no epoch");
            return Ok(());
        };
        let here: i64 = users::table.filter(users::state.lt(UserState::Deleted)).count().get_result(db)?;
        faults.unless(people == here, || format!("the server counts {people} people, and there are {here}"));
        Ok(())
    })
}

fn each(db: &mut Db, query: &str, mut take: impl FnMut(Row)) -> QueryResult<()> {
    for row in diesel::sql_query(query).load_iter::<Row, DefaultLoadingMode>(db)? {
        take(row?);
    }
    Ok(())
}
