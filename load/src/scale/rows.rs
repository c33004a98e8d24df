//! Rows on their way into a database that no server has open: gathered, and written hundreds with one statement.

use std::fmt::Write;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::error::LoadError;

const TOGETHER: usize = 500;

#[derive(Debug)]
pub struct Rows {
    into: &'static str,
    statement: String,
    count: usize,
}

impl Rows {
    pub fn new(into: &'static str) -> Self {
        Self { into, statement: String::new(), count: 0 }
    }

    /// Adds one row, as SQL. The values are the program's own: there is nothing in them to be escaped.
    pub fn add(&mut self, row: std::fmt::Arguments<'_>, db: &mut Database) -> Result<(), LoadError> {
        let before = if self.count == 0 { "INSERT INTO " } else { "," };
        self.statement.push_str(before);
        if self.count == 0 {
            self.statement.push_str(self.into);
            self.statement.push_str(" VALUES ");
        }
        let _ = write!(self.statement, "({row})");
        self.count += 1;
        if self.count == TOGETHER { self.write(db) } else { Ok(()) }
    }

    pub fn write(&mut self, db: &mut Database) -> Result<(), LoadError> {
        if self.count > 0 {
            db.run(&self.statement)?;
        }
        self.statement.clear();
        self.count = 0;
        Ok(())
    }
}

pub struct Database(SqliteConnection);

impl Database {
    /// Opens it, for writing that need not be safe before its end.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let wrong = |error: diesel::ConnectionError| LoadError::answer(path.display().to_string(), error.to_string());
        let mut db = Self(SqliteConnection::establish(&path.display().to_string()).map_err(wrong)?);
        db.run("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY; BEGIN")?;
        Ok(db)
    }

    pub fn run(&mut self, statements: &str) -> Result<(), LoadError> {
        let what = || statements.chars().take(80).collect::<String>();
        self.0.batch_execute(statements).map_err(|error| LoadError::answer(what(), error.to_string()))
    }

    pub fn keep(mut self) -> Result<(), LoadError> {
        self.run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
    }
}
