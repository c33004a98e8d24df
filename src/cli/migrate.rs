//! Migrating a database without serving it.

use super::{Failure, place};
use crate::store::Location;
use crate::store::db::open_and_migrate;

pub(super) fn migrate(location: &Location) -> Result<(), Failure> {
    let (_guard, _, run) = open_and_migrate(location)?;
    let path = place(location);
    match run.as_slice() {
        [] => println!("{}: up to date", path.display()),
        several => println!("{}: migrated: {}", path.display(), several.join(", ")),
    }
    Ok(())
}
