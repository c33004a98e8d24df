//! Rewrites pages that may have remains of deleted content, without changing their rows.

use diesel::sql_types::{BigInt, Binary, Nullable};

use super::pages::{Pages, Stained};
use crate::store::db::Number;
use crate::store::db::prelude::*;

/// The first id of tombstone pages in `search_data`: a segment has them under its number plus 2^16, followed by 37 bits.
const TOMBSTONES: i64 = 1 << (16 + 37);

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Nullable<Binary>)]
    value: Option<Vec<u8>>,
}

/// Merges about so many pages of the index towards a single segment without the words of deleted messages; false where none
/// are left.
pub(super) fn merge(db: &mut Db, pages: i64) -> QueryResult<bool> {
    let deleted = format!("search_data WHERE id >= {TOMBSTONES}");
    if !exists(db, &deleted)? {
        return Ok(false);
    }
    db.write_transaction(|db| {
        diesel::sql_query(format!("INSERT INTO search (search, rank) VALUES ('merge', -{pages})")).execute(db)?;
        let left = exists(db, &deleted)?;
        if !left {
            rewrite_separators(db)?;
        }
        Ok(left)
    })
}

fn exists(db: &mut Db, rows: &str) -> QueryResult<bool> {
    let found = diesel::sql_query(format!("SELECT EXISTS (SELECT 1 FROM {rows}) AS n"));
    Ok(found.get_result::<Number>(db)?.n != 0)
}

/// Rewrites the separator terms of the index. They are words, and this table has no column in which a row could grow.
fn rewrite_separators(db: &mut Db) -> QueryResult<()> {
    for statement in [
        "CREATE TEMP TABLE separators AS SELECT segid, term, pgno FROM search_idx",
        "DELETE FROM search_idx",
        "INSERT INTO search_idx (segid, term, pgno) SELECT segid, term, pgno FROM temp.separators ORDER BY segid, term",
        "DROP TABLE temp.separators",
    ] {
        diesel::sql_query(statement).execute(db)?;
    }
    Ok(())
}

/// Blanks the unused parts of these leaves: one row of each is made to fill them and then restored.
pub(super) fn blank(db: &mut Db, pages: &Pages, (table, column): (&str, &str), stained: &[Stained]) -> QueryResult<()> {
    if stained.is_empty() {
        return Ok(());
    }
    if stained.contains(&Stained::Empty) {
        rewrite_empty(db, table)?;
    }
    let read = format!("SELECT CAST({column} AS BLOB) AS value FROM {table} WHERE rowid = $1");
    let write = if column == "block" { "$1" } else { "CAST($1 AS TEXT)" };
    let write = format!("UPDATE {table} SET {column} = {write} WHERE rowid = $2");
    db.write_transaction(|db| {
        for stained in stained {
            let Stained::Row(target) = stained else { continue };
            let read = diesel::sql_query(&read).bind::<BigInt, _>(target.row);
            let Some(Value { value }) = read.get_result(db).optional()? else { continue };
            let length = value.as_ref().map_or(0, Vec::len);
            let mut grown = value.clone().unwrap_or_default();
            grown.resize(length + pages.growth(target, length), b' ');
            for value in [Some(grown), value] {
                let write = diesel::sql_query(&write).bind::<Nullable<Binary>, _>(value);
                write.bind::<BigInt, _>(target.row).execute(db)?;
            }
        }
        Ok(())
    })
}

/// Rewrites the only page of a table without rows.
fn rewrite_empty(db: &mut Db, table: &str) -> QueryResult<()> {
    // With foreign keys on, SQLite would delete row by row, which for no rows writes nothing.
    diesel::sql_query("PRAGMA foreign_keys = OFF").execute(db)?;
    let cleared = db.write_transaction(|db| {
        if !exists(db, table)? {
            diesel::sql_query(format!("DELETE FROM {table}")).execute(db)?;
        }
        Ok(())
    });
    diesel::sql_query("PRAGMA foreign_keys = ON").execute(db)?;
    cleared
}
