//! A copy of the whole database while others read and write it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::open::{has_table, open_shared, sqlite_name};
use crate::store::StartError;
use crate::store::db::Db;
use crate::store::db::schema::requests;
use crate::store::tables::server;

/// Writes everything that is committed now into the empty file at `copy`, and makes that a database of its own: with a new
/// epoch, and without operators' requests to this server. After an error `copy` is to be deleted.
pub(crate) fn copy(db: &mut Db, copy: &Path) -> Result<(), StartError> {
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(sqlite_name(copy)?).execute(db)?;
    let mut own = open_shared(copy)?;
    // No journal file that a crash could leave beside the copy.
    own.batch_execute("PRAGMA journal_mode = MEMORY;")?;
    let has_requests = has_table(&mut own, "requests")?;
    Db::Sqlite(own).write_transaction(|own| {
        server::renew_epoch(own)?;
        if has_requests {
            diesel::delete(requests::table).execute(own)?;
        }
        Ok::<(), diesel::result::Error>(())
    })?;
    Ok(())
}
