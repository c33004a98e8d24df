//! Commands on PostgreSQL: what it refuses, backups, the consistency check, failovers.

use std::fs;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::faults::live;
use super::scratch::{Scratch, at, lines, rows, server, tables};
use crate::kit::folder::Folder;
use crate::kit::*;

/// Commands that need a database that is there.
const COMMANDS: [&[&str]; 5] = [
    &["user", "list"],
    &["user", "disable", "avi"],
    &["verify"],
    &["verify", "--new-epoch"],
    &["copy", "--to", "sqlite:/nowhere/copy.db", "--from"],
];

/// Runs each of these commands, and one that would create tables, on this database.
fn run_all(database: &Database) -> Vec<CommandOutput> {
    let url = database.url();
    let commands = COMMANDS.iter().map(|command| {
        let with_url = command.last() == Some(&"--from");
        let arguments: Vec<&str> = command.iter().copied().chain(with_url.then_some(url.as_str())).collect();
        parlor(database, &arguments, "")
    });
    commands.chain([parlor(database, &["migrate"], "")]).collect()
}

/// A database that a server has filled, of which no server is running.
fn filled() -> Option<Scratch> {
    let scratch = Scratch::new()?;
    let server = Server::start();
    live(&server);
    let (from, to) = (server.database().url(), scratch.database.url());
    parlor(&scratch.database, &["copy", "--from", &from, "--to", &to], "").ok();
    Some(scratch)
}

#[test]
fn what_is_wrong_with_a_database_is_reported_with_what_to_do() {
    let Some(foreign) = Scratch::new() else { return };
    let absent = Database::Remote(at(server().unwrap(), "parlor_no_such_database"));
    let mut away = server().unwrap();
    away.set_port(Some(1)).unwrap();
    let latin = Scratch::with("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'").unwrap();
    foreign.database.execute("CREATE TABLE server (epoch TEXT); CREATE TABLE messages (text TEXT)");
    let before = foreign.database.content();
    let newer = Scratch::new().unwrap();
    parlor(&newer.database, &["migrate"], "").ok();
    newer.database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    for (database, named) in [
        (&absent, "createdb --template=template0"),
        (&Database::Remote(away.into()), "Connection refused"),
        (&latin.database, "does not have the encoding UTF8"),
        (&foreign.database, "is not a Parlor database; it was not changed"),
        (&newer.database, "it knows the migration 99990101000000"),
    ] {
        for ran in run_all(database) {
            ran.refused(named);
        }
    }
    assert_eq!(foreign.database.content(), before);
    let older = Scratch::new().unwrap();
    parlor(&older.database, &["migrate"], "").ok();
    older.database.execute("DELETE FROM __diesel_schema_migrations WHERE version > '2026112910'");
    parlor(&older.database, &["verify"], "").refused("`parlor migrate`");
}

#[test]
fn no_command_shows_a_password() {
    let Some(scratch) = Scratch::new() else { return };
    let server = server().unwrap();
    let with_password = |name: &str, query: &str| {
        let mut url = server.clone();
        url.set_password(Some("hunter2")).unwrap();
        Database::Remote(format!("{}{query}", at(url, name)))
    };
    let mut nobody = server.clone();
    nobody.set_username("parlor_nobody").unwrap();
    nobody.set_password(Some("hunter2")).unwrap();
    for (database, code) in [
        (with_password("parlor_no_such_database", ""), 1),
        (with_password(scratch.name(), "?sslmode=hunter"), 1),
        (with_password(scratch.name(), "?password"), 2),
        (with_password(scratch.name(), "?password=hunter2=hunter2"), 2),
        (Database::Remote(at(nobody, scratch.name())), 1),
        (Database::Remote("postgres://avi:hunter2@host:port/parlor".to_owned()), 2),
        (Database::Remote("postgres://avi:1/hunter2@host/parlor".to_owned()), 2),
        (Database::Remote("postgres://avi:hunter2%zz@host/parlor".to_owned()), 2),
        (Database::Remote("mysql://avi:hunter2@host/parlor".to_owned()), 2),
    ] {
        let serve = parlor(&database, &["serve", "--listen", "127.0.0.1:0", "--log", "debug"], "");
        for ran in run_all(&database).into_iter().chain([serve]) {
            assert_eq!(ran.code, code, "{ran:?}");
            assert!(!ran.err.contains("hunter2") && !ran.out.contains("hunter2"), "{ran:?}");
        }
    }
}

