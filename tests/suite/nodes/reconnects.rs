//! A client that comes back to another node: it misses nothing, gets nothing twice, and its retries are recognised.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{follow, nodes, pair_apart};
use crate::kit::*;
use crate::races::both;

/// Live frames of a visit.
const FRAMES: u64 = 30;

/// Catches up at the node that `person` uses, follows the session for a while, and is cut off.
fn visit(person: &Person, session: &str, held: &mut SessionReplica) {
    let mut line = TrySocket::connect(person.http.endpoint(), &person.token).unwrap();
    held.catch_up(&mut line, session, |_| ()).unwrap();
    held.is_whole();
    let end = held.rev + FRAMES;
    while held.rev < end {
        let frame = line.receive(PATIENCE).unwrap().expect("a live frame");
        follow(held, session, &frame);
    }
}

#[test]
fn a_client_that_changes_nodes_misses_nothing_and_gets_nothing_twice() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let mark = register_at(&server, 1, "mark");
    let trip = group(&avi, "Trip", &[&lisa, &mark]);
    let enough = AtomicBool::new(false);
    let mut held = SessionReplica::default();
    thread::scope(|scope| {
        for person in [&avi, &mark, &avi.at(&server, 1)].map(Person::clone) {
            let (trip, enough) = (&trip, &enough);
            scope.spawn(move || {
                let mut socket = person.connect();
                while !enough.load(Ordering::Relaxed) {
                    let seq = number(&socket.send_message(trip, "one more thing"), "seq");
                    socket.ok(json!({"type": "edit", "session": trip, "seq": seq, "text": "one thing less"}));
                }
            });
        }
        let visits = scope.spawn(|| {
            (0..20).for_each(|turn| visit(&lisa.at(&server, turn % 2), &trip, &mut held));
        });
        let visits = visits.join();
        enough.store(true, Ordering::Relaxed);
        visits.expect("a visit");
    });
    let mut line = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
    held.catch_up(&mut line, &trip, |_| ()).unwrap();
    held.is_whole();
    for node in 0..2 {
        let fresh = SessionReplica::load(&lisa.at(&server, node), &trip);
        assert_eq!((held.texts(), held.rev), (fresh.texts(), fresh.rev), "node {node}");
    }
    // An epoch belongs to the database, not to a node.
    let ready = [0, 1].map(|node| lisa.at(&server, node).connect().ready["server"]["epoch"].clone());
    assert_eq!(ready[0], ready[1]);
    assert_eq!(SessionReplica::load(&avi, &id).texts(), [""; 0]);
}

#[test]
fn a_key_repeated_at_another_node_gives_the_same_message() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let phone = avi.at(&server, 1);
    let mut hers = lisa.connect();
    let (mut his, mut again) = (avi.connect(), phone.connect());
    let send = json!({"type": "send", "session": id, "text": "once", "key": "k1"});
    let first = his.ok(send.clone());
    let second = again.ok(send.clone());
    assert_eq!((&second["seq"], &second["at"], &second["duplicate"]), (&first["seq"], &first["at"], &json!(true)));
    let path = format!("/sessions/{id}/messages");
    let third = phone.http.post(&path, json!({"text": "once", "key": "k1"})).ok();
    assert_eq!((&third["seq"], &third["duplicate"]), (&first["seq"], &json!(true)));
    phone.http.post(&path, json!({"text": "else", "key": "k1"})).refused(409, "key_conflict");
    assert_eq!(hers.receive(&id), "once");
    // In the same moment.
    for number in 0..knob("PARLOR_TEST_RACES", 25) {
        let send = json!({"type": "send", "session": id, "text": "at once", "key": format!("at once {number}")});
        let (one, other) = both(|| his.ok(send.clone()), || again.ok(send.clone()));
        assert_eq!(one["seq"], other["seq"]);
        assert_ne!(one["duplicate"] == true, other["duplicate"] == true, "{one} {other}");
        hers.wait_for("it", |frame| frame["type"] == "message" && frame["seq"] == one["seq"]);
    }
    hers.expect_no("message");
}

#[test]
fn a_key_of_a_new_session_repeated_at_another_node_gives_the_same_session() {
    let Some(server) = nodes(2) else { return };
    let avi = register_at(&server, 0, "avi");
    let phone = avi.at(&server, 1);
    for number in 0..knob("PARLOR_TEST_RACES", 25) {
        let room = json!({"kind": "room", "keep": true, "key": format!("k{number}")});
        let (one, other) =
            both(|| avi.http.post("/sessions", room.clone()), || phone.http.post("/sessions", room.clone()));
        assert_eq!(one.ok()["session"]["id"], other.ok()["session"]["id"]);
    }
}
