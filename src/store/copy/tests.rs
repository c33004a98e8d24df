//! Nothing of the schema is left out of a copy.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::rows::TABLES;
use crate::store::db;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Operators' requests belong to the server that they were sent to; the rest is SQLite's, Diesel's, or filled by the server.
const NOT_COPIED: [&str; 3] = ["requests", "search", "__diesel_schema_migrations"];

fn names(query: &str) -> Vec<String> {
    let rows: Vec<Name> = diesel::sql_query(query).load(&mut db::sqlite::in_memory().unwrap()).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn every_table_and_column_is_copied() {
    let tables = names(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' \
         AND name NOT LIKE 'search~_%' ESCAPE '~'",
    );
    for table in tables.iter().filter(|table| !NOT_COPIED.contains(&table.as_str())) {
        let copied =
            TABLES.iter().find(|copied| copied.name == table).unwrap_or_else(|| panic!("{table} is not copied"));
        let columns = names(&format!("SELECT name FROM pragma_table_info('{table}')"));
        for column in columns {
            assert!(copied.columns.contains(&column.as_str()), "{table}.{column} is not copied");
        }
    }
    assert_eq!(TABLES.len(), tables.len() - NOT_COPIED.len());
}

#[test]
fn a_table_comes_after_those_it_refers_to() {
    for (at, table) in TABLES.iter().enumerate() {
        let parents = format!("SELECT DISTINCT \"table\" AS name FROM pragma_foreign_key_list('{}')", table.name);
        for parent in names(&parents) {
            assert!(TABLES.iter().take(at).any(|earlier| earlier.name == parent), "{} before {parent}", table.name);
        }
    }
}
