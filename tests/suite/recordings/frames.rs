//! The native WebSocket: every command, its reply, and the event that others receive.

use crate::kit::wire::{BINARY, CONTINUE, PING, TEXT};
use crate::kit::*;

#[test]
fn messages_over_a_websocket_are_as_recorded() {
    let record = Transcript::new("frames_messages");
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (record.connect(&avi), record.connect(&lisa));
    his.receive(1);
    record.part("send");
    let send = |more: Value| with(json!({"type": "send", "session": session}), more);
    his.request(send(json!({"text": "hello @Lisa", "key": "k1"})));
    hers.receive(1);
    his.request(send(json!({"text": "hello @Lisa", "key": "k1"})));
    hers.request(send(json!({"text": "hello", "reply_to": 1})));
    his.receive(1);
    his.send(send(json!({"text": "without an id"})));
    his.receive(1);
    hers.receive(1);
    record.part("edit, react, delete");
    let at = |kind: &str, seq: u64, more: Value| with(json!({"type": kind, "session": session, "seq": seq}), more);
    his.request(at("edit", 1, json!({"text": "hello, Lisa"})));
    hers.receive(1);
    his.request(at("edit", 1, json!({"text": "hello, Lisa"})));
    for on in [true, true, false] {
        hers.request(at("react", 1, json!({"emoji": "👍", "on": on})));
    }
    his.receive(2);
    his.request(at("delete", 1, json!({})));
    hers.receive(1);
    his.request(at("delete", 1, json!({})));
    record.part("refusals");
    for command in [
        send(json!({"text": "hello", "key": "k1"})),
        send(json!({"text": "x", "reply_to": 99})),
        send(json!({"text": " "})),
        send(json!({"text": "x".repeat(16_385)})),
        send(json!({"text": "x", "to": "lisa"})),
        json!({"type": "send", "text": "x"}),
        json!({"type": "send", "session": "nonsense", "text": "x"}),
        json!({"type": "send", "to": "nobody-here", "text": "x"}),
        json!({"type": "send", "to": "avi", "text": "x"}),
        at("edit", 2, json!({"text": "hers"})),
        at("edit", 1, json!({"text": "back"})),
        at("delete", 2, json!({})),
        at("delete", 99, json!({})),
        at("react", 1, json!({"emoji": "👍", "on": true})),
        at("react", 2, json!({"emoji": "👍👍", "on": true})),
    ] {
        his.request(command);
    }
    his.is_quiet();
    hers.is_quiet();
    record.compare();
}

/// The fields of both.
fn with(mut one: Value, more: Value) -> Value {
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one
}

#[test]
fn marks_typing_and_presence_are_as_recorded() {
    let record = Transcript::new("frames_marks");
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "1")]);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (record.connect(&avi), record.connect(&lisa));
    his.receive(1);
    lisa.send_message(&session, "hello");
    his.receive(1);
    hers.receive(1);
    record.part("received, read");
    his.request(json!({"type": "received", "session": session, "seq": 1}));
    hers.receive(1);
    his.send(json!({"type": "read", "session": session, "seq": 1}));
    hers.receive(1);
    his.request(json!({"type": "read", "session": session, "seq": 1}));
    his.request(json!({"type": "read", "session": session, "seq": 99}));
    his.request(json!({"type": "read", "session": "nonsense", "seq": 1}));
    his.send(json!({"type": "received", "session": "nonsense", "seq": 1}));
    his.receive(1);
    record.part("typing");
    his.request(json!({"type": "typing", "session": session}));
    hers.receive(1);
    his.send(json!({"type": "typing", "session": session}));
    his.request(json!({"type": "typing", "session": "nonsense"}));
    record.part("ping");
    his.request(json!({"type": "ping"}));
    his.send(json!({"type": "ping"}));
    his.receive(1);
    record.part("goodbye");
    hers.send(json!({"type": "goodbye"}));
    hers.end();
    his.receive(1);
    record.part("a lost connection");
    let hers = record.connect(&lisa);
    his.receive(1);
    hers.socket.cut();
    his.receive(1);
    his.is_quiet();
    record.compare();
}

