//! One connection type for both databases, and its transactions.
//!
//! Most queries are written once and run on either. Statements that Diesel cannot express for both (several rows in one
//! `INSERT`, `ON CONFLICT`) and those of the hot path, which must not pay for the indirection, use [`on_inner!`].
#![allow(missing_docs, unreachable_pub)]

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error as DieselError;

/// A connection to the database.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The backend of [`Db`], for conditions that are passed around.
pub(crate) type DbBackend = MultiBackend;

/// Runs an expression on the connection inside [`Db`]: written once, compiled for each database.
macro_rules! on_inner {
    ($db:expr, $inner:ident => $run:expr) => {
        match $db {
            $crate::store::Db::Sqlite($inner) => $run,
            $crate::store::Db::Postgres($inner) => $run,
        }
    };
}
pub(crate) use on_inner;

impl Db {
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs `change` in a transaction that will write. Inside another transaction it fails. SQLite takes its write lock at the
    /// beginning: a transaction that reads first and then writes would fail where another connection has written in between.
    pub(crate) fn write_transaction<T, E: From<DieselError>>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(db) => AnsiTransactionManager::begin_transaction_sql(db, "BEGIN IMMEDIATE")?,
            Self::Postgres(db) => AnsiTransactionManager::begin_transaction_sql(db, "BEGIN")?,
        }
        self.end_transaction(change)
    }

    /// Runs the body of a transaction that has begun, commits it, or rolls it back where the body fails.
    pub(crate) fn end_transaction<T, E: From<DieselError>>(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match body(self) {
            Ok(value) => {
                <Self as Connection>::TransactionManager::commit_transaction(self)?;
                Ok(value)
            }
            Err(error) => match <Self as Connection>::TransactionManager::rollback_transaction(self) {
                Ok(()) | Err(DieselError::BrokenTransactionManager) => Err(error),
                Err(rollback) => Err(rollback.into()),
            },
        }
    }

    /// Begins a transaction for [`Self::end_transaction`].
    pub(crate) fn begin(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::begin_transaction(self)
    }

    /// Has a pool close this connection instead of using it again.
    pub(crate) fn discard(&mut self) {
        <Self as Connection>::TransactionManager::transaction_manager_status_mut(self).set_in_error();
    }

    /// True where the connection is lost, or a transaction was left open.
    pub(crate) fn is_broken(&mut self) -> bool {
        on_inner!(self, db => diesel::r2d2::R2D2Connection::is_broken(db))
    }
}
