//! Catching up: `sync` and `GET …/changes` answer alike, and always, from any `rev`.

use crate::kit::*;

fn epoch(socket: &Socket) -> Value {
    socket.ready["server"]["epoch"].clone()
}

/// The answer to a `sync` of one session, which an `ok` follows.
fn sync(socket: &mut Socket, session: &str, rev: u64) -> Value {
    let epoch = epoch(socket);
    socket.ok(json!({"type": "sync", "sessions": {session: rev}, "epoch": epoch}));
    let mut received = socket.take_kept();
    received.retain(|frame| frame["session"] == session);
    assert_eq!(received.len(), 1, "one answer for one session: {received:?}");
    let received = received.remove(0);
    assert!(["changes", "reset", "session_removed"].contains(&text(&received, "type")));
    received
}

#[test]
fn sync_has_the_missed_changes() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    for content in ["one", "two", "three"] {
        avi.send_message(&session, content);
    }
    let mut hers = lisa.connect();
    let changes = sync(&mut hers, &session, 1);
    assert_eq!(changes["type"], "changes");
    assert_eq!(changes["from"], 1);
    assert_eq!(changes["to"], 3);
    assert_eq!(changes["more"], false);
    assert_eq!(texts(list(&changes, "messages"), "text"), ["two", "three"]);
    assert_eq!(numbers(list(&changes, "messages"), "rev"), [2, 3]);
    assert_eq!(list(&changes, "members").len(), 0, "the first members cost no step");
    assert_eq!(changes["title"], "avi");
    assert_eq!(changes["read"], 0);
    assert_eq!(changes["unread"], 3);
    let receipts = list(&changes, "receipts");
    assert_eq!(receipts.len(), 2, "{receipts:?}");
    let his = receipts.iter().find(|one| one["username"] == "avi").unwrap();
    assert_eq!(his["read"], 3);
}

#[test]
fn sync_from_the_present_rev_is_empty() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "one");
    let mut his = avi.connect();
    let changes = sync(&mut his, &session, 1);
    assert_eq!(changes["type"], "changes");
    assert_eq!((&changes["from"], &changes["to"]), (&json!(1), &json!(1)));
    assert_eq!(list(&changes, "messages").len(), 0);
}

#[test]
fn a_rev_ahead_of_the_servers_is_reset() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "one");
    let mut his = avi.connect();
    assert_eq!(sync(&mut his, &session, 2)["type"], "reset");
    let path = format!("/sessions/{session}/changes?rev=2");
    assert_eq!(avi.http.get(&path).ok(), json!({"type": "reset", "session": session}));
}

#[test]
fn another_epoch_is_reset() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "one");
    let mut his = avi.connect();
    his.ok(json!({"type": "sync", "sessions": {&session: 1}, "epoch": "another"}));
    assert_eq!(his.expect("reset")["session"], session.as_str());
    let path = format!("/sessions/{session}/changes?rev=1&epoch=another");
    assert_eq!(avi.http.get(&path).ok()["type"], "reset");
}

#[test]
fn the_epoch_outlives_restarts_and_is_another_on_another_server() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let before = epoch(&avi.connect());
    server.restart();
    assert_eq!(epoch(&avi.connect()), before);
    let other = Server::start();
    assert_ne!(epoch(&register(&other, "avi").connect()), before);
}

#[test]
fn a_session_of_others_is_answered_as_one_that_does_not_exist() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "one");
    let mut theirs = register(&server, "mark").connect();
    for id in [session.as_str(), "aaaaaaaaaaaaa", "", "no id at all"] {
        let wanted = json!({"type": "session_removed", "session": id, "reason": "not_found"});
        assert_eq!(sync(&mut theirs, id, 0), wanted);
    }
}