#[test]
fn lists_over_a_websocket_are_as_recorded() {
    let record = Transcript::new("frames_lists");
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    for number in 1..=3 {
        lisa.send_message(&session, &format!("number {number}"));
    }
    until("all is indexed", PATIENCE, || list(&avi.http.get("/search?q=3").ok(), "messages").len() == 1);
    let mut his = record.connect(&avi);
    record.part("history");
    for more in [
        json!({}),
        json!({"limit": 1}),
        json!({"before": 3, "limit": 1}),
        json!({"after": 1}),
        json!({"before": 2, "after": 1}),
        json!({"limit": 0}),
    ] {
        his.request(with(json!({"type": "history", "session": session}), more));
    }
    record.part("sessions, members, invites, search");
    for command in [
        json!({"type": "sessions"}),
        json!({"type": "sessions", "cursor": "x"}),
        json!({"type": "members", "session": session}),
        json!({"type": "members", "session": session, "cursor": "%"}),
        json!({"type": "invites"}),
        json!({"type": "invites", "direction": "out"}),
        json!({"type": "invites", "direction": "up"}),
        json!({"type": "search", "query": "numb 2"}),
        json!({"type": "search", "query": "num", "session": session}),
        json!({"type": "search", "query": ""}),
        json!({"type": "history", "session": "nonsense"}),
        json!({"type": "members", "session": "nonsense"}),
    ] {
        his.request(command);
    }
    record.part("sync");
    let epoch = text(&his.socket.ready["server"], "epoch").to_owned();
    for (sessions, epoch) in [
        (json!({&session: 0}), Some(epoch.as_str())),
        (json!({&session: 2}), None),
        (json!({&session: 3}), None),
        (json!({&session: 99}), None),
        (json!({&session: 3}), Some("another")),
        (json!({"nonsense": 0}), None),
        (json!({}), None),
        (json!([]), None),
        (json!({&session: "x"}), None),
    ] {
        let command = json!({"type": "sync", "sessions": sessions});
        his.request(epoch.map_or(command.clone(), |epoch| with(command, json!({"epoch": epoch}))));
    }
    record.compare();
}

#[test]
fn sessions_over_a_websocket_are_as_recorded() {
    let record = Transcript::new("frames_sessions");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let [mut his, mut hers, mut third] = [&avi, &lisa, &noa].map(|person| record.connect(person));
    record.part("open, to");
    let direct = text(&his.request(json!({"type": "open", "username": "lisa"}))["session"], "id").to_owned();
    his.receive(1);
    hers.receive(2);
    his.request(json!({"type": "open", "username": "lisa"}));
    third.request(json!({"type": "send", "to": "avi", "text": "hello"}));
    his.receive(3);
    let band = json!({"type": "open", "title": "Band", "usernames": ["lisa"], "key": "k1"});
    let band = text(&his.request(band)["session"], "id").to_owned();
    hers.receive(1);
    let den = his.request(json!({"type": "open", "room": true, "title": "Den", "keep": true}))["session"].clone();
    let (den, code) = (text(&den, "id"), text(&den, "code"));
    for command in
        [json!({"type": "open"}), json!({"type": "open", "username": "avi"}), json!({"type": "open", "title": "x"})]
    {
        his.request(command);
    }
    record.part("join, title, role");
    hers.request(json!({"type": "join", "code": code}));
    his.receive(2);
    his.request(json!({"type": "title", "session": den, "title": "Cave"}));
    his.receive(1);
    hers.receive(2);
    his.request(json!({"type": "role", "session": den, "username": "lisa", "role": "admin"}));
    hers.receive(1);
    record.part("leave, remove");
    his.request(json!({"type": "leave", "session": den}));
    hers.receive(3);
    his.request(json!({"type": "remove", "session": band, "username": "lisa"}));
    his.receive(1);
    hers.receive(1);
    record.part("refusals");
    for command in [
        json!({"type": "join", "code": "ABCDEFGHJK"}),
        json!({"type": "title", "session": band, "title": ""}),
        json!({"type": "title", "session": direct, "title": "Ours"}),
        json!({"type": "role", "session": band, "username": "noa", "role": "admin"}),
        json!({"type": "role", "session": band, "username": "avi", "role": "king"}),
        json!({"type": "remove", "session": band, "username": "nobody-here"}),
        json!({"type": "leave", "session": direct}),
        json!({"type": "leave", "session": "nonsense"}),
    ] {
        his.request(command);
    }
    [his, hers, third].iter_mut().for_each(|frames| frames.is_quiet());
    record.compare();
}

