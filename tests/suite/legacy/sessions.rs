//! The sessions system: registering, logging in, and loading all sessions.

use crate::kit::*;

fn of(username: &str, password: &str) -> Value {
    json!({"Username": username, "Password": password})
}

#[track_caller]
fn load(person: &Person) -> Value {
    person.http.get("//load").ok()
}

#[test]
fn register_and_login_use_capitalised_fields() {
    let server = Server::start();
    let http = server.http();
    let new = http.post("//register", of("Winston", PASSWORD)).ok();
    assert_eq!(new, json!({"UserID": new["UserID"], "Username": "Winston", "Status": "Offline"}));
    let reply = http.post("//login", of("winston", PASSWORD));
    let login = reply.ok();
    let token = text(&login, "Authentication_Token");
    assert_eq!(login, json!({"UserID": new["UserID"], "Username": "Winston", "Authentication_Token": token}));
    assert!(reply.header("set-cookie").unwrap().starts_with(&format!("parlor_token={token};")));
    let me = http.with_token(token).get("/me").ok()["user"].clone();
    assert_eq!((&me["id"], &me["status"]), (&new["UserID"], &json!("offline")), "a login makes nobody online");
    // It is an account like others.
    Person::login(&server, "Winston");
    assert_eq!(http.with_token(token).get("//load").ok(), json!({}));
}

#[test]
fn refusals_have_the_statuses_of_the_older_system() {
    let server = Server::start();
    let http = server.http();
    http.post("//register", of("winston", PASSWORD)).ok();
    for taken in ["WINSTON", "admin"] {
        http.post("//register", of(taken, PASSWORD)).refused(409, "username_taken");
    }
    http.post("//login", of("nanda", PASSWORD)).refused(400, "unknown_user");
    http.post("//login", of("winston", "wrong password")).refused(401, "wrong_password");
    http.post("//register", of("a b", PASSWORD)).refused(400, "invalid_request");
    http.post("//register", of("nanda", "short")).refused(400, "invalid_request");
    for path in ["//register", "//login"] {
        for (body, field) in [
            (json!({"Password": PASSWORD}), "Username"),
            (json!({"Username": "nanda"}), "Password"),
            (json!({"Username": null, "Password": PASSWORD}), "Username"),
            (json!({"Username": "nanda", "Password": 12345678}), "Password"),
            (json!({"username": "nanda", "password": PASSWORD}), "Username"),
            (json!([]), "object"),
        ] {
            http.post(path, body).blames(field);
        }
        for kind in ["application/x-www-form-urlencoded", "text/plain", ""] {
            let call = http.call("POST", path).header("Content-Type", kind);
            call.body(of("nanda", PASSWORD).to_string().as_bytes()).send().refused(415, "unsupported_media_type");
        }
        let call = http.call("POST", path);
        call.body(of("nanda", PASSWORD).to_string().as_bytes()).send().refused(415, "unsupported_media_type");
        let call = http.call("POST", path).header("Content-Type", "application/json");
        call.body("x".repeat(70_000).as_bytes()).send().refused(413, "too_large");
        let reply = http.get(path);
        reply.refused(405, "invalid_request");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    assert_eq!(server.count("SELECT count(*) FROM users"), 1);
}

#[test]
fn rates_and_uniform_errors_hold_here_too() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[
        ("PARLOR_UNIFORM_LOGIN_ERRORS", "true"),
        ("PARLOR_LOGIN_FAILURES", "2"),
        ("PARLOR_ACCOUNTS_PER_MINUTE", "1"),
        ("PARLOR_ACCOUNTS_BURST", "1"),
    ]);
    let http = server.http();
    http.post("//register", of("winston", PASSWORD)).ok();
    let reply = http.post("//register", of("nanda", PASSWORD));
    reply.refused(429, "rate_limited");
    reply.retry_after();
    http.post("//login", of("nanda", PASSWORD)).refused(401, "wrong_password");
    http.post("//login", of("winston", "wrong password")).refused(401, "wrong_password");
    let native = json!({"username": "winston", "password": "wrong password"});
    http.post("/login", native.clone()).refused(401, "wrong_password");
    let reply = http.post("//login", of("Winston", PASSWORD));
    reply.refused(429, "too_many_attempts");
    reply.retry_after();
    http.post("/login", native).refused(429, "too_many_attempts");
}

#[test]
fn load_has_all_sessions_and_messages() {
    let server = Server::start();
    let (avi, lisa, direct) = pair(&server);
    let mark = register(&server, "mark");
    avi.send_message(&direct, "one \"quoted\"");
    let at = text(&lisa.send_message(&direct, "two"), "at").to_owned();
    avi.send_message(&direct, "three");
    avi.http.delete(&format!("/sessions/{direct}/messages/3")).ok();
    lisa.http.patch(&format!("/sessions/{direct}/messages/2"), json!({"text": "2"})).ok();
    let id = group(&avi, "Two", &[&mark]);
    let all = load(&avi);
    let members = json!({&avi.id: "avi", &lisa.id: "lisa"});
    assert_eq!(all[&direct]["UserIds"], members);
    let sent = &all[&direct]["Messages"];
    assert_eq!(sent.as_object().unwrap().len(), 2, "what was deleted is left out: {sent}");
    assert_eq!(sent[format!("{direct}:2")], json!({"data": "2", "TimeStamp": at, "Sender": lisa.id}));
    assert_eq!(sent[format!("{direct}:1")]["data"], "one \"quoted\"");
    assert_eq!(all[&id]["UserIds"], json!({&avi.id: "avi", &mark.id: "mark"}));
    assert_eq!(all.as_object().unwrap().len(), 2);
    // Each user has their own.
    assert_eq!(load(&lisa)[&direct], all[&direct]);
    assert_eq!(load(&mark).as_object().unwrap().keys().collect::<Vec<_>>(), [&id]);
    remove(&mark.http, &id, "mark").ok();
    assert_eq!(load(&mark), json!({}));
}

