//! A copy of a whole database in another one, and backups of PostgreSQL databases, which are such copies in a file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::long_work;
use super::partial::Partial;
use crate::store::Location;
use crate::store::copy::{self, Copied, CopyError, Progress};
use crate::store::db::open_read_only;

/// How long a copy that is stopped has to undo what it did.
const UNDO: Duration = Duration::from_secs(5);

pub(super) async fn copy(from: &Location, to: &Location) -> Result<(), Failure> {
    let copied = match to {
        Location::Sqlite(path) => into_file(from, path).await?,
        Location::Postgres(_) => run(from, to).await?,
    };
    let counts: Vec<String> = copied.tables.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
    println!("{to} is a copy of {from} ({})", counts.join(", "));
    Ok(())
}

/// Copies the database to a new file.
pub(super) async fn into_file(from: &Location, to: &Path) -> Result<Copied, Failure> {
    super::partial::absent(to)?;
    // Before anything is written, so that a database that cannot be copied leaves nothing behind.
    drop(open_read_only(from)?);
    let partial = Partial::begin(to)?;
    let copied = run(from, &Location::Sqlite(partial.path().to_owned())).await?;
    partial.finish()?;
    Ok(copied)
}

async fn run(from: &Location, to: &Location) -> Result<Copied, Failure> {
    let progress = Arc::new(Progress::default());
    let (from, to, advanced) = (from.clone(), to.clone(), Arc::clone(&progress));
    let work = move || copy::copy(&from, &to, &advanced).map_err(Failure::from);
    let stop = || {
        progress.stop();
        UNDO
    };
    let copied = long_work::run("copy", work, || format!("{} rows", progress.rows()), stop).await?;
    for line in copied.oddities.lines() {
        eprintln!("{line}");
    }
    Ok(copied)
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Open(error) => Self::Database(error),
            CopyError::Stopped => Self::Stopped,
            // libpq wraps its messages.
            error => Self::Copy(error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}
