//! REST: accounts, logins, guests, tokens and the caller's own profile.

use crate::kit::*;

fn account(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

#[test]
fn registering_and_logging_in_are_answered_as_recorded() {
    let record = Transcript::new("accounts");
    let server = Server::start();
    let caller = record.stranger(&server);
    record.part("POST /register");
    for (name, password) in [
        ("Avi", PASSWORD),
        ("avi", PASSWORD),
        ("admin", PASSWORD),
        ("a", PASSWORD),
        ("a b", PASSWORD),
        ("lisa", "short"),
        ("lisa", "password123"),
        ("lisalisa", "LisaLisa"),
        ("lisa", "parlor-parlor"),
    ] {
        caller.post("/register", account(name, password));
    }
    caller.post("/register", account("lisa", &"x".repeat(129)));
    for body in [json!({}), json!({"username": 7}), json!({"username": "lisa", "password": null})] {
        caller.post("/register", body);
    }
    record.part("POST /login");
    for (name, password) in [("avi", PASSWORD), ("avi", "wrong password"), ("nobody-here", PASSWORD), ("", "")] {
        caller.post("/login", account(name, password));
    }
    caller.post("/login", json!({"username": "avi", "password": PASSWORD, "device": "phone"}));
    caller.post("/login", json!({"username": "avi", "password": PASSWORD, "device": "x".repeat(101)}));
    caller.post("/login", json!({"username": "avi"}));
    record.part("POST /guests");
    for name in ["Gwen", "gwen", "avi", "g", "root"] {
        caller.post("/guests", json!({"name": name}));
    }
    caller.post("/guests", json!({}));
    record.compare();
}

#[test]
fn bodies_and_tokens_that_do_not_count_are_refused_as_recorded() {
    let record = Transcript::new("refused_requests");
    let server = Server::start();
    let caller = record.stranger(&server);
    record.part("bodies");
    let post =
        |kind: &str, body: &[u8]| caller.send(caller.call("POST", "/register").header("Content-Type", kind).body(body));
    for body in ["", "{", "[]", "{} {}", r#"{"username":}"#] {
        post("application/json", body.as_bytes());
    }
    post("application/json", b"{\"username\":\"\xff\"}");
    post("application/json", "x".repeat(70_000).as_bytes());
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        post(kind, b"{}");
    }
    caller.send(caller.call("POST", "/register").body(b"{}"));
    record.part("tokens");
    let avi = register(&server, "avi");
    let gwen = Person::visit(&server, "gwen");
    let bearer = |token: &str| ("Authorization", format!("Bearer {token}"));
    let cookie = |token: &str| ("Cookie", format!("parlor_token={token}"));
    let foreign = ("Origin", "https://evil.example".to_owned());
    for headers in [
        vec![],
        vec![bearer("prl_x")],
        vec![("Authorization", "Basic YTpi".to_owned())],
        vec![cookie(&avi.token)],
        vec![cookie(&avi.token), ("Sec-Fetch-Site", "cross-site".to_owned())],
        vec![cookie(&avi.token), foreign],
        vec![cookie(&avi.token), bearer(&gwen.token)],
        vec![cookie(&avi.token), bearer(&avi.token)],
    ] {
        let call = caller.call("GET", "/me");
        caller.send(headers.iter().fold(call, |call, (name, value)| call.header(name, value)));
    }
    caller.get(&format!("/me?token={}", avi.token));
    caller.get(&format!("/rooms/{}", avi.token));
    record.part("paths and methods");
    for (method, path) in [
        ("GET", "/nothing"),
        ("GET", "//nothing"),
        ("PUT", "/me"),
        ("GET", "/register"),
        ("HEAD", "/me"),
        ("BREW", "/me"),
    ] {
        caller.send(caller.call(method, path));
    }
    record.compare();
}

#[test]
fn the_callers_profile_is_shown_and_changed_as_recorded() {
    let record = Transcript::new("profile");
    let server = Server::start();
    let (avi, gwen) = (register(&server, "avi"), Person::visit(&server, "gwen"));
    let (his, hers) = (record.http(&avi), record.http(&gwen));
    record.part("GET and PATCH /me");
    his.get("/me");
    his.send(his.call("HEAD", "/me"));
    for change in [
        json!({}),
        json!({"display_name": "Avi the Great"}),
        json!({"accepts": "invited"}),
        json!({"accepts": "nobody"}),
        json!({"display_name": ""}),
        json!({"display_name": "a\u{202e}b"}),
        json!({"display_name": "x".repeat(101)}),
        json!({"password": "another password"}),
        json!({"password": "another password", "current_password": "wrong password"}),
        json!({"password": "short", "current_password": PASSWORD}),
        json!({"password": "another password", "current_password": PASSWORD, "accepts": "anyone"}),
    ] {
        his.patch("/me", change);
    }
    hers.patch("/me", json!({"display_name": "Gwen", "password": "another password", "current_password": "x"}));
    record.part("DELETE /me");
    his.delete("/me");
    his.send(his.call("DELETE", "/me").json(&json!({"current_password": PASSWORD})));
    his.send(his.call("DELETE", "/me").json(&json!({"current_password": "another password"})));
    his.get("/me");
    hers.delete("/me");
    hers.get("/me");
    record.compare();
}

#[test]
fn tokens_are_listed_and_ended_as_recorded() {
    let record = Transcript::new("tokens");
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let (his, hers) = (record.http(&avi), record.http(&lisa));
    let login = json!({"username": "avi", "password": PASSWORD, "device": "phone"});
    let phone = text(&record.stranger(&server).post("/login", login).ok(), "token").to_owned();
    let phone = record
        .http(&Person { token: phone.clone(), http: server.http().with_token(&phone), ..avi.clone() })
        .named("phone");
    phone.send(phone.call("GET", "/me").header("User-Agent", "Recorder/1.0"));
    // Uses are noted beside what they are for.
    until("both uses are noted", PATIENCE, || {
        let tokens = avi.http.get("/tokens").ok();
        list(&tokens, "tokens").iter().all(|token| token["last_address"].is_string())
    });
    record.part("GET /tokens");
    let tokens = his.get("/tokens").ok();
    let first = his.get("/tokens?limit=1").ok();
    his.get(&format!("/tokens?limit=1&cursor={}", text(&first, "next")));
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x"] {
        his.get(&format!("/tokens?{query}"));
    }
    record.part("DELETE /tokens/{id}");
    let other = list(&tokens, "tokens").iter().find(|token| token["current"] == false).unwrap();
    let path = format!("/tokens/{}", text(other, "id"));
    hers.delete(&path);
    his.delete(&path);
    his.delete(&path);
    his.delete("/tokens/nonsense");
    phone.get("/me");
    record.part("POST /logout");
    his.post("/logout", json!({}));
    his.get("/me");
    let cookie = format!("parlor_token={}", lisa.token);
    let hers = record.stranger(&server).named("lisa's browser");
    hers.send(hers.call("POST", "/logout").header("Cookie", &cookie).header("Sec-Fetch-Site", "same-origin"));
    hers.post("/logout", json!({}));
    record.compare();
}
