//! The document at `/openapi.json` is true: it lists what there is, and what it lists behaves as it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::*;
use crate::routes::{self, About, Route};

/// Routes that ask nobody who they are.
const OPEN: [(&str, &str); 5] =
    [("POST", "/register"), ("POST", "/login"), ("GET", "//healthz"), ("GET", "//readyz"), ("GET", "//docs")];

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

/// `method path` (parameters unnamed, from the root) → the documented operation.
fn operations(document: &Value) -> BTreeMap<String, Value> {
    let base = document["servers"][0]["url"].as_str().unwrap_or("");
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let path =
            if path.starts_with("/api/") || !base.starts_with("/api") { path.clone() } else { format!("{base}{path}") };
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                let name = format!("{} {}", method.to_uppercase(), routes::unnamed(&path));
                found.insert(name, operation.clone());
            }
        }
    }
    found
}

fn name(method: &str, path: &str) -> String {
    match path.strip_prefix("//") {
        Some(root) => format!("{method} /{root}"),
        None => format!("{method} /api/v1{}", routes::unnamed(path)),
    }
}

fn document(server: &Server) -> BTreeMap<String, Value> {
    operations(&server.http().get("//openapi.json").ok())
}

#[test]
fn it_lists_every_route() {
    let server = Server::start();
    let listed = document(&server);
    let mut wanted: BTreeSet<String> = routes::all().iter().map(|route| name(route.method, route.path)).collect();
    wanted.extend(OPEN.iter().map(|(method, path)| name(method, path)));
    let missing: Vec<_> = wanted.iter().filter(|one| !listed.contains_key(*one)).collect();
    assert!(missing.is_empty(), "not documented: {missing:?}");
    // And the tests know every route: a new one needs a row in the table, so that strangers are tried on it.
    let known = |one: &str| wanted.contains(one) || one.ends_with("/openapi.json") || one.ends_with("/ws");
    let untested: Vec<_> = listed.keys().filter(|one| !known(one)).collect();
    assert!(untested.is_empty(), "without a row in routes.rs: {untested:?}");
}

#[test]
fn it_says_which_version_of_what_it_is() {
    let server = Server::start();
    let document = server.http().get("//openapi.json").ok();
    assert!(text(&document, "openapi").starts_with("3."));
    assert!(!text(&document["info"], "title").is_empty());
    let ready = register(&server, "avi").connect().ready.clone();
    assert_eq!(document["info"]["version"], ready["server"]["version"]);
}

#[test]
fn every_documented_path_is_answered_by_more_than_the_router() {
    let server = Server::start();
    for (name, operation) in document(&server) {
        let (method, path) = name.split_once(' ').unwrap();
        let path = format!("/{}", path.replace("{}", "aaaaaaaaaaaaa"));
        let reply = server.http().call(method, &path).send();
        assert!(![404, 405, 500].contains(&reply.status), "{name}: {}", reply.text());
        documented(&name, &operation, &reply);
    }
}

/// Fails where the reply's status, or the shape of its body, is not in the document.
fn documented(name: &str, operation: &Value, reply: &Reply) {
    let status = reply.status.to_string();
    let responses = &operation["responses"];
    let response = responses.get(&status).or_else(|| responses.get("default"));
    let Some(response) = response else {
        panic!("{name} does not document its {status}: {}", reply.text());
    };
    let Some(kind) = reply.header("content-type") else {
        return;
    };
    let kind = kind.split(';').next().unwrap_or_default();
    if let Some(content) = response["content"].as_object() {
        assert!(content.contains_key(kind), "{name} {status} is {kind}, not {content:?}");
    }
}

/// Every field of the answer is in the documented schema, all the way down, and no required one is missing.
fn fits(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = root.pointer(name.trim_start_matches('#')).expect("the reference leads somewhere");
        return fits(root, schema, value, at);
    }
    for together in schema["allOf"].as_array().into_iter().flatten() {
        fits(root, together, value, at);
    }
    if let Some(list) = value.as_array() {
        for one in list {
            fits(root, &schema["items"], one, &format!("{at}[]"));
        }
    }
    let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object()) else {
        return;
    };
    for (name, inner) in object {
        let at = format!("{at}.{name}");
        if schema["allOf"].is_null() {
            assert!(properties.contains_key(name), "{at} is not documented");
        }
        if let Some(schema) = properties.get(name) {
            fits(root, schema, inner, &at);
        }
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap();
        assert!(object.contains_key(name), "{at}.{name} is required and missing");
    }
}

#[test]
fn what_routes_answer_is_what_the_document_says() {
    let server = Server::with(&UNHURRIED);
    let root = server.http().get("//openapi.json").ok();
    let listed = operations(&root);
    let (avi, lisa, session) = pair(&server);
    let (mark, somebody) = (register(&server, "mark"), register(&server, "somebody"));
    avi.say(&session, "hello");
    let (room, code) = routes::room_of(&avi, &lisa);
    let asked = somebody.http.post("/invites", json!({"username": "avi"})).ok();
    let id = |about: About| match about {
        About::Anyone => "lisa".to_owned(),
        About::Session => session.clone(),
        About::Room => room.clone(),
        About::Code => code.clone(),
        About::Invite => text(&asked["invite"], "id").to_owned(),
        About::Token => "aaaaaaaaaaaaa".to_owned(),
    };
    let query = |route: &Route| if route.path.ends_with("/changes") { "?rev=0" } else { "" };
    for route in routes::all() {
        let name = name(route.method, route.path);
        let operation = &listed[&name];
        for http in [&server.http(), &mark.http, &lisa.http, &avi.http] {
            let reply = route.call(http, &id(route.about), query(&route));
            documented(&name, operation, &reply);
            let status = reply.status.to_string();
            let content = operation["responses"][&status]["content"].as_object();
            if let Some((_, media)) = content.and_then(|content| content.iter().next()) {
                fits(&root, &media["schema"], &reply.json(), &name);
            }
        }
    }
}

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
        assert!(!why.contains("no command"), "{word}: {answer}");
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
    ask(&mut told, &mut hers, json!({"type": "read", "session": room, "seq": 1}));
    ask(&mut told, &mut hers, json!({"type": "received", "session": room, "seq": 1}));
    told.push(his.expect("receipt"));
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
        assert!(known(&root, schema, &frame), "{frame} has a field that is not documented");
        heard.insert(word.to_owned());
    }
    let never: Vec<_> = EVENTS.iter().filter(|word| !heard.contains(**word)).collect();
    assert!(never.is_empty(), "a test should hear {never:?}");
}

/// Every field of a frame is in one of the parts of its schema.
fn known(root: &Value, schema: &Value, frame: &Value) -> bool {
    let mut names = BTreeSet::new();
    let mut parts = vec![schema];
    while let Some(part) = parts.pop() {
        names.extend(part["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        parts.extend(["allOf", "anyOf", "oneOf"].iter().filter_map(|word| part[word].as_array()).flatten());
        parts.extend(part["$ref"].as_str().and_then(|place| root.pointer(place.trim_start_matches('#'))));
    }
    frame.as_object().unwrap().keys().all(|name| names.contains(name))
}

#[test]
fn the_page_for_people_needs_nobody_else() {
    let server = Server::start();
    let reply = server.http().get("//docs");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    let page = reply.text();
    for name in ["/api/v1/sessions/{id}/messages/{seq}/reactions/{emoji}", "message_changed", "ProfileChange"] {
        assert!(page.contains(name), "{name} is not on the page");
    }
    assert!(!page.contains("<script") && !page.contains("http"), "the page asks somebody else");
}
