//! What SQLite promises: whole pages, indexes that agree with their tables, rows that point at rows; and the schema, on
//! which much of the rest stands.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::Faults;
use crate::store::{Db, StartError, db};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    rowid: Option<i64>,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(PartialEq, Eq, QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    r#type: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// SQLite's own checks.
pub fn integrity(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let lines: Vec<Line> = diesel::sql_query("PRAGMA integrity_check").load(db)?;
    for line in lines.iter().filter(|line| line.integrity_check != "ok") {
        faults.add(format!("SQLite: {}", line.integrity_check));
    }
    // Most tables with ids of their own have them as row number; the others are named without.
    let orphans: Vec<Orphan> =
        diesel::sql_query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check").load(db)?;
    for Orphan { table, rowid, parent } in orphans {
        let row = rowid.map_or_else(|| "a row".to_owned(), |row| format!("row {row}"));
        faults.add(format!("{row} of {table} points at a row of {parent} that does not exist"));
    }
    Ok(())
}

/// Every table, index and trigger stands as the migrations make it: a promise that a unique index keeps is not kept
/// without the index.
pub fn schema(db: &mut Db, faults: &mut Faults) -> Result<(), StartError> {
    let (wanted, here) = (objects(&mut db::pattern()?)?, objects(db)?);
    for object in wanted.into_iter().filter(|object| !here.contains(object)) {
        let Object { r#type: kind, name, .. } = object;
        let is_here = here.iter().any(|other| other.name == name);
        let how = if is_here { "is not as the migrations make it" } else { "is missing" };
        faults.add(format!("the {kind} {name} {how}"));
    }
    Ok(())
}

fn objects(db: &mut Db) -> QueryResult<Vec<Object>> {
    // What the search index is made of is SQLite's own business.
    diesel::sql_query(
        "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_master \
         WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'search~_%' ESCAPE '~' ORDER BY name",
    )
    .load(db)
}
