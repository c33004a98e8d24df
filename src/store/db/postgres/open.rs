//! Opening a database: the settings of each kind of connection.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;

use super::catalog::is;
use super::connect::connect;
use super::lock::{self, Use, begin_start, lock};
use super::migrations::{has_pending_migrations, has_rows, is_empty, migrate, reject_foreign};
use super::timeline::check_timeline;
use crate::config::PostgresUrl;
use crate::store::StartError;
use crate::store::db::Db;

/// A batch waits for locks at most twice before others go on: for one that stands still, and for one of a batch that waits for
/// that. Statements are short and their parameters similar: plans for each parameter, and compiled ones, cost more than they save.
/// A transaction that stands still is ended by the server, so that its locks are released.
const WRITER: &str = "SET lock_timeout = '150ms'; SET statement_timeout = '10s'; \
                      SET idle_in_transaction_session_timeout = '3s'; SET jit = off; SET enable_seqscan = off; \
                      SET plan_cache_mode = force_generic_plan; SET client_min_messages = warning;";

/// Each read is one snapshot.
const READER: &str = "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on; \
                      SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'; SET jit = off;";

/// The same for lists and checks of operators, which may take as long as they need.
const OPERATOR: &str = "SET default_transaction_isolation = 'repeatable read'; SET default_transaction_read_only = on;";

/// Migrations and copies take as long as they need, whatever the role's settings are.
const PATIENT: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
                       SET client_min_messages = warning;";

/// Locks the database for this connection and runs pending migrations, in an empty database all of them. Gives the
/// migrations that were run. After a failover the database has a new epoch. Fails where the database is served, is not
/// Parlor's, is newer than this program, is a standby, or cannot be reached.
pub(crate) fn open_and_migrate(url: &PostgresUrl) -> Result<(Db, Vec<String>), StartError> {
    let mut db = connect_for(url, Use::Exclusive)?;
    let run = migrate(url, &mut db)?;
    db.batch_execute(WRITER)?;
    check_timeline(&mut db)?;
    Ok((Db::Postgres(db), run))
}

/// The same for a server, beside which others may serve the database. No other one starts until [`end_start`].
pub(crate) fn open_node(url: &PostgresUrl) -> Result<Db, StartError> {
    let mut db = connect_for(url, Use::Shared)?;
    begin_start(url, &mut db)?;
    migrate(url, &mut db)?;
    db.batch_execute(WRITER)?;
    check_timeline(&mut db)?;
    Ok(Db::Postgres(db))
}

/// The server has started: others may.
pub(crate) fn end_start(db: &mut PgConnection) -> Result<(), StartError> {
    Ok(lock::end_start(db)?)
}

/// Locks an empty database and begins a transaction in which it has the current schema. Fails with [`StartError::NotEmpty`]
/// where a table has a row. Nothing is changed unless the transaction is committed.
pub(crate) fn begin_empty(url: &PostgresUrl) -> Result<Db, StartError> {
    let mut db = connect_for(url, Use::Exclusive)?;
    AnsiTransactionManager::begin_transaction(&mut db)?;
    migrate(url, &mut db)?;
    if has_rows(&mut db)? {
        return Err(StartError::NotEmpty(url.to_string()));
    }
    Ok(Db::Postgres(db))
}

/// Another writing connection to a database that this process serves; after a failover the database has a new epoch. Fails
/// where a command needs it for itself, and like [`open_and_migrate`].
pub(crate) fn reopen(url: &PostgresUrl) -> Result<Db, StartError> {
    let mut db = connect_for(url, Use::Shared)?;
    db.batch_execute(WRITER)?;
    check_timeline(&mut db)?;
    Ok(Db::Postgres(db))
}

/// A connection that has the database for itself. Fails where another process has it, and like [`open_and_migrate`].
pub(crate) fn open_alone(url: &PostgresUrl) -> Result<Db, StartError> {
    connect_for(url, Use::Exclusive).map(Db::Postgres)
}

/// A reading connection, which cannot write, whatever a query contains.
pub(crate) fn reader(url: &PostgresUrl) -> Result<Db, StartError> {
    let mut db = connect(url)?;
    db.batch_execute(READER)?;
    Ok(Db::Postgres(db))
}

/// A connection without the lock, for use beside a server. Fails where the database is empty, not Parlor's, or a later version
/// wrote it.
pub(crate) fn open_shared(url: &PostgresUrl) -> Result<PgConnection, StartError> {
    let mut db = connect(url)?;
    reject_foreign(url, &mut db)?;
    if is_empty(&mut db)? {
        return Err(StartError::Empty(url.to_string()));
    }
    Ok(db)
}

/// The same, read-only and with every migration run. Also fails where migrations are pending.
pub(crate) fn open_read_only(url: &PostgresUrl) -> Result<Db, StartError> {
    let mut db = open_shared(url)?;
    if has_pending_migrations(&mut db)? {
        return Err(StartError::Older(url.to_string()));
    }
    db.batch_execute(PATIENT)?;
    db.batch_execute(OPERATOR)?;
    Ok(Db::Postgres(db))
}

/// A connection that has the lock, to a database that is empty or Parlor's and can be written to.
fn connect_for(url: &PostgresUrl, for_use: Use) -> Result<PgConnection, StartError> {
    let mut db = connect(url)?;
    lock(url, &mut db, for_use)?;
    reject_foreign(url, &mut db)?;
    if is(&mut db, "SELECT pg_is_in_recovery() AS is_true")? {
        return Err(StartError::Open(format!(
            "{url} is a standby, which cannot be written to; connect to the primary"
        )));
    }
    db.batch_execute(PATIENT)?;
    Ok(db)
}
