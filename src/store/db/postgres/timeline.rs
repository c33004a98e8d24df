//! Failovers, by PostgreSQL's timeline: each promotion of a standby begins a new one, in which the last commits of the old
//! primary may be missing.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::catalog::Name;
use crate::store::db::new_epoch;
use crate::store::db::schema::server;
use crate::store::error::is_outage;

/// The timeline in which commits are written now. The one in the control data follows only with the next checkpoint.
const CURRENT: &str = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS name";

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Nullable<Text>)]
    timeline: Option<String>,
}

/// Compares PostgreSQL's timeline with that of the last connection that wrote. Where it is another one the database gets a new
/// epoch, so that clients that have seen lost commits load everything again, and the result is true. `db` must be outside a
/// transaction. Of several servers that find another one, the first gives the new epoch. Without the row of `server` nothing is
/// stored.
pub(crate) fn check_timeline(db: &mut PgConnection) -> QueryResult<bool> {
    let current = match diesel::sql_query(CURRENT).get_result::<Name>(db) {
        Ok(current) => current.name,
        Err(error) if is_outage(&error) => return Err(error),
        Err(error) => {
            log::warn!("failovers cannot be detected, because PostgreSQL does not report its timeline: {error}");
            return Ok(false);
        }
    };
    db.transaction(|db| {
        let stored = diesel::sql_query("SELECT timeline FROM server FOR UPDATE").get_result::<Stored>(db).optional()?;
        let Some(Stored { timeline }) = stored.filter(|stored| stored.timeline.as_ref() != Some(&current)) else {
            return Ok(false);
        };
        diesel::sql_query("UPDATE server SET timeline = $1").bind::<Text, _>(&current).execute(db)?;
        let Some(previous) = timeline else { return Ok(false) };
        diesel::update(server::table).set(server::epoch.eq(new_epoch())).execute(db)?;
        log::warn!(
            "PostgreSQL has failed over (timeline {current} after {previous}), and the last commits may be lost: \
             the database has a new epoch, and clients load everything again"
        );
        Ok(true)
    })
}
