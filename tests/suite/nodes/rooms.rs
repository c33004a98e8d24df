//! Rooms and guests that end without a connection: connections at any node count.

use std::time::{Duration, Instant};

use super::{DEATH, nodes_with};
use crate::kit::*;

/// The shortest that can be distinguished from none.
const GRACE: [(&str, &str); 4] = [
    ("PARLOR_ROOM_GRACE_SECONDS", "1"),
    ("PARLOR_ROOM_INVITE_SECONDS", "1"),
    ("PARLOR_ROOM_MISSES", "0"),
    ("PARLOR_TOTAL_ROOM_MISSES", "0"),
];

/// Sooner than that would be a broken promise.
const SOONEST: Duration = Duration::from_millis(900);

fn is_there(person: &Person, code: &str) -> bool {
    person.http.get(&format!("/rooms/{code}")).status == 200
}

/// Waits until a room in which nobody ever was has ended: a grace period that has begun before is over.
#[track_caller]
fn grace_passes(person: &Person) {
    for _ in 0..2 {
        let (_, code) = room(person, json!({}));
        until("an empty room has ended", PATIENCE, || !is_there(person, &code));
    }
}

#[test]
fn a_room_ends_when_no_node_has_a_connection_in_it() {
    let Some(server) = nodes_with(2, &GRACE) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    let nina = register(&server, "nina");
    for last in 0..2 {
        let (id, code) = room(&avi, json!({}));
        let (his, mut hers) = (avi.connect(), lisa.connect());
        hers.ok(json!({"type": "join", "code": code}));
        hers.send_message(&id, "hello");
        let [first, second] = if last == 0 { [hers, his] } else { [his, hers] };
        first.cut();
        for node in 0..2 {
            grace_passes(&nina.at(&server, node));
            assert!(is_there(&nina.at(&server, node), &code), "a member is connected at node {last}");
        }
        let begun = Instant::now();
        second.cut();
        until("the room is gone", PATIENCE, || !is_there(&nina, &code));
        assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
        let mut his = avi.connect();
        assert!(!his.ready.to_string().contains(&id));
        his.ok(json!({"type": "sync", "sessions": {&id: 1}}));
        his.wait_for("that it is over", |frame| frame["type"] == "session_removed" && frame["reason"] == "not_found");
    }
}

#[test]
fn the_start_of_a_node_ends_no_room_and_no_guest_of_another() {
    let Some(mut server) = nodes_with(2, &GRACE) else { return };
    let avi = register_at(&server, 0, "avi");
    let nina = register_at(&server, 0, "nina");
    server.terminate_node(1);
    let (id, code) = room(&avi, json!({}));
    let mut his = avi.connect();
    let guest = join_as(&server, "Lisa", &code).at(&server, 0);
    let (other, _) = create_as(&server, "Maker");
    let (mut theirs, mut makers) = (guest.connect(), other.at(&server, 0).connect());
    for _ in 0..2 {
        server.open_node(1).unwrap();
        for node in [1, 0] {
            grace_passes(&nina.at(&server, node));
        }
        assert!(is_there(&nina, &code));
        his.send_message(&id, "still here");
        assert_eq!(theirs.receive(&id), "still here");
        for socket in [&mut his, &mut theirs, &mut makers] {
            socket.expect_no("session_removed");
        }
        assert_eq!(guest.http.get("/me").status, 200);
        assert!(server.terminate_node(1).success());
        // Its end is no end of theirs either.
        grace_passes(&nina);
        assert!(is_there(&nina, &code));
    }
}

#[test]
fn a_guest_who_reconnects_to_another_node_remains() {
    let Some(server) = nodes_with(2, &GRACE) else { return };
    let (avi, nina) = (register_at(&server, 0, "avi"), register(&server, "nina"));
    let (id, code) = room(&avi, json!({"keep": true}));
    let mut his = avi.connect();
    let guest = join_as(&server, "Lisa", &code);
    let mut theirs = guest.at(&server, 1).connect();
    his.wait_for("the notice", |frame| frame["kind"] == "notice" && frame["session"] == *id);
    assert_eq!(his.expect("member")["state"], "joined");
    for node in [0, 1, 0] {
        theirs.cut();
        theirs = guest.at(&server, node).connect();
        grace_passes(&nina.at(&server, 1 - node));
        assert_eq!(guest.at(&server, 1 - node).http.get("/me").status, 200);
    }
    his.expect_no("member");
    theirs.cut();
    until("the guest is gone", PATIENCE, || guest.http.get("/me").status == 401);
    assert_eq!(his.expect("member")["state"], "left");
}

#[test]
fn a_room_survives_the_death_of_a_node_where_it_is_empty_and_ends_with_its_own() {
    let Some(mut server) = nodes_with(2, &GRACE) else { return };
    let (avi, lisa) = (register_at(&server, 0, "avi"), register_at(&server, 1, "lisa"));
    let nina = register_at(&server, 0, "nina");
    let (id, code) = room(&avi, json!({}));
    let (_, hers) = room(&lisa, json!({}));
    let (mut socket, _lost) = (avi.connect(), lisa.connect());
    let guest = join_as(&server, "Guest", &hers);
    let _guests = guest.at(&server, 1).connect();
    for node in 0..2 {
        grace_passes(&nina.at(&server, node));
        assert!(is_there(&nina, &code) && is_there(&nina, &hers), "both are occupied");
    }
    server.kill_node(1);
    until("the room of the dead node is gone", DEATH, || !is_there(&nina, &hers));
    until("its guest is gone", DEATH, || guest.at(&server, 0).http.get("/me").status == 401);
    grace_passes(&nina);
    assert!(is_there(&nina, &code));
    socket.send_message(&id, "still here");
    socket.expect_no("session_removed");
}
