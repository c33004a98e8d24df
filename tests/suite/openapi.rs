//! The document at `/openapi.json` is true: it lists what there is, and that behaves as documented.

mod frames;

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::*;
use crate::routes::{self, About};

/// Routes without authentication.
const OPEN: [(&str, &str); 7] = [
    ("POST", "/register"),
    ("POST", "/login"),
    ("POST", "/guests"),
    ("GET", "//healthz"),
    ("GET", "//readyz"),
    ("GET", "//docs"),
    ("GET", "//metrics"),
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
fn the_document_lists_every_route() {
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
fn the_document_has_title_and_version() {
    let server = Server::start();
    let document = server.http().get("//openapi.json").ok();
    assert!(text(&document, "openapi").starts_with("3."));
    assert!(!text(&document["info"], "title").is_empty());
    let ready = register(&server, "avi").connect().ready.clone();
    assert_eq!(document["info"]["version"], ready["server"]["version"]);
}

#[test]
fn every_documented_path_is_answered_by_more_than_the_router() {
    let server = Server::with(&[("PARLOR_METRICS_TOKEN", "a-token-for-monitoring")]);
    for (name, operation) in document(&server) {
        let (method, path) = name.split_once(' ').unwrap();
        let path = format!("/{}", path.replace("{}", "aaaaaaaaaaaaa"));
        let reply = server.http().call(method, &path).send();
        // Of the routes without authentication only that of a room code can answer 404.
        let is_missing = reply.status == 404 && reply.json()["code"] != "unknown_room";
        assert!(!is_missing && ![405, 500].contains(&reply.status), "{name}: {}", reply.text());
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
    let (mut always, mut perhaps) = (Vec::new(), Vec::new());
    parts(root, schema, true, &mut always, &mut perhaps);
    let items = always.iter().map(|part| &part["items"]).find(|items| !items.is_null());
    for (one, items) in value.as_array().into_iter().flatten().zip(items.into_iter().cycle()) {
        fits(root, items, one, &format!("{at}[]"));
    }
    let Some(object) = value.as_object() else { return };
    let all = || always.iter().chain(&perhaps).filter_map(|part| part["properties"].as_object());
    for (name, inner) in object.iter().filter(|_| all().next().is_some()) {
        let found: Vec<&Value> = all().filter_map(|properties| properties.get(name)).collect();
        let at = format!("{at}.{name}");
        assert!(!found.is_empty(), "{at} is not documented");
        // Where it may be one thing or another, which it is is not looked at.
        if found.iter().all(|one| *one == found[0]) {
            fits(root, found[0], inner, &at);
        }
    }
    for required in always.iter().filter_map(|part| part["required"].as_array()).flatten() {
        let name = required.as_str().unwrap();
        assert!(object.contains_key(name), "{at}.{name} is required and missing");
    }
}

/// What a schema consists of, and what it may consist of.
fn parts<'a>(
    root: &'a Value,
    schema: &'a Value,
    sure: bool,
    always: &mut Vec<&'a Value>,
    perhaps: &mut Vec<&'a Value>,
) {
    if sure {
        always.push(schema)
    } else {
        perhaps.push(schema)
    }
    if let Some(place) = schema["$ref"].as_str() {
        let schema = root.pointer(place.trim_start_matches('#')).expect("the reference leads somewhere");
        parts(root, schema, sure, always, perhaps);
    }
    for (name, sure) in [("allOf", sure), ("anyOf", false), ("oneOf", false)] {
        for part in schema[name].as_array().into_iter().flatten() {
            parts(root, part, sure, always, perhaps);
        }
    }
}

#[test]
fn answers_of_all_routes_match_the_document() {
    let server = Server::with(&UNHURRIED);
    let root = server.http().get("//openapi.json").ok();
    let listed = operations(&root);
    let (avi, lisa, session) = pair(&server);
    let (mark, somebody) = (register(&server, "mark"), register(&server, "somebody"));
    avi.send_message(&session, "hello");
    let (room, code) = routes::room_of(&avi, &lisa);
    let requested = somebody.http.post("/invites", json!({"username": "avi"})).ok();
    let id = |about: About| match about {
        About::Anyone => "lisa".to_owned(),
        About::Session => session.clone(),
        About::Room => room.clone(),
        About::Code => code.clone(),
        About::Invite => text(&requested["invite"], "id").to_owned(),
        About::Token => "aaaaaaaaaaaaa".to_owned(),
    };
    for route in routes::all() {
        let name = name(route.method, route.path);
        let operation = &listed[&name];
        for http in [&server.http(), &mark.http, &lisa.http, &avi.http] {
            let reply = route.call(http, &id(route.about), routes::query(&route));
            documented(&name, operation, &reply);
            let status = reply.status.to_string();
            let content = operation["responses"][&status]["content"].as_object();
            if let Some((_, media)) = content.and_then(|content| content.iter().next()) {
                fits(&root, &media["schema"], &reply.json(), &name);
            }
        }
    }
}

#[test]
fn the_documentation_page_loads_nothing_from_elsewhere() {
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
