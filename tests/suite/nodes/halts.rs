//! A node that halts and goes on, and PostgreSQL restarted under two nodes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use super::writer::Writer;
use super::{DEATH, SETTINGS, follow, nodes, pair_apart};
use crate::kit::cluster::{Cluster, programs};
use crate::kit::folder::Folder;
use crate::kit::*;

/// A send is accepted again within this time.
const SOON: Duration = Duration::from_secs(5);
/// Longer than the others wait for a sign of life.
const HALT: Duration = Duration::from_secs(20);

#[test]
fn a_node_that_halts_for_twenty_seconds_closes_its_connections_and_serves_again() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let mut his = avi.connect();
    let mut hers = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
    his.wait_for("lisa", |frame| frame["username"] == "lisa" && frame["status"] == "online");
    let mut held = SessionReplica::default();
    his.send_message(&id, "before");
    held.catch_up(&mut hers, &id, |_| ()).unwrap();
    server.signal_node(1, "STOP");
    let begun = Instant::now();
    // It may be on its way when the process goes on, or be lost with its connection.
    hers.send(&json!({"type": "send", "id": "1", "session": id, "text": "in between", "key": "k1"})).unwrap();
    his.send_message(&id, "meanwhile");
    his.wait_within(DEATH, "lisa going", |frame| frame["username"] == "lisa" && frame["status"] == "offline");
    his.send_message(&id, "afterwards");
    thread::sleep(HALT.saturating_sub(begun.elapsed()));
    server.signal_node(1, "CONT");
    let end = hers.end_with(PATIENCE, |frame| {
        follow(&mut held, &id, &frame);
    });
    assert!(matches!(end, Some(Lost::Closed(1013, _))), "{end:?}");
    let http = server.http().by(&server.node(1));
    until("it is ready", PATIENCE, || http.get("//readyz").status == 200);
    let mut hers = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
    held.catch_up(&mut hers, &id, |_| ()).unwrap();
    let ok = hers.request(json!({"type": "send", "session": id, "text": "in between", "key": "k1"}), |_| ()).unwrap();
    assert_eq!(ok["type"], "ok", "{ok}");
    let fresh = [&avi, &lisa].map(|person| SessionReplica::load(person, &id).texts());
    assert_eq!(fresh[0], fresh[1]);
    let mut sorted = fresh[0].clone();
    sorted.sort();
    assert_eq!(sorted, ["afterwards", "before", "in between", "meanwhile"]);
    held.catch_up(&mut hers, &id, |_| ()).unwrap();
    held.is_whole();
    assert_eq!(held.texts(), fresh[0]);
    his.wait_for("lisa", |frame| frame["username"] == "lisa" && frame["status"] == "online");
    his.send_message(&id, "welcome back");
    let live = hers.receive(PATIENCE).unwrap().expect("live again");
    assert!(live["text"] == "welcome back" || live["type"] == "presence", "{live}");
}

/// Writes until it is stopped; returns the texts in order and how it was closed.
fn write_on(person: &Person, session: &str, enough: &AtomicBool) -> (Vec<String>, Vec<Lost>) {
    let (mut writer, mut texts, mut last) = (Writer::new(person), Vec::new(), 0);
    while !enough.load(Ordering::Relaxed) {
        let content = format!("{}, {}", person.username, texts.len());
        let seq = writer.insist(session, &content, DEATH);
        assert!(seq > last, "{content} is at {seq}, after {last}");
        last = seq;
        texts.push(content);
    }
    (texts, writer.ends)
}

#[test]
fn a_restart_of_postgresql_under_two_nodes_loses_doubles_and_reorders_nothing() {
    if skipped_on_sqlite("it is about PostgreSQL") {
        return;
    }
    let folder = Folder::new();
    let mut cluster = Cluster::start(&programs().expect("PostgreSQL is installed"), folder.path().join("postgres.log"));
    PgConnection::establish(&cluster.url()).unwrap().batch_execute("CREATE DATABASE parlor").unwrap();
    let url = format!("{}/parlor", cluster.url().strip_suffix("/postgres").unwrap());
    let server = Server::nodes_on(Database::Remote(url), 2, &SETTINGS);
    let (avi, lisa, id) = pair_apart(&server);
    let free = befriend(&register(&server, "nina"), &avi);
    let enough = AtomicBool::new(false);
    let wrote = thread::scope(|scope| {
        let writers = [&avi, &lisa].map(|person| scope.spawn(|| write_on(person, &id, &enough)));
        // On this thread: PostgreSQL ends with the one that has started it.
        let outages = catch_unwind(AssertUnwindSafe(|| {
            let mut probes = [0, 1].map(|node| Writer::new(&avi.at(&server, node)));
            for (round, how) in
                [Cluster::stop as fn(&mut Cluster), Cluster::kill, Cluster::stop].into_iter().enumerate()
            {
                for (node, probe) in probes.iter_mut().enumerate() {
                    probe.insist(&free, &format!("before {round} at {node}"), PATIENCE);
                }
                how(&mut cluster);
                for node in 0..2 {
                    let http = server.http().by(&server.node(node));
                    until("it notices", PATIENCE, || http.get("//readyz").status == 503);
                }
                cluster.restart();
                let begun = Instant::now();
                for (node, probe) in probes.iter_mut().enumerate() {
                    probe.insist(&free, &format!("after {round} at {node}"), PATIENCE);
                    assert!(begun.elapsed() < SOON, "node {node} stored only after {:?}", begun.elapsed());
                }
            }
        }));
        enough.store(true, Ordering::Relaxed);
        let wrote = writers.map(|writer| writer.join().expect("a writer"));
        outages.expect("the outages");
        wrote
    });
    let texts = [&avi, &lisa].map(|person| SessionReplica::load(person, &id).texts());
    assert_eq!(texts[0], texts[1]);
    for ((own, ends), person) in wrote.into_iter().zip([&avi, &lisa]) {
        let stored: Vec<String> = texts[0].iter().filter(|text| text.starts_with(&person.username)).cloned().collect();
        assert_eq!(stored, own, "{ends:?}");
        // Where the outcome of a commit was unknown, and nothing else.
        assert!(ends.iter().all(|end| matches!(end, Lost::Closed(1013, _))), "{ends:?}");
    }
    drop(server);
    drop(cluster);
}
