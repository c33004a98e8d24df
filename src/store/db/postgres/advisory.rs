//! The keys of advisory locks. They belong to one database. A transaction has them until its end, but for that of a start.

use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Tasks share it, and a wide one has it alone.
pub(crate) const TASKS: i64 = 0x5061_7201;
pub(crate) const PEOPLE: i64 = 0x5061_7202;
pub(crate) const BUDGETS: i64 = 0x5061_7203;
pub(crate) const INDEX: i64 = 0x5061_7204;
/// A server that is starting.
pub(super) const START: i64 = 0x5061_7205;

/// Takes a lock for this transaction alone; false where another one has it.
pub(crate) fn try_lock_alone(db: &mut PgConnection, key: i64) -> QueryResult<bool> {
    diesel::select(diesel::dsl::sql::<Bool>(&format!("pg_try_advisory_xact_lock({key})"))).get_result(db)
}
