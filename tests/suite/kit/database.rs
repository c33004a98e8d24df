//! The database of a test: an SQLite file, or a PostgreSQL database of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use url::Url;

/// What servers under test keep their data in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// The one that `PARLOR_TEST_STORE` names; SQLite without it.
    pub fn under_test() -> Self {
        match setting("PARLOR_TEST_STORE").as_deref() {
            None | Some("sqlite") => Self::Sqlite,
            Some("postgres" | CLUSTER) => Self::Postgres,
            Some(other) => panic!("PARLOR_TEST_STORE={other}: it is `sqlite`, `postgres` or `{CLUSTER}`"),
        }
    }

    /// What is different in the two: statements, or texts.
    pub fn choose<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

/// The value of `PARLOR_TEST_STORE` with which each server is two nodes on one PostgreSQL database.
const CLUSTER: &str = "cluster";

/// Of how many nodes servers under test are.
pub fn nodes_under_test() -> usize {
    if setting("PARLOR_TEST_STORE").as_deref() == Some(CLUSTER) { 2 } else { 1 }
}

/// The URL of a Redis for servers of several nodes.
pub fn redis_under_test() -> Option<String> {
    setting("PARLOR_TEST_REDIS")
}

/// True where each server is several nodes, after printing why: a test whose subject is one process ends then. No failure with
/// `CI=true`, because it has run over PostgreSQL with one.
pub fn skipped_on_cluster(why: &str) -> bool {
    let is_skipped = nodes_under_test() > 1;
    if is_skipped {
        eprintln!("skipped over several nodes: {why}");
    }
    is_skipped
}

/// True over SQLite, after printing why: a test whose subject is PostgreSQL ends then. No failure with `CI=true`.
pub fn skipped_on_sqlite(why: &str) -> bool {
    let is_skipped = Store::under_test() == Store::Sqlite;
    if is_skipped {
        eprintln!("skipped on SQLite: {why}");
    }
    is_skipped
}

/// True over PostgreSQL, after printing why: a test whose subject is SQLite's file ends then. No failure with `CI=true`.
pub fn skipped_on_postgres(why: &str) -> bool {
    let is_skipped = Store::under_test() == Store::Postgres;
    if is_skipped {
        eprintln!("skipped on PostgreSQL: {why}");
    }
    is_skipped
}

fn setting(name: &str) -> Option<String> {
    // The wall is there for the server; these settings are the tests' own.
    #[allow(clippy::disallowed_methods)]
    std::env::var(name).ok()
}

/// The PostgreSQL databases of this run, by the folder they belong to.
static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());

/// Where a server or a command finds its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    File(PathBuf),
    /// The URL of a PostgreSQL database.
    Remote(String),
}

enum Client {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
}

impl Database {
    /// The database that belongs to this folder. On PostgreSQL an empty one is created unless there is one already; it is
    /// dropped with the folder.
    pub fn of(folder: &Path) -> Self {
        match Store::under_test() {
            Store::Sqlite => Self::File(folder.join("parlor.db")),
            Store::Postgres => {
                let known = MADE.lock().unwrap().get(folder).cloned();
                let name = known.unwrap_or_else(|| {
                    // Nobody is ever connected to `template0`, so that many can be copied from it at once.
                    let name = create("template0");
                    MADE.lock().unwrap().insert(folder.to_owned(), name.clone());
                    name
                });
                Self::Remote(sibling(&name))
            }
        }
    }

    /// An SQLite file, whatever the store under test.
    pub fn file(path: &Path) -> Self {
        Self::File(path.to_owned())
    }