#[test]
fn each_session_named_is_answered_once_and_then_ok() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut sessions = serde_json::Map::new();
    for (name, rev) in [("lisa", 0), ("mark", 9), ("nina", 1)] {
        let id = befriend(&avi, &register(&server, name));
        avi.send_message(&id, "hello");
        sessions.insert(id, json!(rev));
    }
    sessions.insert("aaaaaaaaaaaaa".to_owned(), json!(0));
    let mut his = avi.connect();
    let epoch = epoch(&his);
    his.ok(json!({"type": "sync", "sessions": sessions, "epoch": epoch}));
    let mut kinds = texts(&his.take_kept(), "type");
    kinds.sort();
    assert_eq!(kinds, ["changes", "changes", "reset", "session_removed"]);
}

#[test]
fn rest_answers_what_sync_answers() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.send_message(&session, "one");
    lisa.send_message(&session, "two");
    let mut hers = lisa.connect();
    let epoch = epoch(&hers);
    for rev in 0..=3 {
        let path = format!("/sessions/{session}/changes?rev={rev}&epoch={}", epoch.as_str().unwrap());
        assert_eq!(lisa.http.get(&path).ok(), sync(&mut hers, &session, rev), "from {rev}");
    }
}

#[test]
fn more_than_a_page_needs_another_sync() {
    let server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    for number in 1..=405 {
        his.submit(json!({"type": "send", "session": session, "text": number.to_string()}));
    }
    for _ in 1..=405 {
        his.expect("ok");
    }
    let (mut from, mut seqs, mut pages) = (0, Vec::new(), 0);
    loop {
        let changes = sync(&mut his, &session, from);
        let page = numbers(list(&changes, "messages"), "seq");
        assert!(page.len() <= 200);
        assert_eq!(changes["from"], from);
        seqs.extend(page);
        from = number(&changes, "to");
        pages += 1;
        if changes["more"] == false {
            break;
        }
    }
    assert_eq!(from, 405);
    assert_eq!(seqs, (1..=405).collect::<Vec<u64>>());
    assert!(pages >= 3);
}

#[test]
fn a_page_of_long_messages_ends_at_the_size_of_a_frame() {
    let server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    let long = "ж".repeat(8 * 1024);
    for _ in 0..20 {
        his.send_message(&session, &long);
    }
    let (mut from, mut seqs) = (0, Vec::new());
    loop {
        let changes = sync(&mut his, &session, from);
        seqs.extend(numbers(list(&changes, "messages"), "seq"));
        assert!(number(&changes, "to") > from, "a page moves on");
        from = number(&changes, "to");
        if changes["more"] == false {
            break;
        }
    }
    assert_eq!(seqs, (1..=20).collect::<Vec<u64>>());
}

#[test]
fn an_impossible_rev_is_always_answered() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    avi.send_message(&session, "one");
    let mut his = avi.connect();
    let epoch = epoch(&his);
    for rev in [-1, i64::MIN, i64::MAX] {
        let answer = his.request(json!({"type": "sync", "sessions": {&session: rev}, "epoch": epoch}));
        let received = his.take_kept();
        let about = received.iter().any(|frame| frame["session"] == session.as_str());
        assert!(answer["code"] == "invalid_request" || about, "{rev}: {answer} {received:?}");
    }
}

#[test]
fn sync_takes_up_to_500_sessions() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut his = avi.connect();
    let named = |count: u64| {
        let pairs = (0..count).map(|number| (format!("aaaaaaaaaa{number:03}"), json!(0)));
        Value::Object(pairs.collect())
    };
    let epoch = epoch(&his);
    his.ok(json!({"type": "sync", "sessions": named(500), "epoch": epoch}));
    assert_eq!(his.take_kept().len(), 500);
    his.refused(json!({"type": "sync", "sessions": named(501), "epoch": epoch}), "invalid_request");
    his.refused(json!({"type": "sync", "sessions": [], "epoch": epoch}), "invalid_request");
    his.refused(json!({"type": "sync", "sessions": {"aaaaaaaaaaaaa": "0"}, "epoch": epoch}), "invalid_request");
    his.refused(json!({"type": "sync"}), "invalid_request");
}
