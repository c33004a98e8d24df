//! Every frame is in the document, and what is told over a WebSocket is what the document says.

use std::collections::BTreeSet;

use super::fits;
use crate::kit::*;

/// What a client says, and what the server says.
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

/// The words of the frames that a schema of the document leads to.
fn words(root: &Value, list: &str) -> BTreeSet<String> {
    let leads = |place: &Value| root.pointer(text(place, "$ref").trim_start_matches('#')).expect("it leads somewhere");
    let word = |schema: &Value| {
        let parts = ["oneOf", "allOf"]
            .iter()
            .filter_map(|together| schema[together][0].as_object().map(|_| &schema[together][0]));
        let first = parts.chain([schema]).find(|part| part["properties"]["type"]["const"].is_string());
        text(&first.unwrap_or_else(|| panic!("no word in {schema}"))["properties"]["type"], "const").to_owned()
    };
    let lists = leads(&root["paths"]["/api/v1/ws"]["get"][list]);
    self::list(lists, "oneOf").iter().map(|place| word(leads(place))).collect()
}

#[test]
fn it_lists_every_frame() {
    let server = Server::start();
    let root = server.http().get("//openapi.json").ok();
    assert_eq!(words(&root, "x-client-frames"), COMMANDS.map(str::to_owned).into());
    assert_eq!(words(&root, "x-server-frames"), EVENTS.map(str::to_owned).into());
    // And the server knows each of them.
    let mut his = register(&server, "avi").connect();
    for word in COMMANDS.iter().filter(|word| **word != "goodbye") {
        let answer = his.ask(json!({"type": word}));
        let why = answer["message"].as_str().unwrap_or_default();
        assert!(!why.contains("unknown `type`"), "{word}: {answer}");
        his.ask(json!({"type": "sessions"}));
    }
}

/// Avi and Lisa do all that there is to do; what each of them is told.
fn everything_told(server: &Server) -> Vec<Value> {
    let (avi, lisa) = (register(server, "avi"), register(server, "lisa"));
    lisa.accepts_only_invited();
    let mut his = avi.connect();
    let mut hers = lisa.connect();
    let mut told = vec![his.ready.clone(), hers.ready.clone()];
    ask(&mut told, &mut his, json!({"type": "invite", "username": "lisa"}));
    let direct = ask(&mut told, &mut hers, json!({"type": "answer", "username": "avi", "accept": true}));
    let direct = text(&direct["session"], "id").to_owned();
    let room = ask(&mut told, &mut his, json!({"type": "open", "room": true, "title": "Room"}))["session"].clone();
    let (room, code) = (text(&room, "id").to_owned(), text(&room, "code").to_owned());
    ask(&mut told, &mut his, json!({"type": "send", "session": room, "text": "hello @lisa"}));
    ask(&mut told, &mut hers, json!({"type": "join", "code": code}));
    ask(&mut told, &mut hers, json!({"type": "send", "session": room, "text": "hello", "reply_to": 1}));
    ask(&mut told, &mut his, json!({"type": "edit", "session": room, "seq": 1, "text": "hello, Lisa"}));
    ask(&mut told, &mut hers, json!({"type": "react", "session": room, "seq": 1, "emoji": "👍", "on": true}));
    ask(&mut told, &mut hers, json!({"type": "typing", "session": room}));
    ask(&mut told, &mut his, json!({"type": "received", "session": room, "seq": 3}));
    ask(&mut told, &mut his, json!({"type": "read", "session": room, "seq": 3}));
    told.push(hers.expect("receipt"));
    ask(&mut told, &mut his, json!({"type": "title", "session": room, "title": "Another"}));
    ask(&mut told, &mut his, json!({"type": "role", "session": room, "username": "lisa", "role": "admin"}));
    ask(&mut told, &mut hers, json!({"type": "search", "query": "hello"}));
    for list in [json!({"type": "members", "session": room}), json!({"type": "history", "session": room})] {
        ask(&mut told, &mut his, list);
    }
    for list in ["sessions", "invites", "ping"] {
        ask(&mut told, &mut his, json!({"type": list}));
    }
    ask(&mut told, &mut hers, json!({"type": "sync", "sessions": {room.as_str(): 0, "none": 0}}));
    ask(&mut told, &mut hers, json!({"type": "sync", "sessions": {room.as_str(): 99}}));
    ask(&mut told, &mut his, json!({"type": "delete", "session": room, "seq": 1}));
    ask(&mut told, &mut his, json!({"type": "remove", "session": room, "username": "lisa"}));
    ask(&mut told, &mut his, json!({"type": "leave", "session": room}));
    told.push(his.ask(json!({"type": "leave", "session": direct})));
    hers.send(&json!({"type": "goodbye"}));
    told.push(his.expect("presence"));
    for socket in [&mut his, &mut hers] {
        told.extend(socket.take_kept());
    }
    told
}

/// Asks for what is granted.
fn ask(told: &mut Vec<Value>, socket: &mut Socket, command: Value) -> Value {
    let answer = socket.ask(command.clone());
    assert!(["ok", "pong"].contains(&text(&answer, "type")), "{command}: {answer}");
    told.push(answer.clone());
    answer
}

#[test]
fn what_is_told_over_a_websocket_is_what_the_document_says() {
    let server = Server::with(&UNHURRIED);
    let root = server.http().get("//openapi.json").ok();
    let mut heard = BTreeSet::new();
    for frame in everything_told(&server) {
        let word = text(&frame, "type");
        let schema = &root["components"]["schemas"][format!("ServerFrame.{word}")];
        fits(&root, schema, &frame, word);
        heard.insert(word.to_owned());
    }
    let never: Vec<_> = EVENTS.iter().filter(|word| !heard.contains(**word)).collect();
    assert!(never.is_empty(), "a test should hear {never:?}");
}
