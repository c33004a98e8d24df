//! What a schema consists of, and what it should consist of.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Text;

use super::connect::connect;
use super::migrations::migrate;
use crate::config::PostgresUrl;
use crate::store::StartError;

/// A column, index, constraint, trigger, function or sequence.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct Object {
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Those in the schema in use. Names in definitions are without that schema, so that two of them can be compared.
const OBJECTS: &str = "
    WITH used AS (SELECT oid, quote_ident(nspname) || '.' AS prefix FROM pg_namespace WHERE nspname = current_schema()),
    tables AS (SELECT c.oid, c.relname FROM pg_class c JOIN used ON used.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relname <> '__diesel_schema_migrations')
    SELECT 'column' AS kind, t.relname || '.' || a.attname AS name,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
            pg_get_expr(d.adbin, d.adrelid), (SELECT collname FROM pg_collation WHERE oid = a.attcollation)) AS definition
    FROM pg_attribute a JOIN tables t ON t.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'index', i.relname, replace(pg_get_indexdef(i.oid), ' ON ' || used.prefix, ' ON ')
        || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
    FROM pg_index x JOIN tables t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid CROSS JOIN used
    UNION ALL
    SELECT 'constraint', t.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN tables t ON t.oid = k.conrelid WHERE k.contype <> 'n'
    UNION ALL
    SELECT 'trigger', g.tgname, pg_get_triggerdef(g.oid, true) || ' ' || g.tgenabled::text
    FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
    UNION ALL
    SELECT 'function', p.proname, p.prosrc FROM pg_proc p JOIN used ON used.oid = p.pronamespace
    UNION ALL
    SELECT 'sequence', c.relname, '' FROM pg_class c JOIN used ON used.oid = c.relnamespace WHERE c.relkind = 'S'
    ORDER BY 1, 2";

pub(crate) fn objects(db: &mut PgConnection) -> QueryResult<Vec<Object>> {
    diesel::sql_query(OBJECTS).load(db)
}

/// The objects that this program's migrations make on the same PostgreSQL server: in a schema of its own, in a transaction
/// that is rolled back. `None` where the role may not create a schema, or the server is a standby.
pub(crate) fn expected_objects(url: &PostgresUrl) -> Result<Option<Vec<Object>>, StartError> {
    let mut db = connect(url)?;
    let name = format!("parlor_verify_{}", std::process::id());
    // For the whole connection, so that nothing it does can reach the schema in use.
    db.batch_execute(&format!("SET search_path = {name}; SET client_min_messages = warning"))?;
    AnsiTransactionManager::begin_transaction(&mut db)?;
    match db.batch_execute(&format!("CREATE SCHEMA {name}")) {
        Err(error @ Error::DatabaseError(..)) => {
            log::warn!("the schema is not compared with what it should be: {error}");
            return Ok(None);
        }
        other => other?,
    }
    migrate(url, &mut db)?;
    let expected = objects(&mut db)?;
    AnsiTransactionManager::rollback_transaction(&mut db)?;
    Ok(Some(expected))
}
