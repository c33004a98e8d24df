//! Opening a SQLite database: whose it is, that nobody else serves it, its settings, its schema.
//!
//! A file that is not Parlor's, or that a later version wrote, is recognised before anything is written to it.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{ErrorKind, Read};
use std::mem::ManuallyDrop;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StartError;
use crate::config::DatabaseUrl;

/// A connection to the database.
pub(crate) type Db = SqliteConnection;

/// Where the database is.
pub(crate) type Location = DatabaseUrl;

/// Held for as long as this process serves the database; the kernel lets go of it however the process ends.
pub(crate) struct Guard {
    _name: File,
    /// Never closed: closing any descriptor of the database drops the POSIX locks that SQLite's own hold on it.
    _file: ManuallyDrop<File>,
}

/// What Parlor's SQLite files carry at offset 68 (`PRAGMA application_id`): "Parl".
const APPLICATION_ID: u32 = 0x5061_726c;

/// Reads and writes wait so long for each other; in WAL mode only checkpoints ever make them. What is deleted is blanked.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; \
                       PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000; \
                       PRAGMA journal_size_limit = 16777216;";

/// The same for somebody beside the server, who leaves the file as it is and has no memory to spare for sorting.
const BESIDE: &str = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                      PRAGMA cache_size = -32768; PRAGMA temp_store = FILE; PRAGMA secure_delete = ON; \
                      PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 16777216;";

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The writing connection, ready to use, and the guard that keeps a second server away.
pub(super) fn open(location: &Location) -> Result<(Guard, Db), StartError> {
    let (guard, db, _) = open_telling(location)?;
    Ok((guard, db))
}

/// The same, with the migrations that were run.
pub(crate) fn open_telling(location: &Location) -> Result<(Guard, Db, Vec<String>), StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    let guard = lock(location)?;
    let fresh = inspect(path)?;
    if fresh {
        create(path).map_err(|error| StartError::File(path.to_owned(), error))?;
    }
    keep_private(path);
    let mut db = connect(path)?;
    if fresh {
        // Marked first and outside WAL, so that the mark is in the file itself whatever happens next.
        db.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID};"))?;
    }
    refuse_newer(path, &mut db)?;
    db.batch_execute(PRAGMAS)?;
    let run = db.run_pending_migrations(MIGRATIONS).map_err(|error| StartError::Prepare(error.to_string()))?;
    let run = run.iter().map(ToString::to_string).collect();
    Ok((guard, db, run))
}

/// Another writing connection to a database that this process serves already.
///
/// # Errors
/// Where it cannot be opened.
pub(super) fn writing(location: &Location) -> Result<Db, StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    let mut db = connect(path)?;
    db.batch_execute(PRAGMAS)?;
    Ok(db)
}

/// A connection for somebody who does not serve the database, whether a server runs or not.
///
/// # Errors
/// Where there is no database of Parlor's, or a later version wrote it.
pub(crate) fn beside(location: &Location) -> Result<Db, StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    if inspect(path)? {
        return Err(StartError::Missing(path.to_owned()));
    }
    refuse_other_name(path)?;
    keep_private(path);
    let mut db = connect(path)?;
    db.batch_execute(BESIDE)?;
    refuse_newer(path, &mut db)?;
    Ok(db)
}

/// The same, where every migration must have been run and nothing may be written.
///
/// # Errors
/// Also where migrations are pending.
pub(crate) fn reading(location: &Location) -> Result<Db, StartError> {
    let mut db = beside(location)?;
    refuse_older(location, &mut db)?;
    db.batch_execute("PRAGMA query_only = ON;")?;
    Ok(db)
}

/// Refuses a database that does not have every table this program speaks of.
///
/// # Errors
/// Names what to do.
pub(crate) fn refuse_older(location: &Location, db: &mut Db) -> Result<(), StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    let pending = db.has_pending_migration(MIGRATIONS).map_err(|error| StartError::Prepare(error.to_string()))?;
    if pending { Err(StartError::Older(path.to_owned())) } else { Ok(()) }
}

/// An empty database as the migrations make it, to compare another one with.
///
/// # Errors
/// Where the migrations do not run.
pub(super) fn pattern() -> Result<Db, StartError> {
    let mut db = SqliteConnection::establish(":memory:").map_err(|error| StartError::Open(error.to_string()))?;
    db.run_pending_migrations(MIGRATIONS).map_err(|error| StartError::Prepare(error.to_string()))?;
    Ok(db)
}

