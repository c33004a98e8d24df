//! Questions to PostgreSQL's catalog.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// The one column `is_true` of a raw query.
#[derive(QueryableByName)]
pub(super) struct Answer {
    #[diesel(sql_type = Bool)]
    pub is_true: bool,
}

/// The one column `name` of a raw query.
#[derive(QueryableByName)]
pub(super) struct Name {
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// The answer of a query with the one column `is_true`.
pub(super) fn is(db: &mut PgConnection, query: &str) -> QueryResult<bool> {
    Ok(diesel::sql_query(query).get_result::<Answer>(db)?.is_true)
}

/// True where the schema in use has this table with this column, whatever the role may do with it.
pub(super) fn has_column(db: &mut PgConnection, table: &str, column: &str) -> QueryResult<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attname = $2 AND NOT attisdropped \
                 AND attrelid = to_regclass(quote_ident(current_schema()) || '.' || quote_ident($1))) AS is_true";
    let query = diesel::sql_query(query).bind::<Text, _>(table).bind::<Text, _>(column);
    Ok(query.get_result::<Answer>(db)?.is_true)
}
