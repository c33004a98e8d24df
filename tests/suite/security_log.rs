//! The security log: one line for each event, without secrets, and bounded where anonymous clients cause it.

use crate::kit::*;

fn lines(server: &Server) -> Vec<String> {
    let log = server.log();
    log.lines().filter_map(|line| line.split("parlor::security] ").nth(1)).map(str::to_owned).collect()
}

#[track_caller]
fn logged(server: &Server, wanted: &[&str]) {
    for line in wanted {
        let found = || lines(server).iter().any(|one| one.starts_with(line));
        until(line, PATIENCE, found);
    }
}

/// Lines of the security log, in which each event of the test below has one.
const EVENTS: [&str; 21] = [
    "event=account_created address=127.0.0.1 user=avi",
    "event=login address=127.0.0.1 user=avi token=",
    "event=login_failed address=127.0.0.9 user=avi reason=wrong_password",
    "event=login_failed address=127.0.0.9 user=- reason=unknown_user",
    "event=login_failed address=127.0.0.9 user=boss reason=disabled",
    "event=login_failed address=127.0.0.1 user=lisa reason=wrong_current_password",
    "event=throttled address=127.0.0.9 limit=login_failures",
    "event=throttled address=127.0.0.1 limit=room_codes",
    "event=throttled address=127.0.0.1 limit=unknown_names",
    "event=token_revoked address=127.0.0.1 user=avi token=",
    "event=password_changed address=127.0.0.1 user=lisa",
    "event=user_blocked address=127.0.0.1 user=avi by=lisa",
    "event=user_unblocked address=127.0.0.1 user=avi by=lisa",
    "event=admin_login address=127.0.0.1 user=boss",
    "event=logins_ended address=127.0.0.1 user=lisa by=boss",
    "event=logout address=127.0.0.1 user=avi token=",
    "event=guest_left address=127.0.0.1 user=gwen",
    "event=guest_ended user=gwen",
    "event=account_deleted address=127.0.0.1 user=mark",
    "event=operator user=lisa action=reset-password",
    "event=operator user=boss action=disable",
];

#[test]
fn security_events_are_logged_without_secrets() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server =
        Server::with(&[("PARLOR_LOGIN_FAILURES", "3"), ("PARLOR_ROOM_MISSES", "1"), ("PARLOR_UNKNOWN_NAMES", "1")]);
    server.operate(&["user", "add", "boss", "--admin"], &format!("{PASSWORD}\n"));
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (phone, tablet) = (Person::login(&server, "avi"), Person::login(&server, "avi"));
    let try_login = |name: &str, password: &str| {
        server.http().at_address("127.0.0.9").post("/login", json!({"username": name, "password": password}))
    };
    try_login("avi", "wrong secret 1").refused(401, "wrong_password");
    try_login("myp4ssw0rd", "wrong secret 2").refused(400, "unknown_user");
    for number in 3..6 {
        try_login("avi", &format!("wrong secret {number}"));
    }
    let tokens = avi.http.get("/tokens").ok();
    let other = list(&tokens, "tokens").iter().find(|one| one["current"] == false).unwrap();
    avi.http.delete(&format!("/tokens/{}", text(other, "id"))).done();
    let wrong = json!({"password": "battery staple horse", "current_password": "wrong secret 6"});
    lisa.http.patch("/me", wrong).refused(403, "wrong_password");
    lisa.http.patch("/me", json!({"password": "battery staple horse", "current_password": PASSWORD})).ok();
    lisa.http.call("PUT", "/blocks/avi").send().done();
    lisa.http.delete("/blocks/avi").done();
    let (_, code) = room(&avi, json!({"keep": true}));
    for _ in 0..2 {
        lisa.http.get("/rooms/2222222222");
        lisa.http.get("/users/nobody");
    }
    let kill = json!({"username": "boss", "password": PASSWORD, "user_token_terminate": "lisa"});
    server.http().post("//admin/kill_token", kill).ok();
    avi.http.call("POST", "/logout").send().done();
    let gwen = Person::visit(&server, "gwen");
    gwen.delete_account();
    server.operate(&["user", "reset-password", "lisa"], "another secret word\n");
    server.operate(&["user", "disable", "boss"], "");
    try_login("boss", PASSWORD).refused(401, "wrong_password");
    let mark = register(&server, "mark");
    mark.delete_account();
    logged(&server, &EVENTS);
    let log = server.log();
    let secrets = [PASSWORD, "wrong secret", "battery staple", "another secret word", "myp4ssw0rd", "prl_", &code];
    for secret in secrets.into_iter().chain([&avi, &lisa, &phone, &tablet, &gwen, &mark].map(|one| one.token.as_str()))
    {
        assert!(!log.contains(secret), "the log holds {secret:?}:\n{log}");
    }
}

#[test]
fn an_anonymous_client_cannot_fill_the_log() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "1")]);
    register(&server, "avi");
    let wrong = json!({"username": "avi", "password": "wrong password"});
    for _ in 0..60 {
        server.http().post("/login", wrong.clone());
    }
    let throttled = lines(&server).iter().filter(|line| line.starts_with("event=throttled")).count();
    assert_eq!(throttled, 20);
    // Others are seen all the same.
    server.http().at_address("127.0.0.2").post("/login", wrong).refused(401, "wrong_password");
    logged(&server, &["event=login_failed address=127.0.0.2 user=avi"]);
}
