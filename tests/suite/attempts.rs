//! Attempts without a login: failed logins, unknown names and new accounts, counted by address.

use crate::kit::*;

fn login(http: &Http, username: &str, password: &str) -> Reply {
    http.post("/login", json!({"username": username, "password": password}))
}

#[test]
fn failed_logins_are_counted_by_account_and_address() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
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
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
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
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
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
fn lookups_of_unknown_names_are_limited() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "3")]);
    let avi = register(&server, "avi");
    register(&server, "lisa");
    for number in 0..3 {
        avi.http.get("/users/lisa").ok();
        avi.http.get(&format!("/users/nobody{number}")).refused(404, "unknown_user");
    }
    // From here on the answer must not reveal which names exist.
    for name in ["nobody9", "lisa"] {
        let reply = avi.http.get(&format!("/users/{name}"));
        assert_eq!(reply.status, 429, "{name}: {}", reply.text());
        reply.retry_after();
    }
    avi.http.at_address("127.0.0.2").get("/users/lisa").ok();
}

#[test]
fn many_names_in_one_request_are_no_more_attempts() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "3")]);
    let avi = register(&server, "avi");
    let requested: Vec<u16> = std::thread::scope(|scope| {
        let (avi, nobody) = (&avi, |number| format!("/users/nobody{number}"));
        let threads: Vec<_> = (0..40).map(|number| scope.spawn(move || avi.http.get(&nobody(number)).status)).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let answered = requested.iter().filter(|status| **status == 404).count();
    assert_eq!(answered, 3, "of 40 were answered: {requested:?}");
}

#[test]
fn new_accounts_are_counted_by_address() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
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
fn logins_beyond_the_hashing_queue_are_refused_at_once() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_HASHES", "1"), ("PARLOR_HASH_QUEUE", "1")]);
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let server = &server;
        let new = |number| json!({"username": format!("user{number}"), "password": PASSWORD});
        let threads: Vec<_> =
            (0..24).map(|number| scope.spawn(move || server.http().post("/register", new(number)))).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
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
