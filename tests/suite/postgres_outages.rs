//! PostgreSQL that loses connections, holds locks, or is away: nothing is lost, doubled or reordered, and no process is restarted.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::kit::cluster::{Cluster, programs};
use crate::kit::folder::Folder;
use crate::kit::*;

/// A send is refused, and accepted again, within this time.
const SOON: Duration = Duration::from_secs(5);

const SETTINGS: [(&str, &str); 3] =
    [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_FRAMES_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")];

/// Sends until it is stored: again, with the same key, while the server is unable to.
fn insist(socket: &mut Socket, session: &str, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let id = socket.submit(json!({"type": "send", "session": session, "text": text, "key": text}));
        let answer = socket.answer(&id);
        if answer["type"] == "ok" {
            return;
        }
        assert!(["unavailable", "busy"].contains(&self::text(&answer, "code")), "{answer}");
        assert!(Instant::now() < deadline, "{text}: {answer}");
    }
}

fn texts(person: &Person, session: &str) -> Vec<String> {
    SessionReplica::load(person, session).texts()
}

#[test]
fn sends_survive_the_loss_of_every_connection_to_the_database() {
    if skipped_on_sqlite("it is about PostgreSQL") {
        return;
    }
    let server = Server::with(&SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let mut socket = avi.connect();
    let wanted: Vec<String> = (0..100).map(|number| format!("message {number}")).collect();
    for (number, text) in wanted.iter().enumerate() {
        let id = socket.submit(json!({"type": "send", "session": session, "text": text, "key": text}));
        if number % 5 == 0 {
            // The message is on its way to the database.
            let terminated = server.count(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            assert!(terminated > 0, "nobody was connected");
            // Reads go on over new connections.
            assert_eq!(lisa.http.get("/sessions").status, 200);
        }
        if socket.answer(&id)["type"] != "ok" {
            insist(&mut socket, &session, text);
        }
    }
    assert_eq!(texts(&lisa, &session), wanted);
}

#[test]
fn a_locked_session_holds_up_no_other() {
    if skipped_on_sqlite("it is about PostgreSQL") {
        return;
    }
    let server = Server::with(&SETTINGS);
    let [avi, lisa, tom] = people(&server, ["avi", "lisa", "tom"]);
    let (locked, free) = (befriend(&avi, &lisa), befriend(&avi, &tom));
    avi.send_message(&locked, "before");
    let mut other = PgConnection::establish(&server.database().url()).unwrap();
    other
        .batch_execute(
            "BEGIN; SELECT 1 FROM sessions WHERE id = (SELECT session_id FROM messages WHERE text = 'before') FOR UPDATE",
        )
        .unwrap();
    let (mut held, mut socket) = (lisa.connect(), tom.connect());
    let began = Instant::now();
    let request = held.submit(json!({"type": "send", "session": locked, "text": "held"}));
    let mut slowest = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(3) {
        let sent = Instant::now();
        let id = socket.submit(json!({"type": "send", "session": free, "text": "free"}));
        assert_eq!(socket.answer(&id)["type"], "ok");
        slowest = slowest.max(sent.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "another session waited for {slowest:?}");
    let answer = held.answer(&request);
    assert_eq!(answer["code"], "busy", "{answer}");
    assert!(began.elapsed() < SOON + Duration::from_secs(1), "refused only after {:?}", began.elapsed());
    other.batch_execute("COMMIT").unwrap();
    insist(&mut held, &locked, "after");
    assert_eq!(texts(&avi, &locked), ["before", "after"]);
}

#[test]
fn a_failover_is_a_new_epoch_and_closes_every_connection() {
    if skipped_on_sqlite("it is about PostgreSQL") {
        return;
    }
    let server = Server::with(&SETTINGS);
    let avi = register(&server, "avi");
    let mut socket = avi.connect();
    let epoch = |socket: &Socket| text(&socket.ready["server"], "epoch").to_owned();
    let before = epoch(&socket);
    // As if the server had written to another timeline before its connections were lost.
    server.meddle("UPDATE server SET timeline = '00000000'");
    server.meddle(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    register(&server, "lisa");
    assert_eq!(socket.close_code(), 1012);
    assert_ne!(epoch(&avi.connect()), before);
}

#[test]
fn while_postgresql_is_away_sends_are_refused_and_afterwards_all_goes_on() {
    if skipped_on_sqlite("it is about PostgreSQL") {
        return;
    }
    let folder = Folder::new();
    let mut cluster = Cluster::start(&programs().expect("PostgreSQL is installed"), folder.path().join("postgres.log"));
    let mut db = PgConnection::establish(&cluster.url()).unwrap();
    db.batch_execute("CREATE DATABASE parlor").unwrap();
    drop(db);
    let url = format!("{}/parlor", cluster.url().strip_suffix("/postgres").unwrap());
    let server = Server::on(Database::Remote(url), &SETTINGS);
    let (avi, lisa, session) = pair(&server);
    let (mut socket, pid) = (avi.connect(), server.pid());
    let mut wanted = Vec::new();
    for how in [Cluster::stop as fn(&mut Cluster), Cluster::kill] {
        let before = format!("before {}", wanted.len());
        insist(&mut socket, &session, &before);
        how(&mut cluster);
        let began = Instant::now();
        let id = socket.submit(json!({"type": "send", "session": session, "text": "away", "key": "away"}));
        assert_eq!(socket.answer(&id)["code"], "unavailable");
        server.http().get("//readyz").refused(503, "unavailable");
        // Processes of a killed PostgreSQL may answer for a moment.
        until("reads are refused", SOON, || lisa.http.get("/sessions").status == 503);
        lisa.http.get("/sessions").refused(503, "unavailable");
        assert!(began.elapsed() < SOON + SOON, "refused only after {:?}", began.elapsed());
        cluster.restart();
        let began = Instant::now();
        let after = format!("after {}", wanted.len());
        insist(&mut socket, &session, &after);
        assert!(began.elapsed() < SOON, "stored only after {:?}", began.elapsed());
        wanted.extend([before, after]);
        until("it is ready", SOON, || server.http().get("//readyz").status == 200);
        assert_eq!(lisa.http.get("/sessions").status, 200);
    }
    assert_eq!(texts(&lisa, &session), wanted);
    assert_eq!(server.pid(), pid);
    drop(server);
    drop(cluster);
}
