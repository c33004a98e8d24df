//! What SQLite checks in its file: the schema, on which the other checks depend, and rows that refer to others. PostgreSQL
//! enforces foreign keys, but `messages` has none, and a restored dump may have been loaded without.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Faults;
use crate::config::PostgresUrl;
use crate::store::db::{self, Number, postgres};
use crate::store::{Db, StartError};

/// A column that has an id of another table.
#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    key: String,
}

/// The foreign keys that SQLite's schema has.
const REFERENCES: &str = "SELECT t.name AS child, k.\"from\" AS \"column\", k.\"table\" AS parent, k.\"to\" AS key \
                          FROM sqlite_master t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table' ORDER BY 1, 2";

/// Reported for one reference at most.
const MOST: i64 = 100;

/// By how much the newest message is ahead of the sequence that numbers messages.
const NUMBERS: &str = "SELECT coalesce((SELECT max(id) FROM messages), 0) - s.last_value \
                       - CASE WHEN s.is_called THEN q.seqincrement ELSE 0 END + 1 AS n \
                       FROM message_ids s, pg_sequence q WHERE q.seqrelid = 'message_ids'::regclass";

/// The schema is as the migrations make it.
pub(super) fn schema(url: &PostgresUrl, db: &mut Db, faults: &mut Faults) -> Result<(), StartError> {
    let Db::Postgres(db) = db else { return Ok(()) };
    let Some(expected) = postgres::expected_objects(url)? else { return Ok(()) };
    let present = postgres::objects(db)?;
    for object in expected.iter().filter(|object| !present.contains(object)) {
        let is_here = present.iter().any(|other| other.kind == object.kind && other.name == object.name);
        let how = if is_here { "is not as the migrations make it" } else { "is missing" };
        faults.add(format!("the {} {} {how}", object.kind, object.name));
    }
    Ok(())
}

pub(super) fn references(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let Ok(mut sqlite) = db::sqlite::in_memory() else { return Err(diesel::result::Error::NotFound) };
    for Reference { child, column, parent, key } in diesel::sql_query(REFERENCES).load(&mut sqlite)? {
        let missing = format!(
            "SELECT DISTINCT c.{column} AS n FROM {child} c LEFT JOIN {parent} p ON p.{key} = c.{column} \
             WHERE c.{column} IS NOT NULL AND p.{key} IS NULL ORDER BY 1 LIMIT {MOST}"
        );
        for Number { n } in diesel::sql_query(missing).load(db)? {
            faults.add(format!("a row of {child} points at a row of {parent} that does not exist: {column} is {n}"));
        }
        faults.pause();
    }
    let ahead = diesel::sql_query(NUMBERS).get_result::<Number>(db)?.n;
    faults.unless(ahead <= 0, || format!("the sequence message_ids is {ahead} behind the newest message"));
    Ok(())
}
