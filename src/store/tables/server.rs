//! The table `server`: one row with the identity of this database.

use crate::domain::Time;
use crate::store::db::new_epoch;
use crate::store::db::postgres::check_timeline;
use crate::store::db::prelude::*;
use crate::store::db::schema::server;

/// The database's epoch; a new database is given one.
pub(crate) fn epoch(db: &mut Db) -> Result<String, diesel::result::Error> {
    let (epoch, is_new) = db.write_transaction(|db| {
        if let Some(epoch) = server::table.select(server::epoch).maybe(db)? {
            return Ok::<_, diesel::result::Error>((epoch, false));
        }
        // Another server may have begun to use the database at the same time.
        let row = (server::id.eq(1), server::epoch.eq(new_epoch()), server::created_at.eq(Time::now()));
        let insert = diesel::insert_into(server::table).values(row).on_conflict_do_nothing();
        let inserted = on_inner!(db, db => insert.execute(db))?;
        Ok((server::table.select(server::epoch).one(db)?, inserted > 0))
    })?;
    if is_new && let Db::Postgres(db) = db {
        // Stored with the epoch, so that the first failover is detected too.
        check_timeline(db)?;
    }
    Ok(epoch)
}

/// Gives the database another epoch, so that clients with a `rev` of the old one load everything again.
pub(crate) fn renew_epoch(db: &mut Db) -> Result<(), diesel::result::Error> {
    diesel::update(server::table).set(server::epoch.eq(new_epoch())).execute(db).map(drop)
}

/// The key of the frames between nodes; `None` on SQLite.
pub(crate) fn bus_key(db: &mut Db) -> Result<Option<Vec<u8>>, Error> {
    match db {
        Db::Sqlite(_) => Ok(None),
        Db::Postgres(db) => {
            let key: BusKey = diesel::sql_query("SELECT bus_key FROM server").get_result(db)?;
            Ok(Some(key.bus_key))
        }
    }
}

#[derive(QueryableByName)]
struct BusKey {
    #[diesel(sql_type = diesel::sql_types::Binary)]
    bus_key: Vec<u8>,
}

/// Fails where the database does.
pub(crate) fn ping(db: &mut Db) -> Result<(), Error> {
    server::table.select(server::id).one::<i32>(db)?;
    Ok(())
}
