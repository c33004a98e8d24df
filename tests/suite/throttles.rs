//! Rates: who is too fast is told so and when to come back, and nobody else pays for it.

use crate::kit::*;

fn login(http: &Http, username: &str, password: &str) -> Reply {
    http.post("/login", json!({"username": username, "password": password}))
}

#[test]
fn failed_logins_are_counted_by_account_and_address() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "3")]);
    register(&server, "avi");
    register(&server, "lisa");
    let http = server.http();
    for name in ["avi", "AVI", "Avi"] {
        login(&http, name, "wrong password").refused(401, "wrong_password");
    }
    for password in ["wrong password", PASSWORD] {
        let reply = login(&http, "avi", password);
        reply.refused(429, "too_many_attempts");
        reply.retry_after();
    }
    // Nobody is locked out from everywhere, and others are not at all.
    login(&http.at_address("127.0.0.2"), "avi", PASSWORD).ok();
    login(&http, "lisa", PASSWORD).ok();
}

#[test]
fn good_logins_are_not_counted() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "2"), ("PARLOR_ADDRESS_LOGIN_FAILURES", "2")]);
    register(&server, "avi");
    for _ in 0..6 {
        login(&server.http(), "avi", PASSWORD).ok();
    }
}

#[test]
fn failed_logins_are_counted_by_address_over_all_accounts() {
    let server = Server::with(&[("PARLOR_ADDRESS_LOGIN_FAILURES", "3")]);
    for name in ["avi", "lisa", "mark", "nina"] {
        register(&server, name);
    }
    let http = server.http();
    for name in ["avi", "lisa", "mark"] {
        login(&http, name, "wrong password").refused(401, "wrong_password");
    }
    let reply = login(&http, "nina", PASSWORD);
    reply.refused(429, "too_many_attempts");
    reply.retry_after();
    login(&http.at_address("127.0.0.2"), "nina", PASSWORD).ok();
}

#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    for (trusted, wanted) in [(false, 429), (true, 200)] {
        let proxies = [("PARLOR_LOGIN_FAILURES", "1"), ("PARLOR_TRUSTED_PROXIES", "127.0.0.1")];
        let server = Server::with(&proxies[..if trusted { 2 } else { 1 }]);
        register(&server, "avi");
        let from = |address: &str, password: &str| {
            let call = server.http().call("POST", "/login").header("X-Forwarded-For", address);
            call.json(&json!({"username": "avi", "password": password})).send()
        };
        from("192.0.2.1", "wrong password").refused(401, "wrong_password");
        from("192.0.2.1", PASSWORD).refused(429, "too_many_attempts");
        assert_eq!(from("192.0.2.2", PASSWORD).status, wanted, "trusted: {trusted}");
    }
}

#[test]
fn asking_for_names_that_do_not_exist_has_an_end() {
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "3")]);
    let avi = register(&server, "avi");
    register(&server, "lisa");
    for number in 0..3 {
        avi.http.get("/users/lisa").ok();
        avi.http.get(&format!("/users/nobody{number}")).refused(404, "unknown_user");
    }
    // From here on the answer must not tell who exists.
    for name in ["nobody9", "lisa"] {
        let reply = avi.http.get(&format!("/users/{name}"));
        assert_eq!(reply.status, 429, "{name}: {}", reply.text());
        reply.retry_after();
    }
    avi.http.at_address("127.0.0.2").get("/users/lisa").ok();
}

#[test]
fn new_accounts_are_counted_by_address() {
    let server = Server::with(&[("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")]);
    let http = server.http();
    let new = |http: &Http, name: &str| http.post("/register", json!({"username": name, "password": PASSWORD}));
    new(&http, "avi").ok();
    new(&http, "lisa").ok();
    let reply = new(&http, "mark");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    new(&http.at_address("127.0.0.2"), "mark").ok();
}

#[test]
fn sends_are_counted_by_user_over_all_transports() {
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
    lisa.say(&session, "others are not concerned");
}

#[test]
fn a_send_by_rest_that_is_too_fast_says_when_to_come_back() {
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
    let server = Server::with(&[("PARLOR_SENDS_PER_SECOND", "1"), ("PARLOR_SENDS_BURST", "1")]);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    let send = json!({"type": "send", "session": session, "text": "x", "key": "k1"});
    let first = his.ok(send.clone());
    for _ in 0..10 {
        his.tell(json!({"type": "send", "session": session, "text": "y"}));
        let again = his.ok(send.clone());
        assert_eq!((&again["duplicate"], &again["seq"]), (&json!(true), &first["seq"]));
    }
}

#[test]
fn who_goes_on_although_told_is_closed_with_4029() {
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
    let server = Server::with(&[("PARLOR_INVITES_PER_MINUTE", "1"), ("PARLOR_INVITES_BURST", "2")]);
    let avi = register(&server, "avi");
    let names = ["lisa", "mark", "nina"];
    let people = names.map(|name| register(&server, name));
    let ask = |name: &str| avi.http.post("/invites", json!({"username": name}));
    ask("lisa").ok();
    ask("mark").ok();
    let reply = ask("nina");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    people[0].http.post("/invites", json!({"username": "mark"})).ok();
}

#[test]
fn sessions_made_are_counted_by_user() {
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
fn more_passwords_than_can_be_hashed_are_refused_at_once() {
    let server = Server::with(&[("PARLOR_HASHES", "1"), ("PARLOR_HASH_QUEUE", "1")]);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let server = &server;
        let new = |number| json!({"username": format!("user{number}"), "password": PASSWORD});
        let asking: Vec<_> =
            (0..24).map(|number| scope.spawn(move || server.http().post("/register", new(number)))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (kept, busy): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    assert!(!kept.is_empty() && !busy.is_empty(), "{} kept, {} refused", kept.len(), busy.len());
    for reply in busy {
        reply.refused(503, "busy");
    }
    // Refused is refused: just those that were answered well exist.
    let avi = register(&server, "avi");
    let found = avi.http.get("/users?query=user&limit=200").ok();
    assert_eq!(list(&found, "users").len(), kept.len());
}

#[test]
fn a_limit_of_zero_is_none() {
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
        his.tell(json!({"type": "send", "session": session, "text": "x"}));
    }
    for _ in 0..300 {
        his.expect("ok");
    }
}
