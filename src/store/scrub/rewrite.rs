//! Rewriting what may hold remains of deleted content, without changing what it says.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable};

use super::pages::{Pages, Stained};
use super::{Db, Found};

/// Where the lists of deleted messages begin among the rows of the full-text index: a segment keeps its own under its
/// number and 2^16, which is followed by 37 bits.
const TOMBSTONES: i64 = 1 << (16 + 37);

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Nullable<Binary>)]
    value: Option<Vec<u8>>,
}

/// Merges about so many pages of the index on the way to a single segment without the words of deleted messages; false where
/// none are left.
pub(super) fn merge(db: &mut Db, pages: i64) -> QueryResult<bool> {
    let has_deleted = format!("SELECT EXISTS (SELECT 1 FROM search_data WHERE id >= {TOMBSTONES}) AS n");
    let has_deleted: Found = diesel::sql_query(has_deleted).get_result(db)?;
    if has_deleted.n == 0 {
        return Ok(false);
    }
    db.immediate_transaction(|db| {
        diesel::sql_query(format!("INSERT INTO search (search, rank) VALUES ('merge', -{pages})")).execute(db)?;
        let left: Found =
            diesel::sql_query(format!("SELECT EXISTS (SELECT 1 FROM search_data WHERE id >= {TOMBSTONES}) AS n"))
                .get_result(db)?;
        if left.n == 0 {
            separators(db)?;
        }
        Ok(left.n != 0)
    })
}

/// Writes the beginnings of the index's pages anew. They are words, and the rows of this table have no room to grow in.
fn separators(db: &mut Db) -> QueryResult<()> {
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

/// Blanks the unused parts of these leaves: a row on each grows until it fills them, and becomes again what it was.
pub(super) fn blank(db: &mut Db, pages: &Pages, place: (&str, &str), stained: &[Stained]) -> QueryResult<()> {
    if stained.is_empty() {
        return Ok(());
    }
    let (table, column) = place;
    if stained.contains(&Stained::Empty) {
        clear(db, table)?;
    }
    let read = format!("SELECT CAST({column} AS BLOB) AS value FROM {table} WHERE rowid = $1");
    let write = if column == "block" { "$1" } else { "CAST($1 AS TEXT)" };
    let write = format!("UPDATE {table} SET {column} = {write} WHERE rowid = $2");
    db.immediate_transaction(|db| {
        for stained in stained {
            let Stained::Row(remains) = stained else { continue };
            let read = diesel::sql_query(&read).bind::<BigInt, _>(remains.row);
            let Some(Value { value }) = read.get_result(db).optional()? else { continue };
            let length = value.as_ref().map_or(0, Vec::len);
            let mut grown = value.clone().unwrap_or_default();
            grown.resize(length + pages.growth(remains, length), b' ');
            for value in [Some(grown), value] {
                let write = diesel::sql_query(&write).bind::<Nullable<Binary>, _>(value);
                write.bind::<BigInt, _>(remains.row).execute(db)?;
            }
        }
        Ok(())
    })
}

/// Writes the only page of a table without rows anew.
fn clear(db: &mut Db, table: &str) -> QueryResult<()> {
    // With keys that point elsewhere a table is emptied row by row, and of that there is nothing to do.
    diesel::sql_query("PRAGMA foreign_keys = OFF").execute(db)?;
    let cleared = db.immediate_transaction(|db| {
        let rows: Found = diesel::sql_query(format!("SELECT EXISTS (SELECT 1 FROM {table}) AS n")).get_result(db)?;
        if rows.n == 0 {
            diesel::sql_query(format!("DELETE FROM {table}")).execute(db)?;
        }
        Ok(())
    });
    diesel::sql_query("PRAGMA foreign_keys = ON").execute(db)?;
    cleared
}
