//! A node that is killed, and what the others make of it.

use super::{DEATH, becomes, nodes, nodes_with, passes};
use crate::kit::*;

#[track_caller]
fn goes_offline(socket: &mut Socket, name: &str) {
    socket.wait_within(DEATH, &format!("{name} going"), |frame| {
        frame["type"] == "presence" && frame["username"] == name && frame["status"] == "offline"
    });
}

#[test]
fn users_of_a_killed_node_are_offline_unless_they_came_back() {
    let Some(mut server) = nodes(3) else { return };
    let avi = register_at(&server, 0, "avi");
    let [lisa, mark, nina] = ["lisa", "mark", "nina"].map(|name| register_at(&server, 1, name));
    let ids = [&lisa, &mark, &nina].map(|other| befriend(&avi, other));
    let mut his = avi.connect();
    let _lost = [&lisa, &mark, &nina].map(Person::connect);
    for name in ["lisa", "mark", "nina"] {
        his.wait_for(name, |frame| frame["username"] == name && frame["status"] == "online");
    }
    server.kill_node(1);
    // To the node that the observer uses, and to a third.
    let (mut marks, mut ninas) = (mark.at(&server, 0).connect(), nina.at(&server, 2).connect());
    goes_offline(&mut his, "lisa");
    passes(&mark.at(&server, 0), &mut his, &ids[1]);
    passes(&nina.at(&server, 2), &mut his, &ids[2]);
    his.expect_no("presence");
    for node in [0, 2] {
        becomes(&avi.at(&server, node), "lisa", "offline");
        for name in ["mark", "nina"] {
            becomes(&avi.at(&server, node), name, "online");
        }
    }
    // All goes on without it, and with its successor.
    avi.send_message(&ids[1], "still there?");
    marks.wait_for("it", |frame| frame["type"] == "message" && frame["text"] == "still there?");
    server.open_node(1).unwrap();
    let mut hers = lisa.connect();
    his.wait_for("lisa", |frame| frame["username"] == "lisa" && frame["status"] == "online");
    for (socket, id) in [(&mut hers, &ids[0]), (&mut ninas, &ids[2])] {
        passes(&avi, socket, id);
    }
}

#[test]
fn what_a_killed_node_has_acknowledged_is_delivered_by_the_others() {
    let Some(mut server) = nodes(2) else { return };
    let (avi, lisa, id) = super::pair_apart(&server);
    for round in 0..5 {
        let mut his = avi.connect();
        let mut line = TrySocket::connect(lisa.http.endpoint(), &lisa.token).unwrap();
        let mut last = 0;
        for _ in 0..20 {
            let ok = line.request(json!({"type": "send", "session": id, "text": "hello"}), |_| ()).unwrap();
            last = number(&ok, "seq");
        }
        server.kill_node(1);
        // The socket checks that nothing before it is missing.
        his.wait_for("the last", |frame| frame["type"] == "message" && frame["seq"] == last);
        assert_eq!(number(&seen(&avi, &id), "seq"), 20 * (round + 1));
        server.open_node(1).unwrap();
    }
}

#[test]
fn a_node_that_stops_takes_its_users_along_at_once() {
    let Some(mut server) = nodes_with(2, &[("PARLOR_PRESENCE_GRACE_SECONDS", "0")]) else { return };
    let (avi, lisa, _) = super::pair_apart(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    his.wait_for("lisa", |frame| frame["username"] == "lisa" && frame["status"] == "online");
    server.signal_node(1, "TERM");
    assert_eq!(hers.close_code(), 1012);
    his.wait_for("lisa going", |frame| frame["username"] == "lisa" && frame["status"] == "offline");
    assert!(server.wait_for_node(1).success());
}
