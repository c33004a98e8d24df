//! PostgreSQL: connecting, the lock of the processes that serve a database, migrations, failovers.

pub(crate) mod advisory;
mod catalog;
mod connect;
mod lock;
mod migrations;
mod objects;
mod open;
mod served;
mod statement;
mod timeline;

pub(crate) use migrations::has_pending_migrations;
pub(crate) use objects::{expected_objects, objects};
pub(crate) use open::{
    begin_empty, end_start, open_alone, open_and_migrate, open_node, open_read_only, open_shared, reader, reopen,
};
pub(crate) use served::{ServedProbe, is_served};
pub(crate) use statement::statement;
pub(crate) use timeline::check_timeline;
