//! The connection to SQLite: opening and locking the file, its schema and column types, the reading connections, backups.

pub(crate) mod backup;
mod change_detector;
pub(super) mod columns;
mod files;
pub(super) mod limited;
mod lock;
mod open;
pub(super) mod prelude;
mod read_scheduler;
mod readers;
pub(super) mod schema;
pub(crate) mod stale_backups;

pub(crate) use change_detector::ChangeDetector;
pub(super) use files::companion;
pub(crate) use files::{PRIVATE, folder};
pub(crate) use lock::LockProbe;
pub(super) use lock::{Guard, is_served, lock};
pub(super) use open::{in_memory, reopen};
pub(crate) use open::{open_and_migrate, open_read_only, open_shared, require_migrated};
pub(super) use readers::Readers;

pub(crate) type Db = diesel::SqliteConnection;

pub(crate) type Location = crate::config::DatabaseUrl;

/// The one column `n` of a raw query.
#[derive(diesel::QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub n: i64,
}
