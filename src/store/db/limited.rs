//! `LIMIT` with the number in the statement's text.
//!
//! SQLite uses the value bound to a `LIMIT ?` in its plan, and so compiles the statement again for each other value. Diesel's
//! `limit` and `first` bind it; with [`Limited`] statements remain prepared, however SQLite was built.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;

use crate::store::Db;

/// The limits of pages. Each is a statement that remains prepared, so clients must not choose among more.
const SIZES: [i64; 6] = [2, 11, 21, 51, 101, 201];

pub(crate) trait Limited: AsQuery + Sized {
    fn one<'query, U>(self, db: &mut Db) -> QueryResult<U>
    where
        AtMostOne<Self::Query>: LoadQuery<'query, Db, U>,
    {
        RunQueryDsl::get_result(AtMostOne(self.as_query()), db)
    }

    fn maybe<'query, U>(self, db: &mut Db) -> QueryResult<Option<U>>
    where
        AtMostOne<Self::Query>: LoadQuery<'query, Db, U>,
    {
        self.one(db).optional()
    }

    /// At most so many rows. The number must be one of few.
    fn rows(self, most: i64) -> AtMost<Self::Query> {
        AtMost(self.as_query(), most)
    }

    /// At most so many rows or a few more: for pages, whose size clients choose.
    fn page(self, least: i64) -> AtMost<Self::Query> {
        let size = SIZES.into_iter().find(|size| *size >= least);
        self.rows(size.unwrap_or(least))
    }
}

impl<T: AsQuery> Limited for T {}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AtMostOne<Q>(Q);

#[derive(Clone, Copy, Debug)]
pub(crate) struct AtMost<Q>(Q, i64);

impl<Q: QueryId> QueryId for AtMostOne<Q> {
    type QueryId = AtMostOne<Q::QueryId>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q> QueryId for AtMost<Q> {
    type QueryId = ();
    // Known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for AtMostOne<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: Query> Query for AtMost<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Db> for AtMostOne<Q> {}
impl<Q> RunQueryDsl<Db> for AtMost<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for AtMostOne<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT 1");
        Ok(())
    }
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for AtMost<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}", self.1));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::sqlite::Sqlite;

    use super::*;
    use crate::store::db::schema::users;

    #[test]
    fn the_limit_is_part_of_the_text() {
        let all = || users::table.filter(users::admin.eq(true)).order(users::id).select(users::id);
        for (query, limit) in [(all().page(51), "51"), (all().page(52), "101"), (all().rows(7), "7")] {
            let sql = debug_query::<Sqlite, _>(&query).to_string();
            assert!(sql.contains(&format!("ORDER BY `users`.`id` LIMIT {limit} -- binds: [true]")), "{sql}");
        }
    }
}
