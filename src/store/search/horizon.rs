//! PostgreSQL: up to which message all are visible.
//!
//! Ids are given out before a commit, and several nodes commit, so a message may become visible after one with a larger id. The
//! index is filled in the order of the ids, and would pass it over.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::store::db::schema::messages;

/// The last messages that were seen, and from which transaction on none has an id below them.
#[derive(Debug, Default)]
pub(crate) struct Horizon {
    /// All messages up to this one are visible.
    complete: i64,
    /// The newest visible message, and the first transaction that had not begun then.
    next: Option<(i64, i64)>,
}

#[derive(QueryableByName)]
struct Transactions {
    /// The oldest one that is in progress.
    #[diesel(sql_type = BigInt)]
    oldest: i64,
    /// The first one that has not begun.
    #[diesel(sql_type = BigInt)]
    next: i64,
}

const TRANSACTIONS: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest, \
                            pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next";

impl Horizon {
    /// Gives up to which message all are visible. To be called outside of a transaction.
    pub(crate) fn advance(&mut self, db: &mut PgConnection) -> QueryResult<i64> {
        let newest: Option<i64> = messages::table.select(diesel::dsl::max(messages::id)).get_result(db)?;
        let newest = newest.unwrap_or_default();
        // Read later: every smaller id was given out in a transaction that had begun.
        let transactions: Transactions = diesel::sql_query(TRANSACTIONS).get_result(db)?;
        if let Some((message, _)) = self.next.take_if(|(_, first)| transactions.oldest >= *first) {
            self.complete = message;
        }
        if transactions.oldest >= transactions.next {
            self.complete = newest;
        } else {
            self.next.get_or_insert((newest, transactions.next));
        }
        Ok(self.complete)
    }
}