/// What nobody but the owner may read or write, whatever the umask says.
pub(crate) const PRIVATE: u32 = 0o600;

/// An empty file for a database. SQLite gives the files beside it the same permissions.
fn create(path: &Path) -> std::io::Result<()> {
    let file = File::options().create(true).truncate(false).write(true).mode(PRIVATE).open(path)?;
    file.set_permissions(Permissions::from_mode(PRIVATE))
}

/// Takes the database and the files beside it away from everybody but their owner: earlier versions left that to the umask.
fn keep_private(path: &Path) {
    // SQLite keeps its files beside the database itself, wherever a link points from.
    let itself = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for (path, beside) in [
        (&*itself, ""),
        (&itself, "-wal"),
        (&itself, "-shm"),
        (&itself, "-journal"),
        (&itself, "-lock"),
        (path, "-lock"),
    ] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        let changed = fs::metadata(&name).and_then(|file| {
            let is_private = file.permissions().mode() & 0o7777 == PRIVATE;
            if !is_private { fs::set_permissions(&name, Permissions::from_mode(PRIVATE)) } else { Ok(()) }
        });
        match changed {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                log::warn!("{}: others may read it, and that cannot be changed: {error}", name.display());
            }
            _ => {}
        }
    }
}

/// The folder in which the database is.
pub(super) fn folder(location: &Location) -> &Path {
    let DatabaseUrl::Sqlite(path) = location;
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Where SQLite keeps the log: beside the file to which links lead.
pub(super) fn log(location: &Location) -> PathBuf {
    let DatabaseUrl::Sqlite(path) = location;
    let mut log = path.canonicalize().unwrap_or_else(|_| path.clone()).into_os_string();
    log.push("-wal");
    log.into()
}

fn connect(path: &Path) -> Result<Db, StartError> {
    let name = path.to_str().ok_or_else(|| StartError::Open("its path is not UTF-8".to_owned()))?;
    // A leading `./` keeps a name like `file:x` from being read as something else than a path.
    let name = if path.is_absolute() { name.to_owned() } else { format!("./{name}") };
    SqliteConnection::establish(&name).map_err(|error| StartError::Open(format!("{}: {error}", path.display())))
}

/// Keeps servers, and others who need the database for themselves, away, by whatever name they know it: the file itself is
/// locked (`flock`, which SQLite's locks know nothing of), so links lead to the same lock. The lock beside the name is that of
/// earlier versions.
///
/// # Errors
/// [`StartError::InUse`] where somebody else has it.
pub(super) fn lock(location: &Location) -> Result<Guard, StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    let name = lock_file(path);
    let by_name = open_lock(&name)?;
    take(path, &name, &by_name)?;
    let file = open_lock(path)?;
    take(path, path, &file)?;
    Ok(Guard { _name: by_name, _file: ManuallyDrop::new(file) })
}

fn lock_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    PathBuf::from(name)
}

fn open_lock(name: &Path) -> Result<File, StartError> {
    let options = File::options().create(true).truncate(false).read(true).write(true).mode(PRIVATE).open(name);
    options.map_err(|error| StartError::File(name.to_owned(), error))
}

fn take(database: &Path, name: &Path, file: &File) -> Result<(), StartError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(StartError::File(name.to_owned(), error)),
    }
}

/// Whether somebody has the database for themselves now: a server, as a rule. To be asked before there is a connection to it:
/// closing a descriptor of the database drops SQLite's locks on it.
pub(super) fn is_served(location: &Location) -> bool {
    let DatabaseUrl::Sqlite(path) = location;
    is_held(&lock_file(path)) || is_held(path)
}

/// Whether a file is locked. Looking leaves no file behind.
fn is_held(name: &Path) -> bool {
    File::open(name).is_ok_and(|file| file.try_lock().is_err())
}

/// Looks whether a database is served, without keeping anybody away for longer than that takes.
pub(crate) struct Watch {
    name: File,
    file: File,
}

