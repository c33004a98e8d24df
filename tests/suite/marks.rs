//! Read and received marks, unread counts, and receipts.

use crate::kit::*;

fn session_of(person: &Person, id: &str) -> Value {
    person.http.get(&format!("/sessions/{id}")).ok()["session"].clone()
}

fn marks(person: &Person, id: &str) -> (u64, u64) {
    let session = session_of(person, id);
    (number(&session, "read"), number(&session, "unread"))
}

#[test]
fn unread_counts_messages_of_others_since_the_read_mark() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    for _ in 0..3 {
        avi.send_message(&id, "hello");
    }
    assert_eq!(marks(&avi, &id), (3, 0), "sending moves one's own mark");
    assert_eq!(marks(&lisa, &id), (0, 3));
    let path = format!("/sessions/{id}/read");
    let answer = lisa.http.put(&path, json!({"seq": 2})).ok();
    assert_eq!((&answer["read"], &answer["unread"]), (&json!(2), &json!(1)));
    assert_eq!(marks(&lisa, &id), (2, 1));
    // It only moves forward.
    let answer = lisa.http.put(&path, json!({"seq": 1})).ok();
    assert_eq!((&answer["read"], &answer["unread"]), (&json!(2), &json!(1)));
    lisa.http.put(&path, json!({"seq": 4})).blames("seq");
    lisa.send_message(&id, "hi");
    assert_eq!(marks(&lisa, &id), (4, 0), "who answers has read");
    assert_eq!(marks(&avi, &id), (3, 1));
}

#[test]
fn marks_outlive_a_restart() {
    let mut server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "one");
    avi.send_message(&id, "two");
    lisa.connect().ok(json!({"type": "read", "session": id, "seq": 1}));
    server.restart();
    assert_eq!(marks(&lisa, &id), (1, 1));
    let ready = lisa.connect().ready.clone();
    assert_eq!(ready["sessions"][0]["read"], 1);
    assert_eq!(ready["sessions"][0]["unread"], 1);
}

#[test]
fn a_read_mark_reaches_the_others_and_the_readers_other_devices() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut acting, mut hers) = (avi.connect(), lisa.connect(), lisa.connect());
    acting.ok(json!({"type": "read", "session": id, "seq": 1}));
    for socket in [&mut his, &mut hers] {
        let receipt = socket.expect("receipt");
        assert_eq!(receipt["session"], id.as_str());
        assert_eq!(receipt["username"], "lisa");
        assert_eq!(receipt["read"], 1);
        assert!(receipt["received"].is_u64(), "{receipt}");
        assert_eq!(receipt["rev"], Value::Null, "receipts carry no rev");
    }
    acting.expect_no("receipt");
}

#[test]
fn a_received_mark_is_published_too_and_is_not_read() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    hers.ok(json!({"type": "received", "session": id, "seq": 1}));
    let receipt = his.expect("receipt");
    assert_eq!((&receipt["received"], &receipt["read"]), (&json!(1), &json!(0)));
    assert_eq!(marks(&lisa, &id), (0, 1));
}

#[test]
fn a_mark_that_does_not_move_is_not_published() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "one");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    hers.ok(json!({"type": "read", "session": id, "seq": 1}));
    his.expect("receipt");
    hers.ok(json!({"type": "read", "session": id, "seq": 1}));
    hers.ok(json!({"type": "read", "session": id, "seq": 0}));
    hers.send_message(&id, "a fence");
    his.expect("message");
    his.expect_no("receipt");
}

#[test]
fn many_marks_in_a_second_are_sent_as_few_receipts() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    for _ in 0..20 {
        avi.send_message(&id, "hello");
    }
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for seq in 1..=20 {
        hers.send(&json!({"type": "read", "session": id, "seq": seq}));
    }
    let mut count = 0;
    loop {
        count += 1;
        // The last state is always sent, if later.
        if his.expect("receipt")["read"] == 20 {
            break;
        }
    }
    assert!(count <= 4, "{count} receipts for one burst");
}

#[test]
fn a_mark_without_an_id_is_answered_only_when_refused() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for kind in ["received", "read"] {
        hers.send(&json!({"type": kind, "session": id, "seq": 1}));
    }
    his.wait_for("her receipt", |frame| frame["type"] == "receipt" && frame["read"] == 1);
    hers.send(&json!({"type": "typing", "session": id}));
    hers.expect_no("ok");
    assert_eq!(marks(&lisa, &id), (1, 0));
    for kind in ["received", "read"] {
        hers.send(&json!({"type": kind, "session": id, "seq": 2}));
        assert_eq!(hers.expect("error")["code"], "invalid_request");
        hers.send(&json!({"type": kind, "session": "aaaaaaaaaaaaa", "seq": 1}));
        assert_eq!(hers.expect("error")["code"], "not_found");
    }
    hers.send(&json!({"type": "typing", "session": "aaaaaaaaaaaaa"}));
    assert_eq!(hers.expect("error")["code"], "not_found");
}

#[test]
fn typing_is_sent_to_the_others_at_most_every_three_seconds() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    for _ in 0..5 {
        his.send(&json!({"type": "typing", "session": id}));
    }
    his.send_message(&id, "done");
    let typing = hers.expect("typing");
    assert_eq!(typing["session"], id.as_str());
    assert_eq!(typing["username"], "avi");
    assert_eq!(hers.receive(&id), "done");
    assert_eq!(other.receive(&id), "done");
    hers.expect_no("typing");
    his.expect_no("typing");
}

#[test]
fn typing_with_an_id_is_answered() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    let mut his = avi.connect();
    his.ok(json!({"type": "typing", "session": id}));
}
