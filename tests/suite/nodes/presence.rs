//! Presence over several nodes: a user is online where any node has a connection of theirs.

use std::time::{Duration, Instant};

use super::{becomes, nodes, nodes_with, pair_apart, passes, status};
use crate::kit::*;

#[track_caller]
fn comes(socket: &mut Socket, name: &str, status: &str) {
    socket.wait_for(&format!("{name} {status}"), |frame| {
        frame["type"] == "presence" && frame["username"] == name && frame["status"] == status
    });
}

fn is_listed(socket: &Socket, name: &str) -> bool {
    list(&socket.ready, "online").iter().any(|one| one == name)
}

/// By the snapshot, or by an event behind it.
#[track_caller]
fn sees_online(socket: &mut Socket, name: &str) {
    if !is_listed(socket, name) {
        comes(socket, name, "online");
    }
}

#[test]
fn coming_and_going_reaches_the_users_at_other_nodes() {
    let Some(server) = nodes(3) else { return };
    let (avi, lisa, _) = pair_apart(&server);
    let mut his = avi.connect();
    assert!(!is_listed(&his, "lisa"));
    let hers = lisa.connect();
    comes(&mut his, "lisa", "online");
    for node in 0..3 {
        sees_online(&mut avi.at(&server, node).connect(), "lisa");
        becomes(&avi.at(&server, node), "lisa", "online");
    }
    hers.goodbye();
    comes(&mut his, "lisa", "offline");
    for node in 0..3 {
        becomes(&avi.at(&server, node), "lisa", "offline");
        assert!(!is_listed(&avi.at(&server, node).connect(), "lisa"), "node {node}");
    }
    // A lost connection counts until the grace period is over.
    lisa.connect().cut();
    comes(&mut his, "lisa", "online");
    let begun = Instant::now();
    comes(&mut his, "lisa", "offline");
    assert!(begun.elapsed() > Duration::from_millis(500), "{:?}", begun.elapsed());
    let user = avi.http.get("/users/lisa").ok()["user"].clone();
    assert!(user["last_seen"].is_string(), "{user}");
}

#[test]
fn a_user_with_connections_at_two_nodes_goes_offline_after_the_last() {
    let Some(server) = nodes_with(2, &[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let mark = register_at(&server, 1, "mark");
    befriend(&mark, &lisa);
    let (mut his, mut marks) = (avi.connect(), mark.connect());
    for last in 0..2 {
        let (one, two) = (lisa.at(&server, 1 - last).connect(), lisa.at(&server, last).connect());
        for socket in [&mut his, &mut marks] {
            comes(socket, "lisa", "online");
        }
        one.goodbye();
        passes(&lisa.at(&server, last), &mut his, &id);
        his.expect_no("presence");
        assert_eq!(status(&avi, "lisa"), "online");
        assert_eq!(status(&mark, "lisa"), "online");
        two.goodbye();
        for socket in [&mut his, &mut marks] {
            comes(socket, "lisa", "offline");
            socket.expect_no("presence");
        }
    }
}

#[test]
fn reconnecting_to_another_node_within_the_grace_period_is_not_published() {
    let Some(server) = nodes_with(2, &[("PARLOR_PRESENCE_GRACE_SECONDS", "5")]) else { return };
    let (avi, lisa, id) = pair_apart(&server);
    let mut his = avi.connect();
    let mut hers = lisa.connect();
    comes(&mut his, "lisa", "online");
    for turn in 0..10 {
        hers.cut();
        hers = lisa.at(&server, turn % 2).connect();
    }
    passes(&lisa, &mut his, &id);
    his.expect_no("presence");
    hers.goodbye();
    comes(&mut his, "lisa", "offline");
}

#[test]
fn a_revoked_token_takes_its_presence_along_at_every_node() {
    let Some(server) = nodes_with(2, &[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]) else { return };
    let (avi, lisa, _) = pair_apart(&server);
    let mut his = avi.connect();
    let _hers = lisa.connect();
    comes(&mut his, "lisa", "online");
    lisa.at(&server, 0).http.call("POST", "/logout").send().done();
    comes(&mut his, "lisa", "offline");
}

#[test]
fn a_block_hides_presence_at_every_node() {
    let Some(server) = nodes(2) else { return };
    let (avi, lisa, _) = pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    comes(&mut his, "lisa", "online");
    // At the node where the blocked user is not.
    avi.http.put("/blocks/lisa", json!({})).done();
    comes(&mut his, "lisa", "offline");
    comes(&mut hers, "avi", "offline");
    avi.http.delete("/blocks/lisa").done();
    comes(&mut his, "lisa", "online");
    comes(&mut hers, "avi", "online");
}
