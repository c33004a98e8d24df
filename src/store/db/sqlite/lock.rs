//! The lock of the process that serves a database.

use std::fs::{self, File, TryLockError};
use std::mem::ManuallyDrop;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::files::{PRIVATE, with_suffix};
use crate::store::StartError;

/// Held for as long as this process serves the database; the kernel releases it however the process ends.
pub(crate) struct Guard {
    _by_name: File,
    /// Never closed: closing any descriptor of the database drops the POSIX locks that SQLite's own hold on it.
    _file: ManuallyDrop<File>,
}

/// Takes the exclusive lock. The file itself is locked (`flock`, which is independent of SQLite's locks), so links lead to
/// the same lock. The lock file beside it is the one of earlier versions. Fails with [`StartError::InUse`] where another
/// process has it.
pub(crate) fn lock(path: &Path) -> Result<Guard, StartError> {
    let name = lock_file(path);
    let by_name = open_lock(&name)?;
    take(path, &name, &by_name)?;
    let file = open_lock(path)?;
    take(path, path, &file)?;
    Ok(Guard { _by_name: by_name, _file: ManuallyDrop::new(file) })
}

fn lock_file(path: &Path) -> PathBuf {
    with_suffix(path, "-lock")
}

fn open_lock(name: &Path) -> Result<File, StartError> {
    let options = File::options().create(true).truncate(false).read(true).write(true).mode(PRIVATE).open(name);
    options.map_err(|error| StartError::File(name.to_owned(), error))
}

fn take(database: &Path, name: &Path, file: &File) -> Result<(), StartError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(database.display().to_string())),
        Err(TryLockError::Error(error)) => Err(StartError::File(name.to_owned(), error)),
    }
}

/// True where a process serves the database. To be called before there is a connection to it: closing a descriptor of the
/// database drops SQLite's locks on it.
pub(crate) fn is_served(path: &Path) -> bool {
    is_held(&lock_file(path)) || is_held(path)
}

/// True where a file is locked. Leaves no file behind.
fn is_held(name: &Path) -> bool {
    File::open(name).is_ok_and(|file| file.try_lock().is_err())
}

/// Tests repeatedly whether a database is served, holding the lock for no longer than a test takes.
pub(crate) struct LockProbe {
    by_name: File,
    file: File,
}

impl LockProbe {
    /// Must be created before a connection to the database and dropped after it: closing a descriptor of the database drops
    /// SQLite's locks on it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        Ok(Self { by_name: open_lock(&lock_file(path))?, file: open_lock(path)? })
    }

    pub(crate) fn is_free(&self) -> bool {
        [&self.by_name, &self.file].into_iter().all(|file| file.try_lock().is_ok() && file.unlock().is_ok())
    }
}

/// Rejects a hard link to a database that a server has open by another name: each name has a write-ahead log of its own, so
/// neither process would see what the other writes.
pub(super) fn reject_other_name(path: &Path) -> Result<(), StartError> {
    let failed = |error| StartError::File(path.to_owned(), error);
    if fs::metadata(path).map_err(failed)?.nlink() < 2 || !is_held(path) {
        return Ok(());
    }
    // SQLite follows symbolic links before it names the log.
    let target = path.canonicalize().map_err(failed)?;
    if [path, &target].into_iter().any(|name| is_held(&lock_file(name))) {
        return Ok(());
    }
    Err(StartError::OtherName(path.to_owned()))
}
