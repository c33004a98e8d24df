//! Migrations, and which databases are accepted: empty ones, and those whose every migration this program knows.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::catalog::{Name, has_column, is};
use super::connect::CREATE;
use crate::config::PostgresUrl;
use crate::store::StartError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Every table in the schema in use but Diesel's list of migrations, which alone is what a first start leaves that was cut
/// short.
const TABLES: &str = "FROM pg_tables WHERE schemaname = current_schema() AND tablename <> '__diesel_schema_migrations'";

/// Runs pending migrations, each in a transaction, and gives their versions.
pub(super) fn migrate(url: &PostgresUrl, db: &mut PgConnection) -> Result<Vec<String>, StartError> {
    match db.run_pending_migrations(MIGRATIONS) {
        Ok(run) => Ok(run.iter().map(ToString::to_string).collect()),
        Err(error) if error.to_string().contains("permission denied") => Err(StartError::Prepare(format!(
            "{url}: {error}; the role needs the right to create tables, best as the owner of the database"
        ))),
        Err(error) => Err(prepare(error)),
    }
}

pub(crate) fn has_pending_migrations(db: &mut PgConnection) -> Result<bool, StartError> {
    let applied = applied(db)?;
    Ok(known()?.iter().any(|known| !applied.contains(known)))
}

/// Rejects a database with tables of another program, one that a later version wrote, and one that cannot store every text.
pub(super) fn reject_foreign(url: &PostgresUrl, db: &mut PgConnection) -> Result<(), StartError> {
    if !is(db, "SELECT getdatabaseencoding() = 'UTF8' AS is_true")? {
        return Err(StartError::Open(format!("{url} does not have the encoding UTF8; {CREATE}")));
    }
    if is_own(db)? {
        return reject_newer(url, db);
    }
    // Another server that starts at the same time may just have created the tables.
    if is_empty(db)? || is_own(db)? { Ok(()) } else { Err(StartError::Foreign(url.to_string())) }
}

fn is_own(db: &mut PgConnection) -> QueryResult<bool> {
    Ok(has_column(db, "server", "epoch")? && has_column(db, "messages", "posted_rev")?)
}

fn reject_newer(url: &PostgresUrl, db: &mut PgConnection) -> Result<(), StartError> {
    let known = known()?;
    match applied(db)?.into_iter().find(|applied| !known.contains(applied)) {
        Some(unknown) => Err(StartError::Newer(url.to_string(), unknown)),
        None => Ok(()),
    }
}

pub(super) fn is_empty(db: &mut PgConnection) -> QueryResult<bool> {
    is(db, &format!("SELECT NOT EXISTS (SELECT 1 {TABLES}) AS is_true"))
}

/// True where any of the tables has a row.
pub(super) fn has_rows(db: &mut PgConnection) -> QueryResult<bool> {
    for table in diesel::sql_query(format!("SELECT quote_ident(tablename) AS name {TABLES}")).load::<Name>(db)? {
        if is(db, &format!("SELECT EXISTS (SELECT 1 FROM {}) AS is_true", table.name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn known() -> Result<Vec<String>, StartError> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(prepare)?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Diesel's own function creates the list where there is none, which a standby refuses.
fn applied(db: &mut PgConnection) -> QueryResult<Vec<String>> {
    if !has_column(db, "__diesel_schema_migrations", "version")? {
        return Ok(Vec::new());
    }
    let rows: Vec<Name> = diesel::sql_query("SELECT version AS name FROM __diesel_schema_migrations").load(db)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

fn prepare(error: impl std::fmt::Display) -> StartError {
    StartError::Prepare(error.to_string())
}
