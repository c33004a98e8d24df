//! Expiry of invites and tokens: they end on time, and a clock that was set back changes no order.
//!
//! The hour passes in the database, between two starts of the server, or on the wall clock of a running one, which
//! `shifted_clock.c` sets.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::kit::folder::Folder;
use crate::kit::*;

const DAY: i64 = 24 * 3_600;

/// The clock of PostgreSQL's database, from which messages and the like have their times: another function of its name is found
/// first, so that it can be set as the server's own.
const SHIFTED: &str = "CREATE SCHEMA clock; \
    CREATE TABLE clock.ahead (seconds BIGINT NOT NULL); INSERT INTO clock.ahead VALUES (0); \
    CREATE FUNCTION clock.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE sql VOLATILE AS $$ \
    SELECT pg_catalog.clock_timestamp() + make_interval(secs => seconds) FROM clock.ahead $$; \
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, clock, pg_catalog', current_database()); END $$";

/// A server whose wall clock can be set while it runs.
struct ShiftedClock {
    server: Server,
    database: Database,
    offset: PathBuf,
    _folder: Folder,
}

impl ShiftedClock {
    fn new() -> Self {
        let folder = Folder::new();
        let (library, offset) = (folder.path().join("shifted_clock.so"), folder.path().join("offset"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/shifted_clock.c");
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
        assert!(built.expect("a C compiler, `cc`").success(), "cc does not build {source}");
        fs::write(&offset, 0_i64.to_ne_bytes()).unwrap();
        let settings = [("LD_PRELOAD", library.to_str().unwrap()), ("SHIFTED_CLOCK", offset.to_str().unwrap())];
        let database = Database::of(folder.path());
        if Store::under_test() == Store::Postgres {
            database.execute(SHIFTED);
        }
        Self { server: Server::at(folder.path(), &settings), database, offset, _folder: folder }
    }

    /// From now on the server's clock is so many seconds ahead of ours.
    fn set_ahead(&self, seconds: i64) {
        use std::os::unix::fs::FileExt;
        let file = fs::File::options().write(true).open(&self.offset).unwrap();
        file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
        if Store::under_test() == Store::Postgres {
            self.database.execute(&format!("UPDATE clock.ahead SET seconds = {seconds}"));
        }
    }
}

#[test]
fn connections_of_expired_tokens_are_closed_promptly_and_cannot_reconnect() {
    let clock = ShiftedClock::new();
    let avi = register(&clock.server, "avi");
    let gwen = Person::visit(&clock.server, "gwen");
    let (mut his, mut hers) = (avi.connect(), gwen.connect());
    clock.set_ahead(29 * DAY);
    his.fence();
    hers.fence();
    clock.set_ahead(31 * DAY);
    assert_eq!((his.close_code(), hers.close_code()), (4502, 4502));
    for person in [&avi, &gwen] {
        person.http.get("/me").refused(401, "unauthenticated");
    }
    // A guest's visit ends with the token, and the name is free.
    Person::visit(&clock.server, "gwen");
    clock.set_ahead(0);
    for person in [&avi, &gwen] {
        person.http.get("/me").refused(401, "unauthenticated");
    }
    let tokens = Person::login(&clock.server, "avi").http.get("/tokens").ok();
    assert_eq!(list(&tokens, "tokens").len(), 1);
}

#[test]
fn a_token_that_was_refused_once_is_never_good_again() {
    let clock = ShiftedClock::new();
    let avi = register(&clock.server, "avi");
    for _ in 0..3 {
        clock.set_ahead(12 * 365 * DAY);
        avi.http.get("/me").refused(401, "unauthenticated");
        clock.set_ahead(0);
        avi.http.get("/me").refused(401, "unauthenticated");
    }
}

#[test]
fn use_renews_a_token_however_often() {
    let clock = ShiftedClock::new();
    let avi = register(&clock.server, "avi");
    let mut his = avi.connect();
    for times in 1..=4_i64 {
        clock.set_ahead(times * 29 * DAY);
        avi.http.get("/me").ok();
        // It is noted behind the answer.
        let used = "SELECT max(last_used_at) - min(created_at) FROM tokens";
        until("the use is noted", PATIENCE, || clock.server.count(used) >= times * 29 * 86_400_000);
        his.fence();
    }
}

/// Stops the server politely, moves what is stored through time, and starts it again.
fn meanwhile(server: &mut Server, statements: &[&str]) {
    let (status, _) = server.terminate();
    assert!(status.success(), "{status}");
    for statement in statements {
        server.sql(statement);
    }
    server.open().unwrap();
}

#[test]
fn an_invite_expires() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let request = || avi.http.post("/invites", json!({"username": "lisa"})).ok()["invite"].clone();
    let requested = request();
    meanwhile(&mut server, &["UPDATE invites SET expires_at = at"]);

    let waiting = lisa.http.get("/invites").ok();
    assert_eq!(list(&waiting, "invites").len(), 0);
    assert_eq!(list(&lisa.connect().ready, "invites").len(), 0);
    let path = format!("/invites/{}", text(&requested, "id"));
    lisa.http.post(&format!("{path}/accept"), json!({})).refused(410, "invite_closed");
    avi.http.delete(&path).refused(410, "invite_closed");
    let sent = avi.http.get("/invites?direction=out").ok();
    assert_eq!(sent["invites"][0]["state"], "expired");
    // An expired invite can be sent anew, and crosses nothing.
    let crossing = lisa.http.post("/invites", json!({"username": "avi"})).ok();
    assert_eq!(crossing["invite"]["state"], "pending");
    lisa.http.delete(&format!("/invites/{}", text(&crossing["invite"], "id"))).ok();
    let again = request();
    assert_ne!(again["id"], requested["id"]);
    assert_eq!(again["state"], "pending");
}

#[test]
fn a_token_expires() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    meanwhile(&mut server, &["UPDATE tokens SET expires_at = created_at"]);
    avi.http.get("/me").refused(401, "unauthenticated");
    let mut socket = avi.upgrade();
    socket.send(&json!({"type": "hello", "token": avi.token}));
    assert!([4501, 4502].contains(&socket.close_code()));
    let new = Person::login(&server, "avi");
    let tokens = new.http.get("/tokens").ok();
    assert_eq!(list(&tokens, "tokens").len(), 1, "what has expired is not listed");
}

