//! The statements that run for every message and that Diesel does not keep prepared: its `UPDATE`s are parsed and planned
//! anew each time, which costs more than running them.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

use super::Db;
use crate::domain::{SessionId, Time, UserId};

/// Where a session stands after a message.
#[derive(Debug, QueryId)]
pub(super) struct MoveHead {
    pub session: SessionId,
    pub seq: i64,
    pub rev: i64,
    pub last_at: Time,
}

/// How far a member has come.
#[derive(Debug, QueryId)]
pub(super) struct MoveMarks {
    pub session: SessionId,
    pub user: UserId,
    pub read: i64,
    pub received: i64,
}

impl QueryFragment<Sqlite> for MoveHead {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE sessions SET seq = ");
        out.push_bind_param::<BigInt, _>(&self.seq)?;
        out.push_sql(", rev = ");
        out.push_bind_param::<BigInt, _>(&self.rev)?;
        out.push_sql(", last_at = ");
        out.push_bind_param::<BigInt, _>(&self.last_at)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.session)
    }
}

impl QueryFragment<Sqlite> for MoveMarks {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE members SET read = ");
        out.push_bind_param::<BigInt, _>(&self.read)?;
        out.push_sql(", received = ");
        out.push_bind_param::<BigInt, _>(&self.received)?;
        out.push_sql(" WHERE session_id = ");
        out.push_bind_param::<BigInt, _>(&self.session)?;
        out.push_sql(" AND user_id = ");
        out.push_bind_param::<BigInt, _>(&self.user)
    }
}

impl RunQueryDsl<Db> for MoveHead {}
impl RunQueryDsl<Db> for MoveMarks {}
