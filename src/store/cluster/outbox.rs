//! The table `outbox`: what the nodes commit, in one order.
//!
//! A row is added in the transaction whose outputs it has. Its place is given by a deferred trigger, inside `COMMIT` and under a
//! lock that is released when the commit is visible. So a transaction that sees a place sees all smaller ones, and a place that is missing
//! then is of a transaction that was rolled back.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::{NodeId, Time};
use crate::store::db::postgres::statement;

/// Entries are read at most so many at a time.
pub(crate) const PAGE: usize = 500;
/// Entries are kept for so long, in milliseconds: a node that has not read for longer begins anew.
const KEPT: i64 = 60_000;

/// A commit.
#[derive(Debug, Queryable)]
pub(crate) struct Entry {
    pub place: i64,
    pub node: NodeId,
    /// Counted by its node.
    pub number: i64,
    pub body: String,
}

statement!(Append<'a> -> BigInt {
    "INSERT INTO outbox (node, number, at, body) SELECT id, " number: &'a i64 as BigInt,
    ", " at: &'a Time as BigInt,
    ", " body: &'a str as Text,
    " FROM nodes WHERE id = " node: &'a NodeId as BigInt;
    " AND ended_at IS NULL FOR SHARE"
});

statement!(Behind<'a> -> (BigInt, BigInt, BigInt, Text) {
    "SELECT place, node, number, body FROM outbox WHERE place > " place: &'a i64 as BigInt;
    " ORDER BY place LIMIT 500"
});

statement!(Sweep<'a> -> BigInt {
    "DELETE FROM outbox WHERE at < " before: &'a Time as BigInt;
    " AND place < (SELECT max(place) FROM outbox)"
});

/// Adds the commit of the present transaction. False where the node has been ended: the transaction must be rolled back.
pub(crate) fn append(db: &mut PgConnection, node: NodeId, number: i64, at: Time, body: &str) -> QueryResult<bool> {
    Ok(Append { number: &number, at: &at, body, node: &node }.execute(db)? > 0)
}

/// The next commits behind a place, at most [`PAGE`].
pub(crate) fn behind(db: &mut PgConnection, place: i64) -> QueryResult<Vec<Entry>> {
    Behind { place: &place }.load(db)
}

/// The place of the last commit.
pub(super) fn last(db: &mut PgConnection) -> QueryResult<i64> {
    diesel::select(diesel::dsl::sql::<BigInt>("coalesce((SELECT max(place) FROM outbox), 0)")).get_result(db)
}

/// Deletes what all nodes have read. The last commit is kept: it shows the next node where to begin.
pub(super) fn sweep(db: &mut PgConnection, now: Time) -> QueryResult<()> {
    Sweep { before: &now.plus(-KEPT) }.execute(db).map(drop)
}