#[test]
fn a_token_that_is_used_lives_on() {
    let mut server = Server::start();
    register(&server, "avi");
    let login = server.http().post("/login", json!({"username": "avi", "password": PASSWORD})).ok();
    let http = server.http().with_token(text(&login, "token"));
    let days = 29 * 24 * 3600 * 1000_i64;
    let almost = format!(
        "UPDATE tokens SET created_at = created_at - {days}, last_used_at = last_used_at - {days}, \
         expires_at = expires_at - {days}"
    );
    meanwhile(&mut server, &[&almost]);
    http.get("/me").ok();
    // What the use did to the token is kept by the time the server has stopped.
    server.restart();
    let tokens = http.get("/tokens").ok();
    let used = list(&tokens, "tokens").iter().find(|one| one["current"] == true).unwrap();
    assert!(text(used, "expires_at") >= text(&login, "expires_at"), "30 days from its last use: {used}");
}

#[test]
fn message_times_never_go_back_even_when_the_clock_does() {
    let mut server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.send_message(&session, "from a server whose clock was an hour ahead");
    meanwhile(
        &mut server,
        &["UPDATE messages SET at = at + 3600000", "UPDATE sessions SET last_at = last_at + 3600000"],
    );
    lisa.send_message(&session, "after the clock was put right");
    let ok = avi.connect().send_message(&session, "and again");
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    let times = texts(list(&page, "messages"), "at");
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(text(&ok, "at"), times[2]);
}
