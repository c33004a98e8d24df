//! The lock of the process that serves a database: an advisory lock, which PostgreSQL releases when its connection ends.

use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::catalog::Answer;
use crate::config::PostgresUrl;
use crate::store::StartError;

/// The key of the advisory lock, which belongs to one database: "Parl".
const KEY: i64 = 0x5061_726c;

/// PostgreSQL notices a moment later that the process which had the lock has ended.
const HANDOVER: Duration = Duration::from_millis(300);
const POLL: Duration = Duration::from_millis(20);

/// Takes the lock for as long as `db` is connected. Fails with [`StartError::InUse`] where another process has it.
pub(super) fn lock(url: &PostgresUrl, db: &mut PgConnection) -> Result<(), StartError> {
    let end = Instant::now() + HANDOVER;
    loop {
        let query = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS is_true").bind::<BigInt, _>(KEY);
        if query.get_result::<Answer>(db)?.is_true {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(StartError::InUse(url.to_string()));
        }
        thread::sleep(POLL);
    }
}

/// True where a process has the lock.
pub(super) fn is_locked(db: &mut PgConnection) -> QueryResult<bool> {
    // A key of 64 bits is shown as two of 32.
    let query = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted \
                 AND classid::bigint = $1 >> 32 AND objid::bigint = $1 & 4294967295 \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS is_true";
    Ok(diesel::sql_query(query).bind::<BigInt, _>(KEY).get_result::<Answer>(db)?.is_true)
}
