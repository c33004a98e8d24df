//! A new file that is written under another name beside its destination, and moved there when it is complete and durable, so
//! that a file of that name is always a good copy.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::store::db::sqlite::{PRIVATE, folder, stale_backups};

/// The incomplete copy, deleted on drop. It is locked, so that another backup does not take it for a stale one.
pub(super) struct Partial {
    path: PathBuf,
    destination: PathBuf,
    _lock: File,
}

impl Partial {
    /// Creates the empty file for the copy, readable for its owner only, regardless of the umask. Fails where there is a file
    /// at `destination`.
    pub(super) fn begin(destination: &Path) -> Result<Self, Failure> {
        absent(destination)?;
        stale_backups::sweep(folder(destination));
        let mut name = destination.file_name().map_or_else(OsString::new, OsString::from);
        name.push(format!(".{}.{}", std::process::id(), stale_backups::EXTENSION));
        let path = destination.with_file_name(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path);
        let failed = |error| Failure::File(path.clone(), error);
        let file = made.map_err(failed)?;
        file.set_permissions(Permissions::from_mode(PRIVATE)).map_err(failed)?;
        if let Err(error) = file.try_lock() {
            log::debug!("{} is not locked: {error}", path.display());
        }
        Ok(Self { path, destination: destination.to_owned(), _lock: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs the copy and moves it to its destination, where no file may have been created meanwhile.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let to = &self.destination;
        let failed = |error| Failure::File(self.path.clone(), error);
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(failed)?;
        match fs::hard_link(&self.path, to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Failure::Exists(to.clone())),
            // Not every file system has hard links.
            Err(_) => fs::rename(&self.path, to).map_err(|error| Failure::File(to.clone(), error))?,
        }
        let folder = folder(to);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| Failure::File(folder.to_owned(), error))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        stale_backups::remove(&self.path);
    }
}

/// Fails where there is a file, or a symbolic link to nothing.
pub(super) fn absent(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() { Err(Failure::Exists(path.to_owned())) } else { Ok(()) }
}

/// The size of a file for people; zero where there is none.
pub(super) fn size(path: &Path) -> String {
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
