//! Opening a database by its URL. What differs between the two is in `sqlite` and `postgres`.

use super::{Db, postgres, sqlite};
use crate::store::StartError;

pub(crate) type Location = crate::config::DatabaseUrl;

/// Held for as long as this process serves the database. On PostgreSQL the writing connection itself has the lock.
pub(crate) enum Guard {
    Sqlite {
        _guard: sqlite::Guard,
    },
    /// With the connection that has the lock, where that is not the writing one.
    Postgres {
        _db: Option<Db>,
    },
}

/// Locks the database, creates it where there is none, and runs pending migrations. Gives the lock, the writing connection
/// and the migrations that were run. Fails where the database is served, is not Parlor's, is newer than this program, or
/// cannot be opened.
pub(crate) fn open_and_migrate(location: &Location) -> Result<(Guard, Db, Vec<String>), StartError> {
    match location {
        Location::Sqlite(path) => {
            let (guard, db, run) = sqlite::open_and_migrate(path)?;
            Ok((Guard::Sqlite { _guard: guard }, db, run))
        }
        Location::Postgres(url) => {
            let (db, run) = postgres::open_and_migrate(url)?;
            Ok((Guard::Postgres { _db: None }, db, run))
        }
    }
}

/// The same for a server. On PostgreSQL others may serve the database, too, and none starts until [`end_start`].
pub(crate) fn open_node(location: &Location) -> Result<(Guard, Db), StartError> {
    match location {
        Location::Sqlite(_) => open_and_migrate(location).map(|(guard, db, _)| (guard, db)),
        Location::Postgres(url) => Ok((Guard::Postgres { _db: None }, postgres::open_node(url)?)),
    }
}

/// The server has started: others may.
pub(crate) fn end_start(db: &mut Db) -> Result<(), StartError> {
    match db {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(db) => postgres::end_start(db),
    }
}

/// Begins a transaction in a new database of the current schema: in an SQLite file that is empty, or in a PostgreSQL database
/// without rows, which this connection then has the lock of. Until that is committed a PostgreSQL database is unchanged;
/// where it is not, the file is to be deleted. The file is durable only once it is synced.
pub(crate) fn begin_empty(location: &Location) -> Result<Db, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::begin_empty(path),
        Location::Postgres(url) => postgres::begin_empty(url),
    }
}

/// Takes the lock without opening the database. Fails with [`StartError::InUse`] where another process has it.
pub(crate) fn lock(location: &Location) -> Result<Guard, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::lock(path).map(|guard| Guard::Sqlite { _guard: guard }),
        Location::Postgres(url) => Ok(Guard::Postgres { _db: Some(postgres::open_alone(url)?) }),
    }
}

/// Another writing connection to a database that this process serves already.
pub(crate) fn reopen(location: &Location) -> Result<Db, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::reopen(path),
        Location::Postgres(url) => postgres::reopen(url),
    }
}

/// A reading connection of the server, which cannot write, whatever a query contains.
pub(super) fn reader(location: &Location) -> Result<Db, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::reader(path),
        Location::Postgres(url) => postgres::reader(url),
    }
}

/// A connection without the lock, for use beside a server. Fails where there is no database, it is not Parlor's, or a later
/// version wrote it.
pub(crate) fn open_shared(location: &Location) -> Result<Db, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::open_shared(path).map(Db::Sqlite),
        Location::Postgres(url) => postgres::open_shared(url).map(Db::Postgres),
    }
}

/// The same, read-only and with every migration run. Also fails where migrations are pending.
pub(crate) fn open_read_only(location: &Location) -> Result<Db, StartError> {
    match location {
        Location::Sqlite(path) => sqlite::open_read_only(path),
        Location::Postgres(url) => postgres::open_read_only(url),
    }
}

pub(crate) fn require_migrated(location: &Location, db: &mut Db) -> Result<(), StartError> {
    if has_pending_migrations(db)? { Err(StartError::Older(location.to_string())) } else { Ok(()) }
}

fn has_pending_migrations(db: &mut Db) -> Result<bool, StartError> {
    match db {
        Db::Sqlite(db) => sqlite::has_pending_migrations(db),
        Db::Postgres(db) => postgres::has_pending_migrations(db),
    }
}

/// True where a process serves the database. To be called before there is a connection to it: closing a descriptor of an
/// SQLite file drops SQLite's locks on it.
pub(crate) fn is_served(location: &Location) -> Result<bool, StartError> {
    match location {
        Location::Sqlite(path) => Ok(sqlite::is_served(path)),
        Location::Postgres(url) => postgres::is_served(url),
    }
}

/// Tests repeatedly whether a database is served.
pub(crate) enum ServedProbe {
    Sqlite(sqlite::LockProbe),
    Postgres(postgres::ServedProbe),
}

impl ServedProbe {
    /// Must be created before a connection to the database and dropped after it.
    pub(crate) fn open(location: &Location) -> Result<Self, StartError> {
        match location {
            Location::Sqlite(path) => sqlite::LockProbe::open(path).map(Self::Sqlite),
            Location::Postgres(url) => postgres::ServedProbe::open(url).map(Self::Postgres),
        }
    }

    /// True where no process serves it.
    pub(crate) fn is_free(&mut self) -> bool {
        match self {
            Self::Sqlite(probe) => probe.is_free(),
            Self::Postgres(probe) => probe.is_free(),
        }
    }
}