    /// For `DATABASE_URL`.
    pub fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Remote(url) => url.clone(),
        }
    }

    /// The file, for tests about SQLite's. There is none on PostgreSQL.
    #[track_caller]
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Remote(_) => panic!("a PostgreSQL database is not a file: this test is SQLite's alone"),
        }
    }

    /// What is in it, to be compared: the file's bytes, or on PostgreSQL its tables with their columns and sizes. Empty where
    /// there is no file, or no table.
    pub fn content(&self) -> Vec<u8> {
        #[derive(QueryableByName)]
        struct Tables {
            #[diesel(sql_type = Text)]
            tables: String,
        }
        let mut db = match self {
            Self::File(path) => return fs::read(path).unwrap_or_default(),
            Self::Remote(url) => PgConnection::establish(url).unwrap(),
        };
        let columns = "SELECT coalesce(string_agg(concat_ws(' ', table_name, column_name, data_type, \
                       pg_relation_size(format('%I.%I', table_schema, table_name)::regclass)), ', ' \
                       ORDER BY table_name, ordinal_position), '') AS tables \
                       FROM information_schema.columns WHERE table_schema = 'public'";
        sql_query(columns).get_result::<Tables>(&mut db).unwrap().tables.into_bytes()
    }

    /// Runs statements, also beside a running server.
    #[track_caller]
    pub fn execute(&self, statements: &str) {
        match self.connect() {
            Client::Sqlite(mut db) => db.batch_execute(statements),
            Client::Postgres(mut db) => db.batch_execute(statements),
        }
        .unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// Runs statements that leave behind what no server does: references are not checked.
    #[track_caller]
    pub fn damage(&self, statements: &str) {
        let unchecked = match self {
            Self::File(_) => "PRAGMA foreign_keys = OFF",
            Self::Remote(_) => "SET session_replication_role = replica",
        };
        self.execute(&format!("{unchecked}; {statements}"));
    }

    /// Makes a copy, which belongs to this folder. Nobody may be connected, a server neither.
    pub fn copy_to(&self, folder: &Path) -> Self {
        match self {
            Self::File(path) => {
                let copy = folder.join("parlor.db");
                fs::copy(path, &copy).unwrap();
                Self::File(copy)
            }
            Self::Remote(url) => {
                let original = Url::parse(url).unwrap();
                let name = create(original.path().trim_start_matches('/'));
                MADE.lock().unwrap().insert(folder.to_owned(), name.clone());
                Self::Remote(sibling(&name))
            }
        }
    }

    /// The number that this query gives, also beside a running server.
    #[track_caller]
    pub fn count(&self, query: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        // A sum is a `numeric` on PostgreSQL.
        let whole = sql_query(format!("SELECT CAST(({query}) AS BIGINT) AS n"));
        match self.connect() {
            Client::Sqlite(mut db) => whole.get_result::<Count>(&mut db),
            Client::Postgres(mut db) => whole.get_result::<Count>(&mut *db),
        }
        .unwrap_or_else(|error| panic!("{query}: {error}"))
        .n
    }

    /// Whether nobody is in a transaction that writes (on PostgreSQL: in any).
    pub fn is_at_rest(&self) -> bool {
        match self {
            Self::File(path) => {
                let mut db = SqliteConnection::establish(&path.display().to_string()).unwrap();
                // Undone when the connection ends.
                sql_query("BEGIN IMMEDIATE").execute(&mut db).is_ok()
            }
            Self::Remote(_) => {
                let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                              AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";
                self.count(others) == 0
            }
        }
    }

    #[track_caller]
    fn connect(&self) -> Client {
        match self {
            Self::File(path) => {
                let mut db = SqliteConnection::establish(&path.display().to_string()).unwrap();
                db.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                Client::Sqlite(db)
            }
            Self::Remote(url) => Client::Postgres(Box::new(PgConnection::establish(url).unwrap())),
        }
    }
}

/// Drops what was created for a folder; does nothing where nothing was.
pub fn forget(folder: &Path) {
    let name = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(folder);
    let Some(name) = name else { return };
    // It may be called while a test fails, so it does not panic.
    let dropped = PgConnection::establish(&maintenance()).map_err(|error| error.to_string()).and_then(|mut db| {
        db.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).map_err(|error| error.to_string())
    });
    if let Err(error) = dropped {
        eprintln!("the database {name} is left over: {error}");
    }
}

/// A database of PostgreSQL's server that exists already, where others are created.
fn maintenance() -> String {
    setting("PARLOR_TEST_POSTGRES").expect("PARLOR_TEST_POSTGRES, as `cargo test --test postgres` sets it")
}

/// The URL of another database of the same server.
fn sibling(name: &str) -> String {
    let mut url = Url::parse(&maintenance()).expect("PARLOR_TEST_POSTGRES is a URL");
    url.set_path(name);
    url.into()
}

/// Creates a copy of this database under a fresh name.
fn create(template: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // Names left over from a killed run whose process id came back are other ones.
    let mut random = [0; 4];
    getrandom::fill(&mut random).unwrap();
    let name = format!("parlor_test_{}_{number}_{:08x}", process::id(), u32::from_be_bytes(random));
    let mut db = PgConnection::establish(&maintenance()).expect("PARLOR_TEST_POSTGRES can be reached");
    db.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
    name
}

#[test]
fn a_folder_has_one_database_until_it_is_removed() {
    let folder = super::folder::Folder::new();
    let database = Database::of(folder.path());
    database.execute("CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('one'), ('two')");
    assert_eq!(Database::of(folder.path()), database);
    assert_eq!(database.count("SELECT count(*) FROM words"), 2);
    assert_eq!(database.count("SELECT sum(length(word)) FROM words"), 6);
    assert!(database.is_at_rest());
    let other = super::folder::Folder::new();
    Database::of(other.path()).execute("CREATE TABLE words (word TEXT)");
    drop(folder);
    match &database {
        Database::File(path) => assert!(!path.exists()),
        Database::Remote(url) => assert!(PgConnection::establish(url).is_err()),
    }
}
