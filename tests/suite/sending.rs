//! Sending: who receives what, in which order, and which texts are allowed.

use std::collections::HashSet;
use std::thread;

use crate::kit::*;

#[test]
fn a_message_reaches_every_member() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut acting = avi.connect();
    let mut others = [avi.connect(), lisa.connect(), lisa.connect()];
    let ok = acting.send_message(&session, "hello");
    assert_eq!(ok["session"], session.as_str());
    assert_eq!((&ok["seq"], &ok["rev"]), (&json!(1), &json!(1)));
    assert_eq!(ok["duplicate"], Value::Null);
    for socket in &mut others {
        let message = socket.expect("message");
        assert_eq!(message["session"], session.as_str());
        assert_eq!(message["seq"], 1);
        assert_eq!(message["rev"], 1);
        assert_eq!(message["sender"], avi.id.as_str());
        assert_eq!(message["username"], "avi");
        assert_eq!(message["kind"], "text");
        assert_eq!(message["text"], "hello");
        assert_eq!(message["at"], ok["at"]);
        assert_eq!(message["reply_to"], Value::Null);
    }
    acting.expect_no("message");
}

#[test]
fn a_message_sent_by_rest_reaches_every_connection() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut sockets = [avi.connect(), lisa.connect()];
    let answer = avi.send_message(&session, "hello");
    assert_eq!(answer["seq"], 1);
    for socket in &mut sockets {
        assert_eq!(socket.receive(&session), "hello");
    }
}

#[test]
fn times_are_utc_with_milliseconds_and_never_go_back() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    for turn in 0..10 {
        let person = if turn % 2 == 0 { &avi } else { &lisa };
        person.send_message(&session, "tick");
    }
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    let times = texts(list(&page, "messages"), "at");
    assert_eq!(times.len(), 10);
    assert!(times.is_sorted(), "{times:?}");
    for time in times {
        assert_eq!(time.len(), "2025-01-01T00:00:00.000Z".len(), "{time}");
        assert!(time.ends_with('Z'), "{time}");
    }
}

#[test]
fn messages_sent_at_once_by_one_connection_are_stored_and_answered_in_order() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for number in 1..=100 {
        let content = number.to_string();
        his.send(&json!({"type": "send", "id": content, "session": session, "text": content}));
    }
    for number in 1..=100 {
        let ok = his.expect("ok");
        assert_eq!(ok["id"], number.to_string());
        assert_eq!(ok["seq"], number);
        assert_eq!(hers.receive(&session), number.to_string());
    }
}

#[test]
fn all_see_the_same_order_of_several_senders() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let mut watching = [avi.connect(), lisa.connect()];
    thread::scope(|scope| {
        for (name, person) in [("a", &avi), ("b", &lisa), ("c", &avi), ("d", &lisa)] {
            let mut socket = person.connect();
            let session = &session;
            scope.spawn(move || {
                for number in 0..25 {
                    socket.send_message(session, &format!("{name}{number}"));
                }
            });
        }
    });
    let received = watching.each_mut().map(|socket| {
        let texts: Vec<String> = (0..100).map(|_| socket.receive(&session)).collect();
        texts
    });
    assert_eq!(received[0], received[1]);
    assert_eq!(received[0].iter().collect::<HashSet<_>>().len(), 100);
    let page = avi.http.get(&format!("/sessions/{session}/messages?limit=200")).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), received[0]);
    let seqs = numbers(list(&page, "messages"), "seq");
    assert_eq!(seqs, (1..=100).collect::<Vec<u64>>(), "without a gap");
    for name in ["a", "b", "c", "d"] {
        let own: Vec<_> = received[0].iter().filter(|text| text.starts_with(name)).collect();
        let sent: Vec<_> = (0..25).map(|number| format!("{name}{number}")).collect();
        assert_eq!(own, sent.iter().collect::<Vec<_>>(), "in the order sent");
    }
}

#[test]
fn a_reply_names_a_message_of_the_same_session() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    let mut hers = lisa.connect();
    his.send_message(&session, "a question");
    let reply = |seq: u64| json!({"type": "send", "session": session, "text": "an answer", "reply_to": seq});
    hers.ok(reply(1));
    let received = his.expect("message");
    assert_eq!(received["reply_to"], 1);
    for nowhere in [0, 3, 1_000_000] {
        hers.refused(reply(nowhere), "invalid_request");
    }
    let path = format!("/sessions/{session}/messages");
    avi.http.post(&path, json!({"text": "x", "reply_to": 99})).blames("reply_to");
    let page = avi.http.get(&path).ok();
    assert_eq!(list(&page, "messages")[1]["reply_to"], 1);
    assert_eq!(list(&page, "messages").len(), 2, "refused is not kept");
}

#[test]
fn sending_to_a_name_opens_the_session_where_allowed() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let ok = his.ok(json!({"type": "send", "to": "lisa", "text": "hello"}));
    let session = text(&ok, "session").to_owned();
    assert_eq!(ok["seq"], 1);
    let added = hers.next();
    assert_eq!(added["type"], "session_added", "before its first event");
    assert_eq!(added["session"]["id"], session.as_str());
    assert_eq!(hers.receive(&session), "hello");
    let again = hers.ok(json!({"type": "send", "to": "AVI", "text": "hello yourself"}));
    assert_eq!(again["session"], session.as_str());
    assert_eq!(again["seq"], 2);
    his.refused(json!({"type": "send", "to": "nobody-here", "text": "hi"}), "unknown_user");
    his.refused(json!({"type": "send", "to": "avi", "text": "hi"}), "invalid_request");
    his.refused(json!({"type": "send", "text": "hi"}), "invalid_request");
    his.refused(json!({"type": "send", "to": "lisa", "session": session, "text": "hi"}), "invalid_request");
}
