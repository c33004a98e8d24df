//! SQLite: opening and locking the file, its permissions, copies of it.

pub(crate) mod backup;
mod files;
mod lock;
mod log_watch;
mod open;
pub(crate) mod stale_backups;

pub(crate) use files::{PRIVATE, companion, folder};
pub(crate) use lock::{Guard, LockProbe, is_served, lock};
pub(crate) use log_watch::LogWatch;
pub(crate) use open::{
    begin_empty, has_pending_migrations, in_memory, open_and_migrate, open_read_only, open_shared, reader, reopen,
};
