//! What became of a transaction that failed: certainly rolled back, committed all the same, or unknown.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::job::CommitOutcome;
use super::recovery::{Recovery, Tail};
use crate::store::db::Location;
use crate::store::{Db, is_disconnected};

/// Determines the outcome of failed transactions.
pub(super) enum Outcomes {
    Sqlite {
        recovery: Recovery,
        /// What an earlier failed commit has left in the log.
        remains: Option<Tail>,
    },
    Postgres {
        /// The present transaction's id, by which its outcome can be found out.
        transaction: Option<i64>,
    },
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
}

impl Outcomes {
    pub(super) fn of(location: &Location) -> Self {
        match location {
            Location::Sqlite(file) => Self::Sqlite { recovery: Recovery::of(file), remains: None },
            Location::Postgres(_) => Self::Postgres { transaction: None },
        }
    }

    /// Records the id of a PostgreSQL transaction that has begun.
    pub(super) const fn begun(&mut self, id: i64) {
        if let Self::Postgres { transaction } = self {
            *transaction = Some(id);
        }
    }

    /// A commit has succeeded: it has overwritten what was left in the log.
    pub(super) const fn succeeded(&mut self) {
        match self {
            Self::Sqlite { remains, .. } => *remains = None,
            Self::Postgres { transaction } => *transaction = None,
        }
    }

    /// After a failover: ids are given out again that the old history had, so they identify none of its transactions.
    pub(super) const fn history_replaced(&mut self) {
        if let Self::Postgres { transaction } = self {
            *transaction = None;
        }
    }

    /// The outcome of a failed SQLite transaction, from the log. To be called before anything else is written. On PostgreSQL a
    /// commit in flight when the connection is lost is unknown until [`resolve`](Self::resolve).
    pub(super) fn of_failed(&mut self, error: &diesel::result::Error, is_complete: bool) -> CommitOutcome {
        match self {
            Self::Sqlite { recovery, remains } => {
                let (before, tail) = (*remains, recovery.tail());
                *remains = tail.as_ref().ok().copied().flatten();
                match tail {
                    // Only a `COMMIT` can leave anything behind.
                    _ if !is_complete => CommitOutcome::RolledBack,
                    Ok(tail) if tail.is_none() || tail == before => CommitOutcome::RolledBack,
                    Ok(_) => CommitOutcome::Unknown,
                    Err(error) => {
                        log::debug!("the log cannot be read: {error}");
                        CommitOutcome::Unknown
                    }
                }
            }
            Self::Postgres { .. } if is_complete && is_disconnected(error) => CommitOutcome::Unknown,
            Self::Postgres { .. } => CommitOutcome::RolledBack,
        }
    }

    /// What became of a commit whose answer was lost, asked over a new connection; `None` while the server is still at it.
    pub(super) fn resolve(&self, db: &mut Db) -> QueryResult<Option<CommitOutcome>> {
        let Self::Postgres { transaction: Some(id) } = self else { return Ok(Some(CommitOutcome::Unknown)) };
        let query = diesel::sql_query("SELECT pg_xact_status($1::text::xid8) AS status").bind::<BigInt, _>(id);
        Ok(match query.get_result::<Status>(db)?.status.as_deref() {
            Some("committed") => Some(CommitOutcome::Committed),
            Some("aborted") => Some(CommitOutcome::RolledBack),
            Some("in progress") => None,
            _ => Some(CommitOutcome::Unknown),
        })
    }
}
