//! Migrating a database without serving it.

use super::Failure;
use crate::store::Location;
use crate::store::db::open_and_migrate;

pub(super) fn migrate(location: &Location) -> Result<(), Failure> {
    let (_guard, _, run) = open_and_migrate(location)?;
    match run.as_slice() {
        [] => println!("{location}: up to date"),
        several => println!("{location}: migrated: {}", several.join(", ")),
    }
    Ok(())
}
