//! What every file of queries uses.

pub(crate) use diesel::prelude::*;
use diesel::query_dsl::methods::ExecuteDsl;

pub(crate) use super::Db;
pub(crate) use super::limited::Limited;
pub(crate) use super::on_inner;
pub(crate) use crate::store::Error;

pub(crate) trait Run: RunQueryDsl<Db> + ExecuteDsl<Db> {
    /// Executes a statement, however many rows it changes.
    fn run<E: From<diesel::result::Error>>(self, db: &mut Db) -> Result<(), E> {
        Ok(self.execute(db).map(drop)?)
    }
}

impl<T: RunQueryDsl<Db> + ExecuteDsl<Db>> Run for T {}
