//! Rate limits: a client that is too fast is refused with a time to retry after, and no other client is affected.

use crate::kit::*;

#[test]
fn sends_are_counted_by_user_over_all_transports() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SENDS_PER_SECOND", "1"), ("PARLOR_SENDS_BURST", "3")]);
    let (avi, lisa, session) = pair(&server);
    let path = format!("/sessions/{session}/messages");
    let (mut one, mut two) = (avi.connect(), avi.connect());
    // All at once, so that a slow machine does not earn new sends in between.
    for number in 0..8 {
        let socket = if number % 2 == 0 { &mut one } else { &mut two };
        socket.send(&json!({"type": "send", "id": number.to_string(), "session": session, "text": "x"}));
    }
    let reply = avi.http.post(&path, json!({"text": "x"}));
    let mut refused = Vec::new();
    for number in 0..8 {
        let socket = if number % 2 == 0 { &mut one } else { &mut two };
        let answer = socket.answer(&number.to_string());
        if answer["type"] == "error" {
            refused.push(answer);
        }
    }
    assert!((1..=5).contains(&refused.len()), "{refused:?}");
    for error in refused {
        assert_eq!(error["code"], "rate_limited");
        assert!(number(&error, "retry_after_ms") > 0);
    }
    if reply.status == 429 {
        reply.refused(429, "rate_limited");
        reply.retry_after();
    }
    lisa.send_message(&session, "others are not concerned");
}

#[test]
fn a_send_by_rest_that_is_too_fast_has_a_time_to_retry_after() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SENDS_PER_SECOND", "1"), ("PARLOR_SENDS_BURST", "1")]);
    let (avi, _, session) = pair(&server);
    let path = format!("/sessions/{session}/messages");
    let reply = (0..20)
        .map(|_| avi.http.post(&path, json!({"text": "x"})))
        .find(|reply| reply.status != 200)
        .expect("twenty at once are too fast");
    reply.refused(429, "rate_limited");
    reply.retry_after();
}

#[test]
fn a_known_key_is_recognised_before_the_rate() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SENDS_PER_SECOND", "1"), ("PARLOR_SENDS_BURST", "1")]);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    let send = json!({"type": "send", "session": session, "text": "x", "key": "k1"});
    let first = his.ok(send.clone());
    for _ in 0..10 {
        his.submit(json!({"type": "send", "session": session, "text": "y"}));
        let again = his.ok(send.clone());
        assert_eq!((&again["duplicate"], &again["seq"]), (&json!(true), &first["seq"]));
    }
}

#[test]
fn a_client_that_keeps_exceeding_its_rate_is_closed_with_4029() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[
        ("PARLOR_SENDS_PER_SECOND", "1"),
        ("PARLOR_SENDS_BURST", "1"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
    ]);
    let (avi, _, session) = pair(&server);
    let (mut his, mut other) = (avi.connect(), avi.connect());
    let command = json!({"type": "send", "session": session, "text": "x"}).to_string();
    // A few may pass as time goes by; 200 refusals come in any case.
    for _ in 0..300 {
        if his.try_send_bytes(&wire::masked(true, wire::TEXT, command.as_bytes())).is_err() {
            break;
        }
    }
    assert_eq!(his.close_code(), 4029);
    let kept = his.take_kept();
    let refused = kept.iter().filter(|frame| frame["code"] == "rate_limited").count();
    assert!((199..=201).contains(&refused), "{refused} refusals");
    other.fence();
}

#[test]
fn frames_above_the_rate_wait_and_none_is_lost() {
    let server = Server::with(&[("PARLOR_FRAMES_PER_SECOND", "20"), ("PARLOR_FRAMES_BURST", "5")]);
    let mut his = register(&server, "avi").connect();
    for number in 0..20 {
        his.send(&json!({"type": "ping", "id": number.to_string()}));
    }
    for number in 0..20 {
        assert_eq!(his.expect("pong")["id"], number.to_string());
    }
}

#[test]
fn requests_are_counted_by_user() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_REQUESTS_PER_SECOND", "1"), ("PARLOR_REQUESTS_BURST", "5")]);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    for _ in 0..5 {
        avi.http.get("/me").ok();
    }
    let reply = (0..20)
        .map(|_| avi.http.get("/me"))
        .find(|reply| reply.status != 200)
        .expect("twenty more at once are too fast");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    lisa.http.get("/me").ok();
    server.http().get("//healthz").ok();
}

#[test]
fn invites_are_counted_by_user() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_INVITES_PER_MINUTE", "1"), ("PARLOR_INVITES_BURST", "2")]);
    let avi = register(&server, "avi");
    let names = ["lisa", "mark", "nina"];
    let people = names.map(|name| register(&server, name));
    let request = |name: &str| avi.http.post("/invites", json!({"username": name}));
    request("lisa").ok();
    request("mark").ok();
    let reply = request("nina");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    people[0].http.post("/invites", json!({"username": "mark"})).ok();
}

#[test]
fn sessions_made_are_counted_by_user() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SESSIONS_PER_MINUTE", "2")]);
    let avi = register(&server, "avi");
    let names = ["lisa", "mark", "nina"];
    let people = names.map(|name| register(&server, name));
    let open = |name: &str| avi.http.post("/sessions", json!({"kind": "direct", "username": name}));
    open("lisa").ok();
    open("mark").ok();
    let reply = open("nina");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    // What exists is not made again.
    open("lisa").ok();
    befriend(&people[2], &people[1]);
}

#[test]
fn a_limit_of_zero_is_no_limit() {
    let server = Server::with(&[
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_REQUESTS_PER_SECOND", "0"),
        ("PARLOR_USER_CONNECTIONS", "0"),
    ]);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    let _more: Vec<Socket> = (0..25).map(|_| lisa.connect()).collect();
    for _ in 0..300 {
        his.submit(json!({"type": "send", "session": session, "text": "x"}));
    }
    for _ in 0..300 {
        his.expect("ok");
    }
}
