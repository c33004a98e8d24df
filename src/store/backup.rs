//! A copy of the whole database while others read and write it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::schema::requests;
use super::{Db, Location, StartError, beside, server};

/// Writes all that is committed now into the empty file at `copy`, and makes that a database of its own: with a new epoch,
/// and without what operators have asked of this server.
///
/// # Errors
/// Those of the database; what `copy` then holds is nothing to keep.
pub(crate) fn copy(db: &mut Db, copy: &Path) -> Result<(), StartError> {
    let name = copy.to_str().ok_or_else(|| StartError::Open("its path is not UTF-8".to_owned()))?;
    // As everywhere, a leading `./` keeps a name from being read as something else than a path.
    let name = if copy.is_absolute() { name.to_owned() } else { format!("./{name}") };
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(db)?;
    let mut own = beside(&Location::Sqlite(copy.to_owned()))?;
    // No journal that a crash could leave beside the copy: it is not anybody's yet.
    own.batch_execute("PRAGMA journal_mode = MEMORY;")?;
    own.immediate_transaction(|own| {
        server::renew_epoch(own)?;
        let has_requests: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "(SELECT count(*) FROM sqlite_master WHERE name = 'requests')",
        ))
        .get_result(own)?;
        if has_requests > 0 {
            diesel::delete(requests::table).execute(own)?;
        }
        Ok::<(), diesel::result::Error>(())
    })?;
    Ok(())
}
