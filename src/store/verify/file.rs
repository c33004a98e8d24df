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

/// A table, index or trigger.
#[derive(PartialEq, Eq, QueryableByName)]
pub(super) struct Object {
    #[diesel(sql_type = Text)]
    r#type: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// SQLite's own check of the whole file.
pub(super) fn integrity(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    lines(diesel::sql_query("PRAGMA integrity_check").load(db)?, faults);
    Ok(())
}

/// The same table by table, each in a snapshot of its own. What lies between tables, unused pages above all, is not
/// looked at.
pub(super) fn tables(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    let tables = objects(db)?.into_iter().filter(|object| object.r#type == "table");
    for Object { name, .. } in tables {
        let check = format!("PRAGMA integrity_check(\"{}\")", name.replace('"', "\"\""));
        lines(diesel::sql_query(check).load(db)?, faults);
        faults.pause();
    }
    Ok(())
}

fn lines(lines: Vec<Line>, faults: &mut Faults) {
    for line in lines.iter().flat_map(|line| line.integrity_check.lines()).filter(|line| *line != "ok") {
        faults.add(format!("SQLite: {line}"));
    }
}

/// Rows point at rows that exist.
pub(super) fn references(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    // Most tables with ids of their own have them as row number; the others are named without.
    let orphans: Vec<Orphan> =
        diesel::sql_query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check").load(db)?;
    for Orphan { table, rowid, parent } in orphans {
        let row = rowid.map_or_else(|| "a row".to_owned(), |row| format!("row {row}"));
        faults.add(format!("{row} of {table} points at a row of {parent} that does not exist"));
    }
    Ok(())
}

/// Every table, index and trigger as the migrations make them.
pub(super) fn pattern() -> Result<Vec<Object>, StartError> {
    Ok(objects(&mut db::pattern()?)?)
}

/// They stand like that here: a promise that a unique index keeps is not kept without the index.
pub(super) fn schema(db: &mut Db, pattern: &[Object], faults: &mut Faults) -> QueryResult<()> {
    let here = objects(db)?;
    for object in pattern.iter().filter(|object| !here.contains(object)) {
        let Object { r#type: kind, name, .. } = object;
        let is_here = here.iter().any(|other| other.name == *name);
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
