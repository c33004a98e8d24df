//! Opening a database: settings, migrations, and which versions of the schema are accepted.
//!
//! A file that is not Parlor's, or that a later version wrote, is rejected before anything is written to it.

use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::files::{self, APPLICATION_ID};
use super::lock::{Guard, lock, reject_other_name};
use crate::store::StartError;
use crate::store::db::{Db, Number};

/// `busy_timeout` bounds how long connections wait for each other; in WAL mode only checkpoints make them wait.
/// `secure_delete` blanks deleted content.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
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
pub(crate) fn open_and_migrate(path: &Path) -> Result<(Guard, Db, Vec<String>), StartError> {
    let guard = lock(path)?;
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
    Ok((guard, Db::Sqlite(db), run))
}

/// Begins a transaction in a new database of the current schema, in an empty file. Nothing is synced, and after an error the
/// file is to be deleted.
pub(crate) fn begin_empty(path: &Path) -> Result<Db, StartError> {
    let mut db = connect(path)?;
    // No journal file that a crash could leave beside it.
    db.batch_execute(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; \
                      PRAGMA cache_size = -65536;",
    )?;
    db.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID};"))?;
    db.run_pending_migrations(MIGRATIONS).map_err(prepare)?;
    AnsiTransactionManager::begin_transaction(&mut db)?;
    Ok(Db::Sqlite(db))
}

/// Another writing connection to a database that this process serves already.
pub(crate) fn reopen(path: &Path) -> Result<Db, StartError> {
    let mut db = connect(path)?;
    db.batch_execute(PRAGMAS)?;
    Ok(Db::Sqlite(db))
}

/// A reading connection, which cannot write, whatever a query contains.
pub(crate) fn reader(path: &Path) -> Result<Db, StartError> {
    let mut db = connect(path)?;
    db.batch_execute(PRAGMAS)?;
    db.batch_execute("PRAGMA query_only = ON;")?;
    Ok(Db::Sqlite(db))
}

/// A connection without the lock, for use beside a server. Fails where there is no database, it is not Parlor's, or a later
/// version wrote it.
pub(crate) fn open_shared(path: &Path) -> Result<SqliteConnection, StartError> {
    if files::is_new(path)? {
        return Err(StartError::Missing(path.display().to_string()));
    }
    reject_other_name(path)?;
    files::make_private(path);
    let mut db = connect(path)?;
    db.batch_execute(SHARED_PRAGMAS)?;
    reject_newer(path, &mut db)?;
    Ok(db)
}

/// The same, read-only and with every migration run. Also fails where migrations are pending.
pub(crate) fn open_read_only(path: &Path) -> Result<Db, StartError> {
    let mut db = open_shared(path)?;
    if has_pending_migrations(&mut db)? {
        return Err(StartError::Older(path.display().to_string()));
    }
    db.batch_execute("PRAGMA query_only = ON;")?;
    Ok(Db::Sqlite(db))
}

pub(crate) fn has_pending_migrations(db: &mut SqliteConnection) -> Result<bool, StartError> {
    db.has_pending_migration(MIGRATIONS).map_err(prepare)
}

/// An empty database in memory with the current schema.
pub(crate) fn in_memory() -> Result<Db, StartError> {
    let mut db = SqliteConnection::establish(":memory:").map_err(|error| StartError::Open(error.to_string()))?;
    db.run_pending_migrations(MIGRATIONS).map_err(prepare)?;
    Ok(Db::Sqlite(db))
}

fn connect(path: &Path) -> Result<SqliteConnection, StartError> {
    let name = sqlite_name(path)?;
    SqliteConnection::establish(&name).map_err(|error| StartError::Open(format!("{}: {error}", path.display())))
}

/// A path as SQLite takes it: a leading `./` keeps a name like `file:x` from being read as a URI.
pub(super) fn sqlite_name(path: &Path) -> Result<String, StartError> {
    let name = path.to_str().ok_or_else(|| StartError::Open("its path is not UTF-8".to_owned()))?;
    Ok(if path.is_absolute() { name.to_owned() } else { format!("./{name}") })
}

fn reject_newer(path: &Path, db: &mut SqliteConnection) -> Result<(), StartError> {
    use diesel::migration::MigrationSource;
    if !has_table(db, "__diesel_schema_migrations")? {
        return Ok(());
    }
    let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS).map_err(prepare)?;
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    for version in db.applied_migrations().map_err(prepare)? {
        let version = version.to_string();
        if !known.contains(&version) {
            return Err(StartError::Newer(path.display().to_string(), version));
        }
    }
    Ok(())
}

pub(super) fn has_table(db: &mut SqliteConnection, name: &str) -> QueryResult<bool> {
    let count = diesel::sql_query("SELECT count(*) AS n FROM sqlite_master WHERE name = $1").bind::<Text, _>(name);
    Ok(count.get_result::<Number>(db)?.n > 0)
}

fn prepare(error: impl std::fmt::Display) -> StartError {
    StartError::Prepare(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(db: &mut SqliteConnection) -> Vec<String> {
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
