//! The errors of the store. Those of Diesel are not exposed.

use std::path::PathBuf;

use crate::domain::Refusal;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Not allowed; the transaction is rolled back.
    #[error("refused: {0}")]
    Refused(Refusal),
    #[error(transparent)]
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for Error {
    /// A value that cannot be read is logged here and refused as `internal`: it concerns the reader of that row, and not the
    /// transaction, which other changes share.
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::DeserializationError(error) => {
                log::error!("database: {}", with_causes(&*error));
                Self::Refused(Refusal::Internal)
            }
            error => Self::Database(error),
        }
    }
}

/// True for an error of the disk, the connection, or a lock of another process; false for one of a statement or its data.
pub(crate) fn is_outage(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction, _) => true,
        Error::DatabaseError(Kind::SerializationFailure, _) => true,
        Error::DatabaseError(Kind::Unknown, about) => OUTAGES.iter().any(|outage| about.message().starts_with(outage)),
        Error::RollbackErrorOnCommit { .. } | Error::BrokenTransactionManager => true,
        _ => false,
    }
}

/// True where a lock was not available, in time or at once.
pub(crate) fn is_lock_timeout(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    let Error::DatabaseError(Kind::Unknown, about) = error else { return false };
    ["canceling statement due to lock", "could not obtain lock"].iter().any(|begin| about.message().starts_with(begin))
}

/// True where PostgreSQL has ended one transaction in favour of another: repeated, it may succeed.
pub(crate) fn is_conflict(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(Kind::SerializationFailure, _) => true,
        Error::DatabaseError(Kind::Unknown, about) if about.message().starts_with("deadlock detected") => true,
        error => is_lock_timeout(error),
    }
}

/// True where the connection was lost: a commit in flight then has an unknown outcome.
pub(crate) fn is_disconnected(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => true,
        Error::RollbackErrorOnCommit { commit_error, .. } => is_disconnected(commit_error),
        _ => false,
    }
}

/// How the messages of such errors begin: SQLite's, then PostgreSQL's.
const OUTAGES: [&str; 14] = [
    "database or disk is full",
    "disk I/O error",
    "database is locked",
    "unable to open database file",
    "attempt to write a readonly database",
    "locking protocol",
    "canceling statement due to",
    "could not obtain lock",
    "deadlock detected",
    "terminating connection",
    "the database system is",
    "could not extend file",
    "could not write",
    "no connection to the server",
];

/// An error and its causes: Diesel names the field, and its cause the value.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Error {
    /// The refusal for the client; the unexpected is logged here, once.
    pub(crate) fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Database(error) if is_outage(&error) => {
                log::warn!("database: {error}");
                Refusal::Unavailable
            }
            Self::Database(error) => {
                log::error!("database: {error}");
                Refusal::Internal
            }
        }
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is in use by another Parlor server; stop that one first, or give this one another --database-url")]
    InUse(String),
    #[error("{0} is a hard link to a database that a server has open by another name; use that one")]
    OtherName(PathBuf),
    #[error("{0} is not a Parlor database; it was not changed. Give another --database-url")]
    Foreign(String),
    #[error("there is no database at {0}; set --database-url")]
    Missing(String),
    #[error("there is no database at {0}; {1}, or set --database-url")]
    Uncreated(String, &'static str),
    #[error("there is no database of Parlor at {0} yet; `parlor migrate` or a start creates its tables")]
    Empty(String),
    #[error("{0} already has rows; it was not changed. Copy into an empty database")]
    NotEmpty(String),
    #[error(
        "{0} was written by an older Parlor; bring it up to date first, with `parlor migrate` or by starting a server"
    )]
    Older(String),
    #[error("{0} was written by a newer Parlor (it knows the migration {1}, this one does not); it was not changed")]
    Newer(String, String),
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    #[error("cannot open the database: {0}")]
    Open(String),
    #[error("cannot prepare the database: {0}")]
    Prepare(String),
    #[error("cannot start the writer: {0}")]
    Thread(std::io::Error),
}

impl From<diesel::result::Error> for StartError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Prepare(error.to_string())
    }
}
