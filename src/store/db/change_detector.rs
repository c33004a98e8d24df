//! Whether the database may have been written to by another process.

use super::{Location, sqlite};

/// Decides when to query for changes by other processes.
#[derive(Debug)]
pub(crate) enum ChangeDetector {
    /// By the metadata of the file, without a query.
    Sqlite(sqlite::LogWatch),
    /// Found out by a query, which costs little with an index.
    Postgres,
}

impl ChangeDetector {
    /// The first check reports a change.
    pub(crate) fn new(location: &Location) -> Self {
        match location {
            Location::Sqlite(path) => Self::Sqlite(sqlite::LogWatch::new(&sqlite::companion(path, "-wal"))),
            Location::Postgres(_) => Self::Postgres,
        }
    }

    /// True where the database may have changed and is to be queried.
    pub(crate) fn may_have_changed(&mut self) -> bool {
        match self {
            Self::Sqlite(log) => log.may_have_changed(),
            Self::Postgres => true,
        }
    }

    /// The query failed: the next checks report a change again.
    pub(crate) const fn reset(&mut self) {
        if let Self::Sqlite(log) = self {
            log.reset();
        }
    }
}
