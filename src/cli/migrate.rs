//! Bringing a database up to date without serving it.

use super::{Failure, place};
use crate::store::{Location, open_telling};

/// Runs the migrations that are pending, and says which.
pub(super) fn migrate(location: &Location) -> Result<(), Failure> {
    let (_guard, _, run) = open_telling(location)?;
    let path = place(location);
    match run.as_slice() {
        [] => println!("{}: up to date", path.display()),
        several => println!("{}: migrated: {}", path.display(), several.join(", ")),
    }
    Ok(())
}
