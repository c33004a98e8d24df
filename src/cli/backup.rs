//! A copy of the database while the server runs: written under another name beside its destination, and moved there when it is
//! complete and durable, so that a file of that name is always a good copy.

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
use crate::store::Location;
use crate::store::db::{PRIVATE, backup as store, folder, open_shared, stale_backups};

const PROGRESS: Duration = Duration::from_secs(2);

/// The incomplete copy, deleted on drop. It is locked, so that another backup does not take it for a stale one.
struct Partial {
    path: PathBuf,
    _lock: File,
}

impl Drop for Partial {
    fn drop(&mut self) {
        stale_backups::remove(&self.path);
    }
}

pub(super) async fn backup(location: &Location, to: PathBuf) -> Result<(), Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    if to.symlink_metadata().is_ok() {
        return Err(Failure::Exists(to));
    }
    // Before anything is written, so that a database that cannot be copied leaves nothing behind.
    drop(open_shared(location)?);
    let partial = begin(&to)?;
    let (done, copied) = oneshot::channel();
    let (from, path) = (location.clone(), partial.path.clone());
    // A thread rather than a task: a command that is stopped does not wait for it.
    std::thread::Builder::new().name("backup".to_owned()).spawn(move || drop(done.send(copy(&from, &path))))?;
    let mut either = select(copied, select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())));
    loop {
        match timeout(PROGRESS, &mut either).await {
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

/// Creates the empty file for the copy, readable for its owner only, regardless of the umask.
fn begin(to: &Path) -> Result<Partial, Failure> {
    stale_backups::sweep(folder(to));
    let mut name = to.file_name().map_or_else(OsString::new, OsString::from);
    name.push(format!(".{}.{}", std::process::id(), stale_backups::EXTENSION));
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

fn copy(from: &Location, to: &Path) -> Result<(), Failure> {
    store::copy(&mut open_shared(from)?, to)?;
    let failed = |error| Failure::File(to.to_owned(), error);
    File::open(to).and_then(|file| file.sync_all()).map_err(failed)
}

/// Moves the copy to its destination, where no file may have been created meanwhile.
fn finish(partial: &Path, to: &Path) -> Result<(), Failure> {
    match fs::hard_link(partial, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Failure::Exists(to.to_owned())),
        // Not every file system has hard links.
        Err(_) => fs::rename(partial, to).map_err(|error| Failure::File(to.to_owned(), error))?,
    }
    let folder = folder(to);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| Failure::File(folder.to_owned(), error))
}

fn size(path: &Path) -> String {
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
