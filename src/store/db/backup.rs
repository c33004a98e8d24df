//! A copy of the whole database while others read and write it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::open::{has_table, open_shared, sqlite_name};
use super::schema::requests;
use super::{Db, Location};
use crate::store::StartError;
use crate::store::tables::server;

/// Writes everything that is committed now into the empty file at `copy`, and makes that a database of its own: with a new
/// epoch, and without operators' requests to this server. After an error `copy` is to be deleted.
pub(crate) fn copy(db: &mut Db, copy: &Path) -> Result<(), StartError> {
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(sqlite_name(copy)?).execute(db)?;
    let mut own = open_shared(&Location::Sqlite(copy.to_owned()))?;
    // No journal file that a crash could leave beside the copy.
    own.batch_execute("PRAGMA journal_mode = MEMORY;")?;
    own.immediate_transaction(|own| {
        server::renew_epoch(own)?;
        if has_table(own, "requests")? {
            diesel::delete(requests::table).execute(own)?;
        }
        Ok::<(), diesel::result::Error>(())
    })?;
    Ok(())
}
