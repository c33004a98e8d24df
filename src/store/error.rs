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
    InUse(PathBuf),
    #[error("{0} is a hard link to a database that a server has open by another name; use that one")]
    OtherName(PathBuf),
    #[error("{0} is not a Parlor database; it was not changed. Give another --database-url")]
    Foreign(PathBuf),
    #[error("there is no database at {0}; set --database-url")]
    Missing(PathBuf),
    #[error(
        "{0} was written by an older Parlor; bring it up to date first, with `parlor migrate` or by starting a server"
    )]
    Older(PathBuf),
    #[error("{0} was written by a newer Parlor (it knows the migration {1}, this one does not); it was not changed")]
    Newer(PathBuf, String),
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
