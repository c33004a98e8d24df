//! Whether a process serves a database, for those beside it.

use diesel::prelude::*;

use super::lock::is_locked;
use super::open::open_shared;
use crate::config::PostgresUrl;
use crate::store::StartError;

/// True where a process serves the database.
pub(crate) fn is_served(url: &PostgresUrl) -> Result<bool, StartError> {
    Ok(is_locked(&mut open_shared(url)?)?)
}

/// Tests repeatedly whether a database is served.
pub(crate) struct ServedProbe(PgConnection);

impl ServedProbe {
    pub(crate) fn open(url: &PostgresUrl) -> Result<Self, StartError> {
        open_shared(url).map(Self)
    }

    pub(crate) fn is_free(&mut self) -> bool {
        matches!(is_locked(&mut self.0), Ok(false))
    }
}
