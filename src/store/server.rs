//! The one row that says what this database is.

use crate::store::limited::Limited;
use diesel::prelude::*;

use super::schema::server;
use super::{Db, Error};
use crate::domain::Time;

/// The database's epoch; a new database is given one.
pub(super) fn epoch(db: &mut Db) -> Result<String, diesel::result::Error> {
    db.immediate_transaction(|db| {
        if let Some(epoch) = server::table.select(server::epoch).one(db).optional()? {
            return Ok(epoch);
        }
        let epoch = crate::domain::SessionId::random().to_string();
        diesel::insert_into(server::table)
            .values((server::id.eq(1), server::epoch.eq(&epoch), server::created_at.eq(Time::now())))
            .execute(db)?;
        Ok(epoch)
    })
}

/// Makes this history another one: whoever holds a `rev` of the old one loads afresh.
pub(super) fn renew_epoch(db: &mut Db) -> Result<(), diesel::result::Error> {
    let epoch = crate::domain::SessionId::random().to_string();
    diesel::update(server::table).set(server::epoch.eq(epoch)).execute(db).map(drop)
}

/// Answers if the database does.
pub(super) fn ping(db: &mut Db) -> Result<(), Error> {
    server::table.select(server::id).one::<i32>(db)?;
    Ok(())
}
