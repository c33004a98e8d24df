//! A copy of a whole database, from SQLite or PostgreSQL to either.
//!
//! Its rows are those of one snapshot. It differs from the original in these: it has another epoch, it has no operators'
//! requests, and its search index is empty until a server fills it.

mod cells;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

pub(crate) use cells::Oddities;

use super::db::{self, Number};
use super::error::with_causes;
use super::{Db, Location, StartError};
use rows::TABLES;

/// How far a copy has come; also to stop it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    rows: AtomicU64,
    is_stopped: AtomicBool,
}

impl Progress {
    /// Rows copied so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// The copy ends soon, with [`CopyError::Stopped`] unless it is complete by then.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn advance(&self, rows: usize) -> Result<u64, CopyError> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(CopyError::Stopped);
        }
        let rows = u64::try_from(rows).unwrap_or_default();
        self.rows.fetch_add(rows, Ordering::Relaxed);
        Ok(rows)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    #[error(transparent)]
    Open(#[from] StartError),
    #[error("{}", with_causes(.0))]
    Database(#[from] diesel::result::Error),
    /// Of the rows of one table.
    #[error("{table}: {}", with_causes(.error))]
    Table { table: &'static str, error: diesel::result::Error },
    #[error("stopped")]
    Stopped,
}

impl CopyError {
    fn of_table(self, table: &'static str) -> Self {
        match self {
            Self::Database(error) => Self::Table { table, error },
            error => error,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Copied {
    /// The tables with their rows.
    pub tables: Vec<(&'static str, u64)>,
    pub oddities: Oddities,
}

/// Copies everything that is committed in `from`, which may be served, to `to`: an empty file, or a PostgreSQL database without
/// rows, which is migrated. After an error `to` is as it was, or is a file to be deleted. The file is not synced.
pub(crate) fn copy(from: &Location, to: &Location, progress: &Progress) -> Result<Copied, CopyError> {
    let mut source = db::open_read_only(from)?;
    let mut destination = db::begin_empty(to)?;
    source.begin()?;
    source.end_transaction(|source| destination.end_transaction(|destination| fill(source, destination, progress)))
}

fn fill(source: &mut Db, destination: &mut Db, progress: &Progress) -> Result<Copied, CopyError> {
    let mut oddities = Oddities::new(destination.is_postgres());
    let mut tables = Vec::new();
    for table in TABLES {
        tables.push((table.name, (table.copy)(source, destination, &mut oddities, progress)?));
    }
    continue_numbers(source, destination)?;
    if let Db::Postgres(db) = destination {
        // The first plans would be those for empty tables.
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        db.batch_execute(&format!("ANALYZE {}", names.join(", ")))?;
    }
    Ok(Copied { tables, oddities })
}

/// The copy's next message gets a number that none has had in the original.
fn continue_numbers(source: &mut Db, destination: &mut Db) -> QueryResult<()> {
    let newest = diesel::sql_query(match source {
        Db::Sqlite(_) => "SELECT coalesce(max(seq), 0) AS n FROM sqlite_sequence WHERE name = 'messages'",
        Db::Postgres(_) => "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM message_ids",
    });
    let newest = newest.get_result::<Number>(source)?.n;
    if newest == 0 {
        return Ok(());
    }
    let set = match destination {
        Db::Sqlite(_) => {
            diesel::sql_query("DELETE FROM sqlite_sequence WHERE name = 'messages'").execute(destination)?;
            "INSERT INTO sqlite_sequence (name, seq) \
             SELECT 'messages', max($1, coalesce((SELECT max(id) FROM messages), 0))"
        }
        Db::Postgres(_) => "SELECT setval('message_ids', greatest($1, (SELECT max(id) FROM messages)))",
    };
    diesel::sql_query(set).bind::<BigInt, _>(newest).execute(destination)?;
    Ok(())
}
