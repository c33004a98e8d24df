//! PostgreSQL: connecting, the lock of the process that serves a database, migrations, failovers.

mod catalog;
mod connect;
mod lock;
mod migrations;
mod objects;
mod open;
mod served;
mod timeline;

pub(crate) use migrations::has_pending_migrations;
pub(crate) use objects::{expected_objects, objects};
pub(crate) use open::{begin_empty, open_and_migrate, open_read_only, open_shared, reader, reopen};
pub(crate) use served::{ServedProbe, is_served};
pub(crate) use timeline::check_timeline;
