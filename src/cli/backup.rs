//! A copy of the database while the server runs: written beside its place under another name, and moved there when it is
//! whole and durable, so that a file of that name is always a good copy.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Failure, place};
use crate::store::{Location, PRIVATE, backup as store, beside, leftovers};

/// Work that takes longer says how far it is, so often.
const SAYS: Duration = Duration::from_secs(2);

/// The copy while it is made: gone with its holder, unless it was moved to its place. It is locked, so that another backup
/// tells it from what a killed one has left.
struct Partial {
    path: PathBuf,
    _lock: File,
}

impl Drop for Partial {
    fn drop(&mut self) {
        leftovers::remove(&self.path);
    }
}

/// Copies the database at `location` into the new file `to`.
pub(super) async fn backup(location: &Location, to: PathBuf) -> Result<(), Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    if to.symlink_metadata().is_ok() {
        return Err(Failure::Exists(to));
    }
    // Before anything is written, so that what cannot be copied leaves nothing behind.
    drop(beside(location)?);
    let partial = begin(&to)?;
    let (done, copied) = oneshot::channel();
    let (from, path) = (location.clone(), partial.path.clone());
    // A thread rather than a task: a command that is stopped does not wait for it.
    std::thread::Builder::new().name("backup".to_owned()).spawn(move || drop(done.send(copy(&from, &path))))?;
    let mut either = select(copied, select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())));
    loop {
        match timeout(SAYS, &mut either).await {
            Err(_) => eprintln!("{} copied so far", size(&partial.path)),
            Ok(Either::Right(_)) => return Err(Failure::Stopped),
            Ok(Either::Left((copied, _))) => {
                copied.unwrap_or_else(|_| Err(Failure::Stream(io::Error::other("the copy failed"))))?;
                break;
            }
        }
    }
    finish(&partial.path, &to)?;
    println!("{} is a copy of {}, {}", to.display(), place(location).display(), size(&to));
    Ok(())
}

/// The empty file that is to become the copy. Nobody else may read it, whatever the umask says.
fn begin(to: &Path) -> Result<Partial, Failure> {
    leftovers::sweep(folder(to));
    let mut name = to.file_name().map_or_else(OsString::new, OsString::from);
    name.push(format!(".{}.{}", std::process::id(), leftovers::EXTENSION));
    let path = to.with_file_name(name);
    let made = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path);
    let failed = |error| Failure::File(path.clone(), error);
    let file = made.map_err(failed)?;
    file.set_permissions(Permissions::from_mode(PRIVATE)).map_err(failed)?;
    if let Err(error) = file.try_lock() {
        log::debug!("{} is not locked: {error}", path.display());
    }
    Ok(Partial { path, _lock: file })
}

/// The folder in which a file is.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn copy(from: &Location, to: &Path) -> Result<(), Failure> {
    store::copy(&mut beside(from)?, to)?;
    let failed = |error| Failure::File(to.to_owned(), error);
    File::open(to).and_then(|file| file.sync_all()).map_err(failed)
}

/// Moves the copy to its place, where nothing may have come meanwhile.
fn finish(partial: &Path, to: &Path) -> Result<(), Failure> {
    match fs::hard_link(partial, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Failure::Exists(to.to_owned())),
        // Not every file system knows links.
        Err(_) => fs::rename(partial, to).map_err(|error| Failure::File(to.to_owned(), error))?,
    }
    let folder = folder(to);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| Failure::File(folder.to_owned(), error))
}

fn size(path: &Path) -> String {
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