#[test]
fn a_load_is_for_the_logged_in() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    let avi = register(&server, "avi");
    let get = |headers: &[(&str, &str)]| {
        let call = server.http().call("GET", "//load");
        headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
    };
    get(&[]).refused(401, "unauthenticated");
    get(&[("Authorization", "Bearer prl_x")]).refused(401, "unauthenticated");
    get(&[("Authorization", &format!("Basic {}", avi.token))]).refused(401, "unauthenticated");
    let cookie = format!("parlor_token={}", avi.token);
    get(&[("Cookie", &cookie)]).ok();
    get(&[("Cookie", &cookie), ("Sec-Fetch-Site", "cross-site")]).refused(401, "unauthenticated");
    server.http().get(&format!("//load?token={}", avi.token)).refused(400, "invalid_request");
    let head = avi.http.call("HEAD", "//load").send();
    assert_eq!((head.status, head.header("content-type")), (200, Some("application/json")));
    avi.http.post("//load", json!({})).refused(405, "invalid_request");
    let few = Server::with(&[("PARLOR_REQUESTS_PER_SECOND", "1"), ("PARLOR_REQUESTS_BURST", "1")]);
    let lisa = register(&few, "lisa");
    let refused = (0..20).map(|_| lisa.http.get("//load")).find(|reply| reply.status != 200).expect("too fast");
    refused.refused(429, "rate_limited");
    refused.retry_after();
}

#[test]
fn a_load_has_the_newest_hundred_sessions_and_fifty_messages() {
    let mut settings = UNHURRIED.to_vec();
    settings.push(("PARLOR_SESSIONS_PER_MINUTE", "0"));
    settings.push(("PARLOR_REQUESTS_PER_SECOND", "0"));
    let server = Server::with(&settings);
    let avi = register(&server, "avi");
    let sessions: Vec<String> = (0..102).map(|number| group(&avi, &format!("Group {number}"), &[])).collect();
    for number in 1..=60 {
        avi.send_message(&sessions[0], &format!("number {number}."));
    }
    let all = load(&avi);
    assert_eq!(all.as_object().unwrap().len(), 100);
    assert!(all[&sessions[1]].is_null() && all[&sessions[2]].is_null(), "the oldest two");
    let sent = all[&sessions[0]]["Messages"].as_object().unwrap();
    assert_eq!(sent.len(), 50);
    assert!(sent.values().all(|message| message["data"] != "number 10."));
    assert_eq!(sent[&format!("{}:60", sessions[0])]["data"], "number 60.");
    // Written in order, as a client may read them.
    let raw = avi.http.get("//load").text();
    let place = |seq: i32| raw.find(&format!("\"{}:{seq}\"", sessions[0])).unwrap();
    assert!((11..60).all(|seq| place(seq) < place(seq + 1)));
    assert!(raw.starts_with(&format!("{{\"{}\"", sessions[0])), "the newest first");
}

#[test]
fn a_load_is_never_larger_than_four_mebibytes() {
    let mut settings = UNHURRIED.to_vec();
    settings.push(("PARLOR_SESSIONS_PER_MINUTE", "0"));
    settings.push(("PARLOR_REQUESTS_PER_SECOND", "0"));
    let server = Server::with(&settings);
    let avi = register(&server, "avi");
    let long = "\"".repeat(16_384);
    let sessions: Vec<String> = (0..4).map(|number| group(&avi, &format!("Group {number}"), &[])).collect();
    for session in &sessions {
        for _ in 0..45 {
            avi.send_message(session, &long);
        }
    }
    let reply = avi.http.get("//load");
    let all = reply.ok();
    assert!(reply.body.len() <= 4 << 20 && reply.body.len() > 3 << 20, "{}", reply.body.len());
    let count = |session: &String| all[session]["Messages"].as_object().map_or(0, serde_json::Map::len);
    assert_eq!((count(&sessions[3]), count(&sessions[2])), (45, 45));
    assert!((1..45).contains(&count(&sessions[1])), "the page ends here");
    assert!(all[&sessions[1]]["Messages"][format!("{}:45", sessions[1])].is_object(), "with the newest");
    assert!(all[&sessions[0]].is_null());
}

#[test]
fn in_a_large_session_every_sender_has_a_name() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"keep": true}));
    // More members than the session's announcement lists.
    for number in 0..25 {
        let guest = Person::visit(&server, &format!("guest{number}"));
        join(&guest, &code);
        guest.send_message(&id, "hello all");
    }
    let all = load(&avi);
    assert_eq!(all.as_object().unwrap().keys().collect::<Vec<_>>(), [&id], "the lobby is another system's");
    let (names, sent) = (&all[&id]["UserIds"], all[&id]["Messages"].as_object().unwrap());
    assert_eq!(sent.len(), 50);
    for message in sent.values() {
        assert!(names[text(message, "Sender")].is_string(), "{message} of {names}");
    }
}
