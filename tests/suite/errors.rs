//! Refusals of REST: problem documents with stable codes, and what is refused before a handler sees it.

use crate::kit::*;

#[test]
fn an_unknown_path_is_a_problem_too() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for http in [server.http(), avi.http] {
        http.get("/no-such-thing").refused(404, "not_found");
        http.get("//no-such-thing").refused(404, "not_found");
    }
}

#[test]
fn a_wrong_method_is_a_problem_too() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let reply = avi.http.delete("/register");
    assert!([404, 405].contains(&reply.status), "{}", reply.text());
    let kind = reply.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/problem+json"), "is {kind:?}");
}

#[test]
fn only_json_is_understood() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let body = json!({"username": "lisa", "password": PASSWORD}).to_string();
    let post = |kind: Option<&str>| {
        let call = server.http().call("POST", "/register").body(body.as_bytes());
        match kind {
            Some(kind) => call.header("Content-Type", kind).send(),
            None => call.send(),
        }
    };
    for kind in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data; boundary=x")]
    {
        post(kind).refused(415, "unsupported_media_type");
    }
    // A cross-site form can send text/plain with the cookie: it must not reach a handler on any route.
    let patch = avi.http.call("PATCH", "/me").body(br#"{"accepts":"invited"}"#);
    patch.header("Content-Type", "text/plain").send().refused(415, "unsupported_media_type");
    post(Some("application/json; charset=utf-8")).ok();
}

#[test]
fn broken_json_is_an_invalid_request() {
    let server = Server::start();
    let deep = "[".repeat(30_000);
    for body in [
        "",
        "{",
        "nonsense",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{\"username\":\"a\u{0}\"}",
        r#"{"username":"\ud800","password":"12345678"}"#,
        "{\"username\":}",
        deep.as_str(),
    ] {
        let call = server.http().call("POST", "/register").body(body.as_bytes());
        let reply = call.header("Content-Type", "application/json").send();
        reply.refused(400, "invalid_request");
    }
    let call = server.http().call("POST", "/register").body(b"{\"username\":\"a\xff\xfe\"}");
    call.header("Content-Type", "application/json").send().refused(400, "invalid_request");
}

#[test]
fn a_wrong_or_missing_field_is_named() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let post = |path: &str, body: Value| avi.http.post(path, body);
    post("/register", json!({"username": 7, "password": PASSWORD})).blames("username");
    post("/register", json!({"username": "lisa2"})).blames("password");
    post("/register", json!({"username": "lisa2", "password": null})).blames("password");
    post("/register", json!({"username": "lisa2", "password": ["x"]})).blames("password");
    post("/login", json!({"username": {}, "password": PASSWORD})).blames("username");
    post("/login", json!({"username": "avi", "password": PASSWORD, "device": 1})).blames("device");
    post("/invites", json!({"username": false})).blames("username");
    post("/sessions", json!({"username": "lisa"})).blames("kind");
    post("/sessions", json!({"kind": "circle", "username": "lisa"})).blames("kind");
    post("/sessions", json!({"kind": "direct"})).blames("username");
    let messages = format!("/sessions/{session}/messages");
    post(&messages, json!({})).blames("text");
    post(&messages, json!({"text": 7})).blames("text");
    post(&messages, json!({"text": "hi", "key": 7})).blames("key");
    post(&messages, json!({"text": "hi", "reply_to": "1"})).blames("reply_to");
    post(&messages, json!({"text": "hi", "reply_to": -1})).blames("reply_to");
    let read = format!("/sessions/{session}/read");
    avi.http.put(&read, json!({"seq": "1"})).blames("seq");
    avi.http.put(&read, json!({"seq": 1.5})).blames("seq");
    avi.http.put(&read, json!({})).blames("seq");
}

#[test]
fn unknown_fields_are_ignored() {
    let server = Server::start();
    let body = json!({"username": "avi", "password": PASSWORD, "favourite_colour": ["blue"], "kind": 7});
    server.http().post("/register", body).ok();
}

#[test]
fn a_wrong_query_is_named() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let messages = format!("/sessions/{session}/messages");
    for (query, field) in
        [("limit=many", "limit"), ("limit=-1", "limit"), ("before=x", "before"), ("after=1.5", "after")]
    {
        avi.http.get(&format!("{messages}?{query}")).blames(field);
    }
    avi.http.get(&format!("{messages}?before=2&after=1")).refused(400, "invalid_request");
    avi.http.get("/sessions?cursor=nonsense").blames("cursor");
    avi.http.get("/invites?direction=up").blames("direction");
    avi.http.get(&format!("/sessions/{session}/changes?rev=x")).blames("rev");
}

#[test]
fn a_body_has_a_maximum_size() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    let padding = "x".repeat(70_000);
    let body = json!({"text": "hi", "padding": padding});
    let messages = format!("/sessions/{session}/messages");
    avi.http.post(&messages, body.clone()).refused(413, "too_large");
    server.http().post("/register", body).refused(413, "too_large");
    // What is only announced is refused as well, without waiting for it.
    let call = avi.http.call("POST", &messages).body(b"{}");
    let call = call.header("Content-Type", "application/json");
    call.header("Content-Length", "10000000000").send().refused(413, "too_large");
    avi.http.post(&messages, json!({"text": "hi", "padding": "x".repeat(40_000)})).ok();
}

#[test]
fn a_chunked_body_has_the_same_maximum_size() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
    let body = chunk.repeat(9) + "0\r\n\r\n";
    let call = avi.http.call("PATCH", "/me").body(body.as_bytes());
    let call = call.header("Content-Type", "application/json");
    let reply = call.header("Transfer-Encoding", "chunked").send();
    reply.refused(413, "too_large");
}

#[test]
fn a_token_in_a_url_is_refused() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for query in ["token", "access_token"] {
        let path = format!("/me?{query}={}", avi.token);
        // Also where the header would have been enough: the secret may be in a log by now.
        server.http().get(&path).refused(400, "invalid_request");
        avi.http.get(&path).refused(400, "invalid_request");
    }
    let path = format!("/api/v1/ws?token={}", avi.token);
    let Err(reply) = Socket::open_at(server.endpoint(), &path, &[]) else {
        panic!("upgraded with a token in the URL");
    };
    reply.refused(400, "invalid_request");
}

#[test]
fn a_refusal_reveals_no_secrets() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let body = json!({"username": "avi", "password": "a wrong secret"});
    let reply = server.http().post("/login", body);
    assert!(!reply.text().contains("a wrong secret"));
    let reply = server.http().get(&format!("/me?token={}", avi.token));
    assert!(!reply.text().contains(&avi.token));
}
