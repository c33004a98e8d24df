//! Every frame is in the document, and frames sent over a WebSocket match its schemas.

use std::collections::BTreeSet;

use super::fits;
use crate::kit::*;

/// The frames of clients and those of the server.
const COMMANDS: [&str; 24] = [
    "hello", "send", "edit", "delete", "react", "read", "received", "typing", "sync", "history", "sessions", "members",
    "invites", "search", "invite", "answer", "open", "join", "leave", "remove", "role", "title", "ping", "goodbye",
];
const EVENTS: [&str; 17] = [
    "ready",
    "ok",
    "error",
    "message",
    "message_changed",
    "changes",
    "reset",
    "session_added",
    "session_changed",
    "session_removed",
    "member",
    "receipt",
    "typing",
    "presence",
    "invite",
    "invite_answered",
    "pong",
];

/// The `type` of each frame in a list of the document.
fn frame_names(root: &Value, list: &str) -> BTreeSet<String> {
    let leads = |place: &Value| root.pointer(text(place, "$ref").trim_start_matches('#')).expect("it leads somewhere");
    let name = |schema: &Value| {
        let parts = ["oneOf", "allOf"]
            .iter()
            .filter_map(|together| schema[together][0].as_object().map(|_| &schema[together][0]));
        let first = parts.chain([schema]).find(|part| part["properties"]["type"]["const"].is_string());
        text(&first.unwrap_or_else(|| panic!("no word in {schema}"))["properties"]["type"], "const").to_owned()
    };
    let lists = leads(&root["paths"]["/api/v1/ws"]["get"][list]);
    self::list(lists, "oneOf").iter().map(|place| name(leads(place))).collect()
}

#[test]
fn the_document_lists_every_frame() {
    let server = Server::start();
    let root = server.http().get("//openapi.json").ok();
    assert_eq!(frame_names(&root, "x-client-frames"), COMMANDS.map(str::to_owned).into());
    assert_eq!(frame_names(&root, "x-server-frames"), EVENTS.map(str::to_owned).into());
    // And the server knows each of them.
    let mut his = register(&server, "avi").connect();
    for name in COMMANDS.iter().filter(|name| **name != "goodbye") {
        let answer = his.request(json!({"type": name}));
        let why = answer["message"].as_str().unwrap_or_default();
        assert!(!why.contains("unknown `type`"), "{name}: {answer}");
        his.request(json!({"type": "sessions"}));
    }
}

/// All frames that Avi and Lisa receive while they use every command.
fn every_frame(server: &Server) -> Vec<Value> {
    let (avi, lisa) = (register(server, "avi"), register(server, "lisa"));
    lisa.accepts_only_invited();
    let mut his = avi.connect();
    let mut hers = lisa.connect();
    let mut frames = vec![his.ready.clone(), hers.ready.clone()];
    request(&mut frames, &mut his, json!({"type": "invite", "username": "lisa"}));
    let direct = request(&mut frames, &mut hers, json!({"type": "answer", "username": "avi", "accept": true}));
    let direct = text(&direct["session"], "id").to_owned();
    let room =
        request(&mut frames, &mut his, json!({"type": "open", "room": true, "title": "Room"}))["session"].clone();
    let (room, code) = (text(&room, "id").to_owned(), text(&room, "code").to_owned());
    request(&mut frames, &mut his, json!({"type": "send", "session": room, "text": "hello @lisa"}));
    request(&mut frames, &mut hers, json!({"type": "join", "code": code}));
    request(&mut frames, &mut hers, json!({"type": "send", "session": room, "text": "hello", "reply_to": 1}));
    request(&mut frames, &mut his, json!({"type": "edit", "session": room, "seq": 1, "text": "hello, Lisa"}));
    request(&mut frames, &mut hers, json!({"type": "react", "session": room, "seq": 1, "emoji": "👍", "on": true}));
    request(&mut frames, &mut hers, json!({"type": "typing", "session": room}));
    request(&mut frames, &mut his, json!({"type": "received", "session": room, "seq": 3}));
    request(&mut frames, &mut his, json!({"type": "read", "session": room, "seq": 3}));
    frames.push(hers.expect("receipt"));
    request(&mut frames, &mut his, json!({"type": "title", "session": room, "title": "Another"}));
    request(&mut frames, &mut his, json!({"type": "role", "session": room, "username": "lisa", "role": "admin"}));
    request(&mut frames, &mut hers, json!({"type": "search", "query": "hello"}));
    for list in [json!({"type": "members", "session": room}), json!({"type": "history", "session": room})] {
        request(&mut frames, &mut his, list);
    }
    for list in ["sessions", "invites", "ping"] {
        request(&mut frames, &mut his, json!({"type": list}));
    }
    request(&mut frames, &mut hers, json!({"type": "sync", "sessions": {room.as_str(): 0, "none": 0}}));
    request(&mut frames, &mut hers, json!({"type": "sync", "sessions": {room.as_str(): 99}}));
    request(&mut frames, &mut his, json!({"type": "delete", "session": room, "seq": 1}));
    request(&mut frames, &mut his, json!({"type": "remove", "session": room, "username": "lisa"}));
    request(&mut frames, &mut his, json!({"type": "leave", "session": room}));
    frames.push(his.request(json!({"type": "leave", "session": direct})));
    hers.send(&json!({"type": "goodbye"}));
    frames.push(his.expect("presence"));
    for socket in [&mut his, &mut hers] {
        frames.extend(socket.take_kept());
    }
    frames
}

/// Sends a command and expects `ok`.
fn request(frames: &mut Vec<Value>, socket: &mut Socket, command: Value) -> Value {
    let answer = socket.request(command.clone());
    assert!(["ok", "pong"].contains(&text(&answer, "type")), "{command}: {answer}");
    frames.push(answer.clone());
    answer
}

#[test]
fn frames_over_a_websocket_match_the_document() {
    let server = Server::with(&UNHURRIED);
    let root = server.http().get("//openapi.json").ok();
    let mut received = BTreeSet::new();
    for frame in every_frame(&server) {
        let name = text(&frame, "type");
        let schema = &root["components"]["schemas"][format!("ServerFrame.{name}")];
        fits(&root, schema, &frame, name);
        received.insert(name.to_owned());
    }
    let never: Vec<_> = EVENTS.iter().filter(|name| !received.contains(**name)).collect();
    assert!(never.is_empty(), "a test should hear {never:?}");
}
