//! Idempotency keys: a send is stored once, however often it is retried, and a key stands for one text only.

use std::thread;

use crate::kit::*;

fn send(session: &str, content: &str, key: &str) -> Value {
    json!({"type": "send", "session": session, "text": content, "key": key})
}

fn post(person: &Person, session: &str, body: Value) -> Reply {
    person.http.post(&format!("/sessions/{session}/messages"), body)
}

#[test]
fn a_repeated_key_is_answered_with_the_first_seq_on_any_transport() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let first = his.ok(send(&session, "hello", "k1"));
    his.send_message(&session, "another");
    let again = his.ok(send(&session, "hello", "k1"));
    let elsewhere = avi.connect().ok(send(&session, "hello", "k1"));
    let rest = post(&avi, &session, json!({"text": "hello", "key": "k1"})).ok();
    for answer in [&again, &elsewhere, &rest] {
        assert_eq!(answer["duplicate"], true);
        assert_eq!(answer["seq"], first["seq"]);
        assert_eq!(answer["at"], first["at"]);
    }
    assert_eq!(hers.receive(&session), "hello");
    assert_eq!(hers.receive(&session), "another");
    his.send_message(&session, "last");
    assert_eq!(hers.receive(&session), "last", "duplicates are not delivered");
}

#[test]
fn a_key_of_rest_is_known_on_the_socket() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let first = post(&avi, &session, json!({"text": "hello", "key": "k1"})).ok();
    assert_eq!(first["duplicate"], Value::Null);
    let again = avi.connect().ok(send(&session, "hello", "k1"));
    assert_eq!(again["duplicate"], true);
    assert_eq!(again["seq"], first["seq"]);
}

#[test]
fn a_key_outlives_restarts_and_crashes() {
    let mut server = Server::start();
    let (avi, _, session) = pair(&server);
    let first = avi.connect().ok(send(&session, "hello", "k1"));
    for crash in [false, true] {
        if crash {
            server.crash();
        } else {
            server.restart();
        }
        let again = avi.connect().ok(send(&session, "hello", "k1"));
        assert_eq!(again["duplicate"], true);
        assert_eq!(again["seq"], first["seq"]);
        avi.connect().refused(send(&session, "another", "k1"), "key_conflict");
    }
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(list(&page, "messages").len(), 1);
}

#[test]
fn a_key_with_another_text_is_a_conflict() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "something to reply to");
    let mut his = avi.connect();
    his.ok(send(&session, "hello", "k1"));
    his.refused(send(&session, "hello!", "k1"), "key_conflict");
    let mut reply = send(&session, "hello", "k1");
    reply["reply_to"] = json!(1);
    his.refused(reply, "key_conflict");
    post(&avi, &session, json!({"text": "hello!", "key": "k1"})).refused(409, "key_conflict");
    assert_eq!(his.ok(send(&session, "hello", "k1"))["seq"], 2);
}

#[test]
fn a_key_is_one_users_in_one_session() {
    let server = Server::start();
    let (avi, lisa, one) = pair(&server);
    let other = befriend(&avi, &register(&server, "mark"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for (socket, session, content) in [(&mut his, &one, "a"), (&mut hers, &one, "b")] {
        let ok = socket.ok(send(session, content, "k1"));
        assert_eq!(ok["duplicate"], Value::Null, "{ok}");
    }
    let ok = his.ok(send(&other, "c", "k1"));
    assert_eq!(ok["duplicate"], Value::Null, "{ok}");
    assert_eq!(ok["seq"], 1);
}

#[test]
fn overlapping_retries_are_stored_once() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    let answers: Vec<Value> = thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|_| {
                let mut socket = avi.connect();
                let session = &session;
                scope.spawn(move || socket.ok(send(session, "hello", "k1")))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let fresh = answers.iter().filter(|one| one["duplicate"] != true).count();
    assert_eq!(fresh, 1, "{answers:?}");
    assert!(answers.iter().all(|one| one["seq"] == 1), "{answers:?}");
    assert_eq!(hers.receive(&session), "hello");
    avi.send_message(&session, "a fence");
    assert_eq!(hers.receive(&session), "a fence");
}

#[test]
fn retries_in_one_burst_are_stored_once() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    // All of them wait for the same transaction, so the key is not in the store yet when it comes again.
    for number in 0..9 {
        let mut command = send(&session, "hello", "k1");
        command["id"] = json!(number.to_string());
        his.send(&command);
    }
    let mut fresh = 0;
    for number in 0..9 {
        let answer = his.answer(&number.to_string());
        assert_eq!(answer["type"], "ok", "{answer}");
        assert_eq!(answer["seq"], 1);
        fresh += usize::from(answer["duplicate"] != true);
    }
    assert_eq!(fresh, 1);
}

#[test]
fn a_conflict_in_one_burst_is_refused_and_the_rest_is_kept() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    for (id, content, key) in [("1", "a", "k1"), ("2", "b", "k1"), ("3", "c", "k2")] {
        let mut command = send(&session, content, key);
        command["id"] = json!(id);
        his.send(&command);
    }
    assert_eq!(his.answer("1")["seq"], 1);
    assert_eq!(his.answer("2")["code"], "key_conflict");
    assert_eq!(his.answer("3")["seq"], 2, "without a gap");
}

#[test]
fn labels_of_programs_hold_no_control_characters() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    for bad in ["a\0b", "\0", "line\nbreak", "\u{1b}[2J", "\t", "\u{7f}", "\u{85}"] {
        his.refused(send(&session, "hello", bad), "invalid_request");
        post(&avi, &session, json!({"text": "hello", "key": bad})).blames("key");
        let room = json!({"kind": "room", "key": bad});
        avi.http.post("/sessions", room).blames("key");
        his.send(&json!({"type": "ping", "id": bad}));
        let no = his.expect("error");
        assert_eq!((&no["code"], &no["id"]), (&json!("invalid_request"), &Value::Null), "{no}");
        // Ten faults in a row would end the connection.
        his.fence();
        let login = json!({"username": "avi", "password": PASSWORD, "device": bad});
        server.http().post("/login", login).blames("device");
    }
    assert_eq!(SessionReplica::load(&lisa, &session).texts(), Vec::<String>::new());
}

#[test]
fn a_key_has_1_to_64_characters() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    for key in [String::new(), "k".repeat(65)] {
        his.refused(send(&session, "hello", &key), "invalid_request");
        post(&avi, &session, json!({"text": "hello", "key": key})).blames("key");
    }
    his.ok(send(&session, "hello", &"🔑".repeat(64)));
}

#[test]
fn a_repeated_key_is_no_new_information_for_a_stranger() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let mark = register(&server, "mark");
    avi.connect().ok(send(&session, "hello", "k1"));
    mark.connect().refused(send(&session, "hello", "k1"), "not_found");
    post(&mark, &session, json!({"text": "hello", "key": "k1"})).refused(404, "not_found");
}
