//! A copy of the database in a file, while the server runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::partial::{Partial, absent, size};
use super::{Failure, copy, long_work};
use crate::store::Location;
use crate::store::db::open_shared;
use crate::store::db::sqlite::backup as store;

pub(super) async fn backup(location: &Location, to: PathBuf) -> Result<(), Failure> {
    match location {
        Location::Sqlite(_) => whole_file(location, &to).await?,
        Location::Postgres(_) => drop(copy::into_file(location, &to).await?),
    }
    println!("{} is a copy of {}, {}", to.display(), location, size(&to));
    Ok(())
}

/// SQLite copies pages, which is faster than rows and needs no current schema.
async fn whole_file(location: &Location, to: &Path) -> Result<(), Failure> {
    absent(to)?;
    // Before anything is written, so that a database that cannot be copied leaves nothing behind.
    drop(open_shared(location)?);
    let partial = Partial::begin(to)?;
    let (from, path) = (location.clone(), partial.path().to_owned());
    let work = move || Ok(store::copy(&mut open_shared(&from)?, &path)?);
    // SQLite's copy cannot be stopped, and nothing is left of it once its file is removed.
    long_work::run("backup", work, || size(partial.path()), || Duration::ZERO).await?;
    partial.finish()
}
