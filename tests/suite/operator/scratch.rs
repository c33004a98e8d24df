//! Databases that a test creates beside that of its server, and the rows of any database.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use url::Url;

use crate::kit::*;

/// A PostgreSQL database, dropped with this.
pub struct Scratch {
    name: String,
    pub database: Database,
}

impl Scratch {
    /// An empty one. `None` where no PostgreSQL server is named, after printing so.
    pub fn new() -> Option<Self> {
        Self::with("TEMPLATE template0")
    }

    /// The same, with options of `CREATE DATABASE`.
    pub fn with(options: &str) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let Some(server) = server() else {
            eprintln!("skipped: PARLOR_TEST_POSTGRES names no PostgreSQL server");
            return None;
        };
        let name = format!("parlor_scratch_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut db = PgConnection::establish(server.as_str()).unwrap();
        db.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
        db.batch_execute(&format!("CREATE DATABASE {name} {options}")).unwrap();
        Some(Self { database: Database::Remote(at(server, &name)), name })
    }

    /// A copy of this one, to which nobody may be connected.
    pub fn clone_of(&self) -> Self {
        Self::with(&format!("TEMPLATE {}", self.name)).unwrap()
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let dropped = server().map(|server| PgConnection::establish(server.as_str()));
        if let Some(Ok(mut db)) = dropped {
            let _ = db.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

/// The URL of a database of the PostgreSQL server under test.
pub fn server() -> Option<Url> {
    // The wall is there for the server; this setting is the tests' own.
    #[allow(clippy::disallowed_methods)]
    let url = std::env::var("PARLOR_TEST_POSTGRES").ok()?;
    Some(Url::parse(&url).expect("PARLOR_TEST_POSTGRES is a URL"))
}

/// The URL of another database of that server.
pub fn at(mut server: Url, name: &str) -> String {
    server.set_path(name);
    server.into()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every table of the schema with its columns and their types, in SQLite's terms. Without the index for searches and the list
/// of migrations.
pub fn tables() -> Vec<(String, Vec<(String, String)>)> {
    let folder = crate::kit::folder::Folder::new();
    let path = folder.path().join("parlor.db");
    parlor(&Database::file(&path), &["migrate"], "").ok();
    let tables = lines(
        &Database::file(&path),
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' \
         AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE '~_~_%' ESCAPE '~' ORDER BY name",
    );
    let columns = |table: &String| {
        let columns = format!("SELECT name || ' ' || type AS line FROM pragma_table_info('{table}') ORDER BY name");
        let columns = lines(&Database::file(&path), &columns).into_iter();
        columns.map(|line| line.split_once(' ').map(|(name, r#type)| (name.to_owned(), r#type.to_owned())).unwrap())
    };
    tables.into_iter().map(|table| (table.clone(), columns(&table).collect())).collect()
}

/// The rows of all tables as text, in any database. Without those that a copy does not have, and the columns of `server` in
/// which it differs.
pub fn rows(database: &Database) -> Vec<(String, Vec<String>)> {
    let differs = ["epoch", "indexed", "erased", "scrubbed"];
    let mut all = Vec::new();
    for (table, columns) in tables().into_iter().filter(|(table, _)| table != "requests") {
        let kept = columns.iter().filter(|(column, _)| table != "server" || !differs.contains(&column.as_str()));
        let texts = kept.map(|(column, r#type)| {
            let value = match (r#type.as_str(), database) {
                ("BLOB", Database::File(_)) => format!("lower(hex(\"{column}\"))"),
                ("BLOB", Database::Remote(_)) => format!("encode(\"{column}\", 'hex')"),
                ("BOOLEAN", Database::Remote(_)) => format!("CAST(CAST(\"{column}\" AS INTEGER) AS TEXT)"),
                _ => format!("CAST(\"{column}\" AS TEXT)"),
            };
            format!("'{column}=' || coalesce({value}, 'NULL')")
        });
        let texts: Vec<String> = texts.collect();
        let mut found = lines(database, &format!("SELECT {} AS line FROM {table}", texts.join(" || ' ' || ")));
        found.sort();
        all.push((table, found));
    }
    all
}

/// The values of the column `line`.
pub fn lines(database: &Database, query: &str) -> Vec<String> {
    let found: Vec<Line> = match database {
        Database::File(path) => sql_query(query).load(&mut open(path)),
        Database::Remote(url) => sql_query(query).load(&mut PgConnection::establish(url).unwrap()),
    }
    .unwrap_or_else(|error| panic!("{query}: {error}"));
    found.into_iter().map(|line| line.line).collect()
}

fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(&path.display().to_string()).unwrap()
}