#[test]
fn an_ordinary_role_that_owns_the_database_may_do_everything() {
    let Some(scratch) = Scratch::new() else { return };
    let role = format!("parlor_owner_{}", std::process::id());
    let mut admin = PgConnection::establish(server().unwrap().as_str()).unwrap();
    admin.batch_execute(&format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")).unwrap();
    let mut url = server().unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let own = Database::Remote(at(url, scratch.name()));
    parlor(&own, &["migrate"], "").refused("best as the owner of the database");
    scratch.database.execute(&format!("ALTER DATABASE {} OWNER TO {role}", scratch.name()));
    parlor(&own, &["migrate"], "").ok();
    parlor(&own, &["user", "add", "avi"], "correct horse battery\n").ok();
    assert_eq!(own.count("SELECT count(*) FROM server WHERE timeline = '00000001'"), 1);
    let ran = parlor(&own, &["verify"], "");
    assert!(!ran.err.contains("WARN"), "{ran:?}");
    ran.ok();
    let folder = Folder::new();
    let copy = folder.path().join("copy.db");
    parlor(&own, &["backup", copy.to_str().unwrap()], "").ok();
    assert_eq!(rows(&Database::file(&copy)), rows(&own));
    drop(scratch);
    admin.batch_execute(&format!("DROP ROLE {role}")).unwrap();
}

#[test]
fn a_backup_of_postgresql_is_a_file_that_can_be_checked_and_served() {
    let Some(scratch) = filled() else { return };
    let folder = Folder::new();
    let path = folder.path().join("parlor.db");
    let sent = parlor(&scratch.database, &["backup", path.to_str().unwrap()], "").ok();
    assert!(sent.contains("is a copy of postgres://") && sent.contains(" MB"), "{sent}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(rows(&Database::file(&path)), rows(&scratch.database));
    parlor(&Database::file(&path), &["verify"], "").ok();
    parlor(&scratch.database, &["backup", path.to_str().unwrap()], "").refused("already exists");
    parlor(&scratch.database, &["verify"], "").ok();
}

#[test]
fn a_failover_renews_the_epoch() {
    let Some(scratch) = Scratch::new() else { return };
    let database = &scratch.database;
    let epoch = || lines(database, "SELECT epoch AS line FROM server");
    parlor(database, &["user", "add", "avi"], "correct horse battery\n").ok();
    let first = epoch();
    assert!(!parlor(database, &["migrate"], "").err.contains("failed over"));
    assert_eq!(epoch(), first);
    database.execute("UPDATE server SET timeline = '0000000A'");
    let ran = parlor(database, &["migrate"], "");
    assert!(ran.err.contains("PostgreSQL has failed over (timeline 00000001 after 0000000A)"), "{ran:?}");
    let second = epoch();
    assert_ne!(second, first);
    assert!(!parlor(database, &["migrate"], "").err.contains("failed over"));
    assert_eq!(epoch(), second);
    // A database from before timelines were stored is no failover.
    database.execute("UPDATE server SET timeline = NULL");
    parlor(database, &["migrate"], "").ok();
    assert_eq!(epoch(), second);
    assert_eq!(database.count("SELECT count(*) FROM server WHERE timeline = '00000001'"), 1);
}

#[test]
fn verify_finds_what_a_restored_dump_may_lack() {
    let Some(whole) = filled() else { return };
    parlor(&whole.database, &["verify"], "").ok();
    for (fault, named) in [
        ("ALTER TABLE messages ALTER text DROP NOT NULL", "the column messages.text is not as the migrations make it"),
        ("ALTER TABLE users DROP CONSTRAINT users_username_key_key", "users_username_key_key is missing"),
        ("ALTER TABLE users DISABLE TRIGGER users_added", "the trigger users_added is not as the migrations make it"),
        ("DROP INDEX messages_by_key", "the index messages_by_key is missing"),
        ("DROP TABLE login_addresses", "the column login_addresses.at is missing"),
        ("SELECT setval('message_ids', 1)", "the sequence message_ids is"),
        ("DELETE FROM sessions WHERE title = 'Three'", "a row of messages points at a row of sessions"),
        ("INSERT INTO search VALUES (999999, '')", "number 999999, which it cannot have"),
    ] {
        let copy = whole.clone_of();
        copy.database.damage(fault);
        let ran = parlor(&copy.database, &["verify"], "");
        assert_eq!(ran.code, 1, "{fault}: {ran:?}");
        assert!(ran.out.contains(named), "{fault}: wanted {named:?}: {ran:?}");
    }
    parlor(&whole.database, &["verify", "--new-epoch"], "").ok();
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let Some(scratch) = Scratch::new() else { return };
    parlor(&scratch.database, &["migrate"], "").ok();
    let mut here: Vec<String> = tables()
        .iter()
        .flat_map(|(table, columns)| columns.iter().map(move |(column, _)| format!("{table}.{column}")))
        .collect();
    // By which a failover is detected, and several nodes work together.
    here.extend(["server.timeline", "server.bus_key"].map(str::to_owned));
    here.sort();
    let mut there = lines(
        &scratch.database,
        "SELECT table_name || '.' || column_name AS line FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' AND table_name NOT LIKE 'search%' \
         AND table_name NOT IN ('nodes', 'outbox', 'attendance', 'occupied_rooms')",
    );
    there.sort();
    assert_eq!(here, there);
}