#[test]
fn sessions_that_are_changed_by_rest_are_events_as_recorded() {
    let record = Transcript::new("frames_events");
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut hers = record.connect(&lisa);
    let (id, _) = room(&avi, json!({"title": "Den"}));
    let (his, path) = (record.http(&avi), format!("/sessions/{id}"));
    let code = text(&seen(&avi, &id), "code").to_owned();
    record.http(&lisa).post(&format!("/rooms/{code}/join"), json!({}));
    hers.receive(1);
    his.post(&format!("{path}/messages"), json!({"text": "hello"}));
    hers.receive(1);
    record.http(&lisa).post(&format!("{path}/messages"), json!({"text": "my own"}));
    hers.receive(1);
    his.patch(&path, json!({"title": "Cave"}));
    hers.receive(2);
    his.post(&format!("{path}/code"), json!({}));
    hers.receive(1);
    his.put(&format!("{path}/read"), json!({"seq": 4}));
    hers.receive(1);
    record.http(&lisa).put(&format!("{path}/read"), json!({"seq": 4}));
    hers.receive(1);
    his.delete(&format!("{path}/messages/2"));
    hers.receive(1);
    his.delete(&path);
    hers.receive(1);
    avi.delete_account();
    hers.is_quiet();
    record.compare();
}

#[test]
fn invites_over_a_websocket_are_as_recorded() {
    let record = Transcript::new("frames_invites");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    lisa.accepts_only_invited();
    let [mut his, mut hers, mut third] = [&avi, &lisa, &noa].map(|person| record.connect(person));
    record.part("rejected");
    his.request(json!({"type": "open", "username": "lisa"}));
    let invite = text(&his.request(json!({"type": "invite", "username": "lisa"}))["invite"], "id").to_owned();
    hers.receive(1);
    hers.request(json!({"type": "answer", "invite": invite, "accept": false}));
    his.receive(1);
    hers.request(json!({"type": "answer", "invite": invite, "accept": true}));
    record.part("accepted");
    third.request(json!({"type": "invite", "username": "lisa"}));
    hers.receive(1);
    hers.request(json!({"type": "answer", "username": "noa", "accept": true}));
    hers.receive(1);
    third.receive(3);
    record.part("into a group");
    let band = third.request(json!({"type": "open", "title": "Band", "usernames": ["lisa"]}));
    let band = text(&band["session"], "id").to_owned();
    let invite = text(&hers.receive(1)["invite"], "id").to_owned();
    hers.request(json!({"type": "answer", "invite": invite, "accept": true}));
    third.receive(3);
    record.part("refusals");
    for command in [
        json!({"type": "invite", "username": "lisa", "session": band}),
        json!({"type": "invite", "username": "nobody-here"}),
        json!({"type": "invite", "username": "noa"}),
        json!({"type": "invite", "username": "avi", "session": "nonsense"}),
        json!({"type": "answer", "invite": "nonsense", "accept": true}),
        json!({"type": "answer", "username": "nobody-here", "accept": true}),
        json!({"type": "answer", "accept": true}),
    ] {
        third.request(command);
    }
    record.part("a block");
    lisa.http.put("/blocks/noa", json!({})).done();
    third.receive(1);
    hers.receive(1);
    hers.request(json!({"type": "send", "to": "noa", "text": "x"}));
    third.request(json!({"type": "send", "to": "lisa", "text": "x"}));
    [his, hers, third].iter_mut().for_each(|frames| frames.is_quiet());
    record.compare();
}

#[test]
fn frames_that_are_no_commands_are_refused_as_recorded() {
    let record = Transcript::new("frames_refused");
    let server = Server::start();
    let mut his = record.connect(&register(&server, "avi"));
    for text in
        ["", "nonsense", "{", "[]", "{} {}", "{}", r#"{"type":7,"id":"a"}"#, r#"{"type":"no-such-thing","id":"b"}"#]
    {
        his.send_text(text);
        his.receive(1);
    }
    his.request(json!({"type": "ping", "unknown": {"field": 1}}));
    for (kind, fields) in [
        ("send", r#""session":7,"text":"x""#),
        ("send", r#""session":"x","text":7"#),
        ("edit", r#""session":"x""#),
        ("read", r#""session":"x","seq":-1"#),
        ("sync", "\"sessions\":7"),
        ("react", r#""session":"x","seq":1,"emoji":"👍""#),
    ] {
        his.send_text(&format!(r#"{{"type":"{kind}","id":"c",{fields}}}"#));
        his.receive(1);
    }
    his.request(json!({"type": "hello", "token": "prl_x"}));
    for id in [json!(""), json!("k".repeat(65)), json!(7)] {
        his.send(json!({"type": "ping", "id": id}));
        his.receive(1);
    }
    let ping = br#"{"type":"ping"}"#;
    his.send_bytes("(a binary frame)", &wire::masked(true, BINARY, ping));
    his.receive(1);
    let (first, second) = ping.split_at(5);
    let pieces =
        [wire::masked(false, TEXT, first), wire::masked(true, PING, b""), wire::masked(true, CONTINUE, second)];
    his.send_bytes("(a ping in two fragments)", &pieces.concat());
    his.receive(1);
    record.compare();
}
