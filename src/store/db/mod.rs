//! The connection to the database: SQLite or PostgreSQL, by its URL; schema and column types, and the reading connections.

mod change_detector;
pub(super) mod columns;
mod connection;
mod epoch;
pub(super) mod limited;
mod location;
pub(super) mod postgres;
pub(super) mod prelude;
mod read_scheduler;
mod readers;
pub(super) mod schema;
#[cfg(test)]
pub(crate) mod scratch;
pub(crate) mod sqlite;

pub(crate) use change_detector::ChangeDetector;
pub(crate) use connection::on_inner;
pub(crate) use connection::{Db, DbBackend};
pub(super) use epoch::new_epoch;
pub(super) use location::{Guard, begin_empty, end_start, is_served, lock, open_node, reopen};
pub(crate) use location::{Location, ServedProbe, open_and_migrate, open_read_only, open_shared, require_migrated};
pub(super) use readers::Readers;

/// The one column `n` of a raw query.
#[derive(diesel::QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub n: i64,
}