impl Watch {
    /// Watches the database at `location`. To be made before a connection to it and dropped behind that: closing a
    /// descriptor of the database drops SQLite's locks on it.
    ///
    /// # Errors
    /// Where its files cannot be opened.
    pub(crate) fn on(location: &Location) -> Result<Self, StartError> {
        let DatabaseUrl::Sqlite(path) = location;
        Ok(Self { name: open_lock(&lock_file(path))?, file: open_lock(path)? })
    }

    /// True where nobody serves the database now.
    pub(crate) fn is_free(&self) -> bool {
        [&self.name, &self.file].into_iter().all(|file| file.try_lock().is_ok() && file.unlock().is_ok())
    }
}

/// Refuses a name by which a database is known to SQLite as another one than to the server that serves it: the log of a hard
/// link has another name, too, so that each would write what the other does not see.
fn refuse_other_name(path: &Path) -> Result<(), StartError> {
    let failed = |error| StartError::File(path.to_owned(), error);
    if fs::metadata(path).map_err(failed)?.nlink() < 2 {
        return Ok(());
    }
    if !is_held(path) {
        return Ok(());
    }
    // SQLite follows symbolic links before it names the log.
    let real = path.canonicalize().map_err(failed)?;
    if [path, &real].into_iter().any(|name| is_held(&lock_file(name))) {
        return Ok(());
    }
    Err(StartError::OtherName(path.to_owned()))
}

/// True where there is no database yet. Reads the header itself, since SQLite writes to whatever it opens.
fn inspect(path: &Path) -> Result<bool, StartError> {
    let mut header = Vec::new();
    match File::open(path) {
        Ok(file) => {
            file.take(100).read_to_end(&mut header).map_err(|error| StartError::File(path.to_owned(), error))?
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(StartError::File(path.to_owned(), error)),
    };
    if header.is_empty() {
        return Ok(true);
    }
    let is_sqlite = header.starts_with(b"SQLite format 3\0");
    let is_ours = header.get(68..72).is_some_and(|id| id == APPLICATION_ID.to_be_bytes());
    if is_sqlite && is_ours { Ok(false) } else { Err(StartError::Foreign(path.to_owned())) }
}

fn refuse_newer(path: &Path, db: &mut Db) -> Result<(), StartError> {
    use diesel::migration::MigrationSource;
    let table: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations')",
    ))
    .get_result(db)?;
    if table == 0 {
        return Ok(());
    }
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StartError::Prepare(error.to_string());
    let known = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS).map_err(failed)?;
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    for version in db.applied_migrations().map_err(failed)? {
        let version = version.to_string();
        if !known.contains(&version) {
            return Err(StartError::Newer(path.to_owned(), version));
        }
    }
    Ok(())
}

/// Makes reading connections. They cannot write, whatever a query says.
#[derive(Debug)]
pub(super) struct Readers(PathBuf);

impl r2d2::ManageConnection for Readers {
    type Connection = Db;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Db, Self::Error> {
        let mut db = connect(&self.0)
            .map_err(|error| diesel::r2d2::Error::ConnectionError(ConnectionError::BadConnection(error.to_string())))?;
        db.batch_execute(PRAGMAS)
            .and_then(|()| db.batch_execute("PRAGMA query_only = ON;"))
            .map_err(diesel::r2d2::Error::QueryError)?;
        Ok(db)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), Self::Error> {
        db.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        // A query that panicked leaves a transaction behind, in whose old snapshot all later ones would read.
        std::thread::panicking() || AnsiTransactionManager::is_broken_transaction_manager(db)
    }
}

/// Reading connections that are not used for so long are closed, down to one.
const IDLE: Duration = Duration::from_secs(20);

/// A pool of `count` reading connections.
pub(super) fn readers(location: &Location, count: u32) -> Result<r2d2::Pool<Readers>, StartError> {
    let DatabaseUrl::Sqlite(path) = location;
    r2d2::Pool::builder()
        .max_size(count.max(1))
        .min_idle(Some(1))
        // Each has a page cache, which only its end gives back.
        .idle_timeout(Some(IDLE))
        .test_on_check_out(false)
        .connection_timeout(Duration::from_secs(5))
        .build(Readers(path.clone()))
        .map_err(|error| StartError::Open(error.to_string()))
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
        assert_eq!(schema(&mut db).len(), 1, "only the list of migrations stays");
        db.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut db), up);
    }
}
