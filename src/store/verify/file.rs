//! SQLite's own invariants, pages, indexes and foreign keys, and the schema, on which the other checks depend.

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

pub(super) fn integrity(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    lines(diesel::sql_query("PRAGMA integrity_check").load(db)?, faults);
    Ok(())
}

/// The same table by table, each in a snapshot of its own, without pages that belong to no table.
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

pub(super) fn references(db: &mut Db, faults: &mut Faults) -> QueryResult<()> {
    // Tables without a rowid are reported without one.
    let orphans: Vec<Orphan> =
        diesel::sql_query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check").load(db)?;
    for Orphan { table, rowid, parent } in orphans {
        let row = rowid.map_or_else(|| "a row".to_owned(), |row| format!("row {row}"));
        faults.add(format!("{row} of {table} points at a row of {parent} that does not exist"));
    }
    Ok(())
}

/// The schema is as the migrations make it: constraints depend on unique indexes and triggers.
pub(super) fn schema(db: &mut Db, faults: &mut Faults) -> Result<(), StartError> {
    let expected = objects(&mut db::sqlite::in_memory()?)?;
    let present = objects(db)?;
    for object in expected.iter().filter(|object| !present.contains(object)) {
        let Object { r#type: kind, name, .. } = object;
        let is_here = present.iter().any(|other| other.name == *name);
        let how = if is_here { "is not as the migrations make it" } else { "is missing" };
        faults.add(format!("the {kind} {name} {how}"));
    }
    Ok(())
}

fn objects(db: &mut Db) -> QueryResult<Vec<Object>> {
    // The tables behind the search index are SQLite's own.
    diesel::sql_query(
        "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_master \
         WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'search~_%' ESCAPE '~' ORDER BY name",
    )
    .load(db)
}
