//! Statements of the hot path that Diesel would not keep prepared: its `UPDATE`s are parsed and planned each time, which costs
//! more than running them.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType};

use crate::domain::{SessionId, Time, UserId};

/// Defines a statement by its parameters, each behind the SQL before it.
macro_rules! prepared {
    ($name:ident { $($sql:literal $field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Debug, QueryId)]
        pub(super) struct $name {
            $(pub $field: $type),+
        }

        impl<DB: Backend> QueryFragment<DB> for $name
        where
            $($type: ToSql<BigInt, DB>,)+
            DB: HasSqlType<BigInt>,
        {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                $(
                    out.push_sql($sql);
                    out.push_bind_param::<BigInt, _>(&self.$field)?;
                )+
                Ok(())
            }
        }

        impl RunQueryDsl<SqliteConnection> for $name {}
        impl RunQueryDsl<PgConnection> for $name {}
    };
}

prepared!(MoveHead {
    "UPDATE sessions SET seq = " seq: i64,
    ", rev = " rev: i64,
    ", last_at = " last_at: Time,
    " WHERE id = " session: SessionId,
});

prepared!(MoveMarks {
    "UPDATE members SET read = " read: i64,
    ", received = " received: i64,
    " WHERE session_id = " session: SessionId,
    " AND user_id = " user: UserId,
});
