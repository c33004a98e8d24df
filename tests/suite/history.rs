//! History: pages of messages, by REST and by `history` alike.

use crate::kit::*;

/// A session with `count` messages "1", "2", … and a member of it.
fn session_with_messages(server: &Server, count: u64) -> (Person, String) {
    let (avi, _, session) = pair(server);
    let mut socket = avi.connect();
    for number in 1..=count {
        socket.submit(json!({"type": "send", "session": session, "text": number.to_string()}));
    }
    for _ in 1..=count {
        assert_eq!(socket.expect("ok")["type"], "ok");
    }
    (avi, session)
}

/// The same page by REST and by frame; fails where they differ.
fn page(person: &Person, socket: &mut Socket, session: &str, query: &[(&str, u64)]) -> (Vec<u64>, bool) {
    let content: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = format!("/sessions/{session}/messages?{}", content.join("&"));
    let rest = person.http.get(&path).ok();
    let mut command = json!({"type": "history", "session": session});
    for (name, value) in query {
        command[*name] = json!(value);
    }
    let answer = socket.ok(command);
    assert_eq!(answer["messages"], rest["messages"], "{query:?}");
    assert_eq!(answer["complete"], rest["complete"], "{query:?}");
    let complete = rest["complete"].as_bool().unwrap();
    (numbers(list(&rest, "messages"), "seq"), complete)
}

#[test]
fn history_is_paginated_in_both_directions() {
    let server = Server::with(&UNHURRIED);
    let (avi, session) = session_with_messages(&server, 60);
    let mut socket = avi.connect();
    let mut page = |query: &[(&str, u64)]| page(&avi, &mut socket, &session, query);
    let range = |from: u64, to: u64| (from..=to).collect::<Vec<_>>();
    // Without before and after the newest, 50 by default, ascending.
    assert_eq!(page(&[]), (range(11, 60), false));
    assert_eq!(page(&[("limit", 5)]), (range(56, 60), false));
    assert_eq!(page(&[("limit", 60)]), (range(1, 60), true));
    assert_eq!(page(&[("before", 11)]), (range(1, 10), true));
    assert_eq!(page(&[("before", 11), ("limit", 10)]), (range(1, 10), true));
    assert_eq!(page(&[("before", 11), ("limit", 4)]), (range(7, 10), false));
    assert_eq!(page(&[("before", 1)]), (vec![], true));
    assert_eq!(page(&[("before", 1000), ("limit", 2)]), (range(59, 60), false));
    assert_eq!(page(&[("after", 0), ("limit", 3)]), (range(1, 3), false));
    assert_eq!(page(&[("after", 57)]), (range(58, 60), true));
    assert_eq!(page(&[("after", 57), ("limit", 3)]), (range(58, 60), true));
    assert_eq!(page(&[("after", 57), ("limit", 2)]), (range(58, 59), false));
    assert_eq!(page(&[("after", 60)]), (vec![], true));
    assert_eq!(page(&[("after", 1000)]), (vec![], true));
}

#[test]
fn before_and_after_together_are_refused() {
    let server = Server::start();
    let (avi, session) = session_with_messages(&server, 1);
    let command = json!({"type": "history", "session": session, "before": 5, "after": 1});
    avi.connect().refused(command, "invalid_request");
    let path = format!("/sessions/{session}/messages?before=5&after=1");
    avi.http.get(&path).refused(400, "invalid_request");
}

#[test]
fn an_empty_session_has_a_complete_history() {
    let server = Server::start();
    let (avi, session) = session_with_messages(&server, 0);
    let mut socket = avi.connect();
    assert_eq!(page(&avi, &mut socket, &session, &[]), (vec![], true));
}

#[test]
fn a_page_holds_at_most_200() {
    let server = Server::with(&UNHURRIED);
    let (avi, session) = session_with_messages(&server, 201);
    let path = |limit: u64| format!("/sessions/{session}/messages?limit={limit}");
    let most = avi.http.get(&path(200)).ok();
    assert_eq!(list(&most, "messages").len(), 200);
    assert_eq!(most["complete"], false);
    // A larger limit is refused or cut.
    let more = avi.http.get(&path(201));
    if more.status == 200 {
        assert_eq!(list(&more.json(), "messages").len(), 200);
    } else {
        more.blames("limit");
    }
}

#[test]
fn a_page_of_long_messages_ends_at_its_size_and_names_the_next() {
    let server = Server::with(&UNHURRIED);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    let long = "x".repeat(16 * 1024);
    for _ in 0..20 {
        socket.send_message(&session, &long);
    }
    // The kit fails on any frame above 256 KiB; 20 of these are more than that.
    let mut seqs = Vec::new();
    loop {
        let after = seqs.last().copied().unwrap_or(0);
        let answer = socket.ok(json!({"type": "history", "session": session, "after": after}));
        let page = numbers(list(&answer, "messages"), "seq");
        assert!(!page.is_empty(), "a page that is not complete has something");
        seqs.extend(page);
        if answer["complete"] == true {
            break;
        }
    }
    assert_eq!(seqs, (1..=20).collect::<Vec<u64>>());
    // Backwards the page keeps its newest end.
    let answer = socket.ok(json!({"type": "history", "session": session}));
    assert_eq!(answer["complete"], false);
    assert_eq!(numbers(list(&answer, "messages"), "seq").last(), Some(&20));
}

#[test]
fn a_message_looks_the_same_live_and_in_history() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut hers = lisa.connect();
    avi.connect().ok(json!({"type": "send", "session": session, "text": "hello", "key": "secret-key"}));
    let mut live = hers.expect("message");
    live.as_object_mut().unwrap().remove("type");
    let answer = hers.ok(json!({"type": "history", "session": session}));
    assert_eq!(answer["messages"], json!([live]));
    // A key is between the sender and the server.
    assert!(!answer.to_string().contains("secret-key"));
}
