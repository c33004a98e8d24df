//! The database's files: their names, their permissions, and whether the file is Parlor's.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::store::StartError;

/// The permissions of every file with content: readable and writable for its owner only, regardless of the umask.
pub(crate) const PRIVATE: u32 = 0o600;

/// `PRAGMA application_id` of Parlor's SQLite files, at offset 68: "Parl".
pub(super) const APPLICATION_ID: u32 = 0x5061_726c;

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// The file that SQLite keeps beside the database under this suffix. It resolves symbolic links before it names it.
pub(crate) fn companion(path: &Path, suffix: &str) -> PathBuf {
    with_suffix(&path.canonicalize().unwrap_or_else(|_| path.to_owned()), suffix)
}

/// Creates an empty file for a database. SQLite gives its companion files the same permissions.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let file = File::options().create(true).truncate(false).write(true).mode(PRIVATE).open(path)?;
    file.set_permissions(Permissions::from_mode(PRIVATE))
}

/// Makes the database and its companion files private: earlier versions left their permissions to the umask.
pub(super) fn make_private(path: &Path) {
    // SQLite keeps its companion files next to the target of a symbolic link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let names = ["", "-wal", "-shm", "-journal", "-lock"].map(|suffix| with_suffix(&target, suffix));
    for name in names.into_iter().chain([with_suffix(path, "-lock")]) {
        let changed = fs::metadata(&name).and_then(|file| {
            let is_private = file.permissions().mode() & 0o7777 == PRIVATE;
            if is_private { Ok(()) } else { fs::set_permissions(&name, Permissions::from_mode(PRIVATE)) }
        });
        if let Err(error) = changed
            && error.kind() != ErrorKind::NotFound
        {
            log::warn!("{}: others may read it, and that cannot be changed: {error}", name.display());
        }
    }
}

/// True where there is no database yet. Reads the header itself, since SQLite writes to any file that it opens. Fails with
/// [`StartError::Foreign`] for a file that is not Parlor's.
pub(super) fn is_new(path: &Path) -> Result<bool, StartError> {
    let failed = |error| StartError::File(path.to_owned(), error);
    let mut header = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(100).read_to_end(&mut header).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(failed(error)),
    };
    if header.is_empty() {
        return Ok(true);
    }
    let is_sqlite = header.starts_with(b"SQLite format 3\0");
    let is_ours = header.get(68..72).is_some_and(|id| id == APPLICATION_ID.to_be_bytes());
    if is_sqlite && is_ours { Ok(false) } else { Err(StartError::Foreign(path.display().to_string())) }
}
