//! A session as the checks read it.

use diesel::prelude::*;

use crate::domain::{SessionId, Time, UserId};
use crate::store::columns::Stored;
use crate::store::schema::sessions;

/// A row of `sessions`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(super) struct SessionRow {
    pub(super) id: SessionId,
    pub(super) kind: Stored,
    pub(super) pair_low: Option<UserId>,
    pub(super) pair_high: Option<UserId>,
    /// The newest message.
    pub seq: i64,
    /// The newest step.
    pub rev: i64,
    /// When the newest message was posted, or the session made.
    pub last_at: Time,
    pub(super) code: Option<String>,
    pub(super) keep: bool,
}

impl SessionRow {
    /// Its name in a report.
    pub(super) fn name(&self) -> String {
        format!("session {}", self.id)
    }
}
