//! Refusals by rates, by limits, and of what is switched off.

use crate::kit::*;

/// Sends a request until it is refused; only the refusal is recorded.
#[track_caller]
fn until_refused(record: &Transcript, caller: &Caller<'_>, call: http::Call) {
    let replies = (0..100).map(|_| call.clone().send());
    let refused = replies.into_iter().find(|reply| reply.status != 200).expect("too fast");
    record.sent(&caller.who, &call.described());
    record.reply(&caller.who, &refused, transcript::shown);
}

#[test]
fn rates_refuse_as_recorded() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let record = Transcript::new("rates");
    record.part("accounts of an address");
    let server = Server::with(&[("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")]);
    let avi = register(&server, "avi");
    register(&server, "lisa");
    let caller = record.stranger(&server);
    caller.post("/register", json!({"username": "noa", "password": PASSWORD}));
    caller.post("/guests", json!({"name": "gwen"}));
    caller.get("//login/gwen");
    caller.post("//register", json!({"Username": "noa", "Password": PASSWORD}));
    fill_in_recorded(&caller);
    record.part("requests, searches, sends, sessions and invites of a user");
    let server = Server::with(&[
        ("PARLOR_SEARCHES_PER_SECOND", "1"),
        ("PARLOR_SEARCHES_BURST", "1"),
        ("PARLOR_SENDS_PER_SECOND", "1"),
        ("PARLOR_SENDS_BURST", "1"),
        ("PARLOR_SESSIONS_PER_MINUTE", "1"),
        ("PARLOR_INVITES_PER_MINUTE", "1"),
        ("PARLOR_INVITES_BURST", "1"),
    ]);
    let (one, _, session) = pair(&server);
    register(&server, "noa");
    let his = record.http(&one);
    until_refused(&record, &his, his.call("GET", "/search?q=x"));
    until_refused(
        &record,
        &his,
        his.call("POST", &format!("/sessions/{session}/messages")).json(&json!({"text": "x"})),
    );
    his.post("/sessions", json!({"kind": "direct", "username": "noa"}));
    until_refused(&record, &his, his.call("POST", "/invites").json(&json!({"username": "noa"})));
    let mut frames = record.connect(&one);
    let send =
        wire::masked(true, wire::TEXT, json!({"type": "send", "session": session, "text": "x"}).to_string().as_bytes());
    frames.socket.send_bytes(&send.repeat(20));
    let refused = frames.socket.wait_for("a refusal", |frame| frame["type"] == "error");
    record.received("avi", &format!("… {refused}"));
    let server = Server::with(&[("PARLOR_REQUESTS_PER_SECOND", "1"), ("PARLOR_REQUESTS_BURST", "1")]);
    let other = register(&server, "avi");
    let his = record.http(&other);
    until_refused(&record, &his, his.call("GET", "/me"));
    until_refused(&record, &his, his.call("GET", "//load"));
    drop(avi);
    record.compare();
}

fn fill_in_recorded(caller: &Caller<'_>) {
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    caller.send_to_show(call.body(b"name=Gwen&create="), |reply| {
        let text = reply.text();
        text.lines().find(|line| line.contains("id=\"fault\"")).unwrap_or_default().to_owned()
    });
}

#[test]
fn attempts_are_counted_as_recorded() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let record = Transcript::new("attempts");
    let server = Server::with(&[
        ("PARLOR_LOGIN_FAILURES", "1"),
        ("PARLOR_ROOM_MISSES", "1"),
        ("PARLOR_PENDING_INVITES", "1"),
        ("PARLOR_GROUP_MEMBERS", "2"),
    ]);
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let (caller, his) = (record.stranger(&server), record.http(&avi));
    record.part("pending invites, members");
    for name in ["lisa", "noa"] {
        his.post("/invites", json!({"username": name}));
    }
    his.post("/sessions", json!({"kind": "group", "title": "Band", "usernames": ["lisa", "noa"]}));
    let (_, code) = room(&avi, json!({"keep": true}));
    join(&lisa, &code);
    record.http(&noa).post(&format!("/rooms/{code}/join"), json!({}));
    record.part("logins");
    for path in ["/login", "//log_in"] {
        for password in ["wrong password", PASSWORD] {
            caller.post(path, json!({"username": "avi", "password": password}));
        }
    }
    caller.post("//login", json!({"Username": "avi", "Password": PASSWORD}));
    record.part("unknown codes");
    for _ in 0..2 {
        caller.get("/rooms/ABCDEFGHJK");
    }
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    caller.send(call.body(b"name=Gwen&code=ABCDEFGHJK&join="));
    record.part("unknown names");
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "1")]);
    let avi = register(&server, "avi");
    for _ in 0..2 {
        record.http(&avi).get("/users/nobody-here");
    }
    record.compare();
}

#[test]
fn what_is_switched_off_is_refused_as_recorded() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let record = Transcript::new("switched_off");
    let server = Server::with(&[
        ("PARLOR_GUESTS", "off"),
        ("PARLOR_UNIFORM_LOGIN_ERRORS", "true"),
        ("PARLOR_PASSWORD_MIN", "12"),
    ]);
    register(&server, "avi");
    let caller = record.stranger(&server);
    record.part("guests");
    caller.post("/guests", json!({"name": "gwen"}));
    caller.get("//login/gwen");
    let call = caller.call("POST", "//").header("Content-Type", "application/x-www-form-urlencoded");
    caller.send(call.body(b"name=Gwen&create="));
    record.part("uniform login errors");
    for name in ["avi", "nobody-here"] {
        caller.post("/login", json!({"username": name, "password": "wrong password"}));
        caller.post("//login", json!({"Username": name, "Password": "wrong password"}));
    }
    record.part("short passwords");
    caller.post("/register", json!({"username": "lisa", "password": "elevenchars"}));
    record.part("dialects");
    let server = Server::with(&[("PARLOR_DIALECTS", "")]);
    let caller = record.stranger(&server);
    for (method, path) in [
        ("POST", "//log_in"),
        ("GET", "//login/avi"),
        ("POST", "//login"),
        ("GET", "//load"),
        ("GET", "//ws"),
        ("POST", "//"),
        ("GET", "//room"),
    ] {
        caller.send(caller.call(method, path));
    }
    record.compare();
}
