//! Empty databases for tests of queries: SQLite's in memory and, where `PARLOR_TEST_POSTGRES` is a URL, one of PostgreSQL.
//!
//! The URL is that of a database that exists, in a server where its role may create others:
//! `postgres://postgres@127.0.0.1:5432/postgres`.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use url::Url;

use super::{Db, Number, postgres, sqlite};

const SERVER: &str = "PARLOR_TEST_POSTGRES";

/// A database with the current schema, which ends with it.
pub(crate) struct Scratch {
    /// `None` once it is closed.
    db: Option<Db>,
    /// PostgreSQL: the database's name, and where to drop it.
    created: Option<(String, String)>,
}

/// An empty database of each kind that there is.
pub(crate) fn databases() -> Vec<Scratch> {
    let mut all = vec![Scratch { db: Some(sqlite::in_memory().unwrap()), created: None }];
    all.extend(postgres_database());
    all
}

/// An empty PostgreSQL database, connected as the writer is; `None` where there is no server for tests.
pub(crate) fn postgres_database() -> Option<Scratch> {
    let (mut scratch, url) = unopened_postgres_database()?;
    scratch.db = Some(postgres::open_and_migrate(&url.parse().unwrap()).unwrap().0);
    Some(scratch)
}

/// A PostgreSQL database without tables, which is not connected to, and its URL; `None` where there is no server for tests.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests and not of the server")]
pub(crate) fn unopened_postgres_database() -> Option<(Scratch, String)> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var(SERVER).ok()?;
    let name = format!("parlor_unit_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    maintain(&server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
    let mut url: Url = server.parse().unwrap();
    url.set_path(&name);
    Some((Scratch { db: None, created: Some((server, name)) }, url.into()))
}

/// Another program's connection to a database.
pub(crate) struct Beside(PgConnection);

impl Beside {
    pub(crate) fn connect(url: &str) -> Self {
        Self(PgConnection::establish(url).unwrap())
    }

    pub(crate) fn execute(&mut self, statements: &str) {
        self.0.batch_execute(statements).unwrap();
    }

    /// The number that this query names `n`.
    pub(crate) fn number(&mut self, query: &str) -> i64 {
        diesel::sql_query(query).get_result::<Number>(&mut self.0).unwrap().n
    }
}

fn maintain(server: &str, statement: &str) {
    let mut db = PgConnection::establish(server).unwrap_or_else(|error| panic!("{SERVER}: {error}"));
    db.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
}

impl Deref for Scratch {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db.as_ref().unwrap()
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Db {
        self.db.as_mut().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.db = None;
        if let Some((server, name)) = &self.created {
            maintain(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}
