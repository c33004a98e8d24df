//! Advisory locks, which PostgreSQL releases when their connection ends: of the servers of a database, which share it; of a command
//! that needs the database for itself; and of a server that is starting.

use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::advisory::START;
use super::catalog::Answer;
use crate::config::PostgresUrl;
use crate::store::StartError;

/// The key of the lock on a database: "Parl".
const KEY: i64 = 0x5061_726c;

/// PostgreSQL notices a moment later that the process which had the lock has ended.
const HANDOVER: Duration = Duration::from_millis(300);
/// Other servers may be migrating a large database.
const STARTS: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// For what a process needs the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// To serve it, as others may.
    Shared,
    /// For itself.
    Exclusive,
}

/// Locks the database for as long as `db` is connected. Fails with [`StartError::InUse`] where another process has it.
pub(super) fn lock(url: &PostgresUrl, db: &mut PgConnection, for_use: Use) -> Result<(), StartError> {
    let statement = match for_use {
        Use::Shared => "SELECT pg_try_advisory_lock_shared($1) AS is_true",
        Use::Exclusive => "SELECT pg_try_advisory_lock($1) AS is_true",
    };
    take(url, db, (statement, KEY), HANDOVER)
}

/// Waits until no other server is starting, and keeps others from starting until [`end_start`].
pub(super) fn begin_start(url: &PostgresUrl, db: &mut PgConnection) -> Result<(), StartError> {
    take(url, db, ("SELECT pg_try_advisory_lock($1) AS is_true", START), STARTS)
}

/// This server has started.
pub(super) fn end_start(db: &mut PgConnection) -> QueryResult<()> {
    diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(START).execute(db).map(drop)
}

fn take(
    url: &PostgresUrl,
    db: &mut PgConnection,
    (statement, key): (&str, i64),
    patience: Duration,
) -> Result<(), StartError> {
    let end = Instant::now() + patience;
    while !diesel::sql_query(statement).bind::<BigInt, _>(key).get_result::<Answer>(db)?.is_true {
        if Instant::now() > end {
            return Err(StartError::InUse(url.to_string()));
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// True where a process has the lock on the database.
pub(super) fn is_locked(db: &mut PgConnection) -> QueryResult<bool> {
    // A key of 64 bits is shown as two of 32.
    let query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted \
                 AND classid::bigint = $1 >> 32 AND objid::bigint = $1 & 4294967295 \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS is_true";
    Ok(diesel::sql_query(query).bind::<BigInt, _>(KEY).get_result::<Answer>(db)?.is_true)
}
