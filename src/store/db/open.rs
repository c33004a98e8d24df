//! Opening a database: settings, migrations, and which versions of the schema are accepted.
//!
//! A file that is not Parlor's, or that a later version wrote, is rejected before anything is written to it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::files::{self, APPLICATION_ID};
use super::lock::{Guard, lock, reject_other_name};
use super::{Db, Location, Number};
use crate::store::StartError;

/// `busy_timeout` bounds how long connections wait for each other; in WAL mode only checkpoints make them wait.
/// `secure_delete` blanks deleted content.
pub(super) const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                                  PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; \
                                  PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000; \
                                  PRAGMA journal_size_limit = 16777216;";

/// The same for a process beside the server, which leaves the journal mode as it is and sorts on disk.
const SHARED_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                              PRAGMA cache_size = -32768; PRAGMA temp_store = FILE; PRAGMA secure_delete = ON; \
                              PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 16777216;";

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Locks the database, creates it where there is none, and runs pending migrations. Gives the lock, the writing connection
/// and the migrations that were run. Fails where the database is served, is not Parlor's, is newer than this program, or
/// cannot be opened.
pub(crate) fn open_and_migrate(location: &Location) -> Result<(Guard, Db, Vec<String>), StartError> {
    let Location::Sqlite(path) = location;
    let guard = lock(location)?;
    let is_new = files::is_new(path)?;
    if is_new {
        files::create(path).map_err(|error| StartError::File(path.to_owned(), error))?;
    }
    files::make_private(path);
    let mut db = connect(path)?;
    if is_new {
        // Marked first and outside WAL, so that the mark is in the file itself whatever happens next.
        db.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID};"))?;
    }
    reject_newer(path, &mut db)?;
    db.batch_execute(PRAGMAS)?;
    let run = db.run_pending_migrations(MIGRATIONS).map_err(prepare)?;
    let run = run.iter().map(ToString::to_string).collect();
    Ok((guard, db, run))
}

/// Another writing connection to a database that this process serves already.
pub(crate) fn reopen(Location::Sqlite(path): &Location) -> Result<Db, StartError> {
    let mut db = connect(path)?;
    db.batch_execute(PRAGMAS)?;
    Ok(db)
}

/// A connection without the lock, for use beside a server. Fails where there is no database, it is not Parlor's, or a later
/// version wrote it.
pub(crate) fn open_shared(Location::Sqlite(path): &Location) -> Result<Db, StartError> {
    if files::is_new(path)? {
        return Err(StartError::Missing(path.to_owned()));
    }
    reject_other_name(path)?;
    files::make_private(path);
    let mut db = connect(path)?;
    db.batch_execute(SHARED_PRAGMAS)?;
    reject_newer(path, &mut db)?;
    Ok(db)
}

/// The same, read-only and with every migration run. Also fails where migrations are pending.
pub(crate) fn open_read_only(location: &Location) -> Result<Db, StartError> {
    let mut db = open_shared(location)?;
    require_migrated(location, &mut db)?;
    db.batch_execute("PRAGMA query_only = ON;")?;
    Ok(db)
}

pub(crate) fn require_migrated(Location::Sqlite(path): &Location, db: &mut Db) -> Result<(), StartError> {
    if db.has_pending_migration(MIGRATIONS).map_err(prepare)? {
        Err(StartError::Older(path.to_owned()))
    } else {
        Ok(())
    }
}

/// An empty database in memory with the current schema.
pub(crate) fn in_memory() -> Result<Db, StartError> {
    let mut db = SqliteConnection::establish(":memory:").map_err(|error| StartError::Open(error.to_string()))?;
    db.run_pending_migrations(MIGRATIONS).map_err(prepare)?;
    Ok(db)
}

pub(super) fn connect(path: &Path) -> Result<Db, StartError> {
    let name = sqlite_name(path)?;
    SqliteConnection::establish(&name).map_err(|error| StartError::Open(format!("{}: {error}", path.display())))
}

/// A path as SQLite takes it: a leading `./` keeps a name like `file:x` from being read as a URI.
pub(super) fn sqlite_name(path: &Path) -> Result<String, StartError> {
    let name = path.to_str().ok_or_else(|| StartError::Open("its path is not UTF-8".to_owned()))?;
    Ok(if path.is_absolute() { name.to_owned() } else { format!("./{name}") })
}

fn reject_newer(path: &Path, db: &mut Db) -> Result<(), StartError> {
    use diesel::migration::MigrationSource;
    if !has_table(db, "__diesel_schema_migrations")? {
        return Ok(());
    }
    let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS).map_err(prepare)?;
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    for version in db.applied_migrations().map_err(prepare)? {
        let version = version.to_string();
        if !known.contains(&version) {
            return Err(StartError::Newer(path.to_owned(), version));
        }
    }
    Ok(())
}

pub(super) fn has_table(db: &mut Db, name: &str) -> QueryResult<bool> {
    let count = diesel::sql_query("SELECT count(*) AS n FROM sqlite_master WHERE name = $1").bind::<Text, _>(name);
    Ok(count.get_result::<Number>(db)?.n > 0)
}

fn prepare(error: impl std::fmt::Display) -> StartError {
    StartError::Prepare(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(db: &mut Db) -> Vec<String> {
        diesel::dsl::sql::<diesel::sql_types::Text>(
            "SELECT coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .load(db)
        .unwrap()
    }

    #[test]
    fn migrations_go_up_and_down_and_up_to_the_same_schema() {
        let mut db = SqliteConnection::establish(":memory:").unwrap();
        db.run_pending_migrations(MIGRATIONS).unwrap();
        let up = schema(&mut db);
        db.revert_all_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut db).len(), 1, "only the list of migrations remains");
        db.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut db), up);
    }
}
