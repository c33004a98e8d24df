//! Failure budgets: they outlive restarts and crashes, and an account that is guessed from many addresses remains open to its own.

use crate::kit::*;

fn login(server: &Server, address: &str, username: &str, password: &str) -> Reply {
    server.http().at_address(address).post("/login", json!({"username": username, "password": password}))
}

#[test]
fn a_restart_and_a_crash_refill_nothing() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let few = [("PARLOR_LOGIN_FAILURES", "2"), ("PARLOR_UNKNOWN_NAMES", "2"), ("PARLOR_ROOM_MISSES", "2")];
    let mut server = Server::with(&few);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let there = avi.http.at_address("127.0.0.2");
    for _ in 0..2 {
        login(&server, "127.0.0.2", "avi", "wrong password").refused(401, "wrong_password");
        there.get("/users/nobody").refused(404, "unknown_user");
        there.get("/rooms/2222222222").refused(404, "unknown_room");
    }
    let check = |server: &Server| {
        login(server, "127.0.0.2", "avi", PASSWORD).refused(429, "too_many_attempts");
        there.get("/users/lisa").refused(429, "too_many_attempts");
        there.get("/rooms/2222222222").refused(429, "too_many_attempts");
        avi.http.at_address("127.0.0.3").get("/rooms/2222222222").refused(429, "too_many_attempts");
        login(server, "127.0.0.3", "avi", PASSWORD).ok();
        lisa.http.get("/users/avi").ok();
    };
    check(&server);
    server.restart();
    check(&server);
    until("it is saved", PATIENCE, || server.count("SELECT count(*) FROM failure_budgets") >= 5);
    server.crash();
    check(&server);
}

#[test]
fn a_successful_login_clears_the_failures_before_it() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    login(&server, "127.0.0.2", "avi", "wrong password").refused(401, "wrong_password");
    let kept = || server.count("SELECT count(*) FROM failure_budgets WHERE budget = 'login_failures'");
    until("it is saved", PATIENCE, || kept() == 1);
    login(&server, "127.0.0.2", "avi", PASSWORD).ok();
    until("it is gone", PATIENCE, || kept() == 0);
}

#[test]
fn an_account_under_attack_remains_open_to_its_known_addresses() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let mut server = Server::with(&[("PARLOR_ACCOUNT_LOGIN_FAILURES", "4"), ("PARLOR_LOGIN_FAILURES", "2")]);
    register(&server, "avi");
    register(&server, "lisa");
    for name in ["avi", "nobody"] {
        for address in ["127.0.0.2", "127.0.0.3"] {
            for _ in 0..2 {
                assert!([400, 401].contains(&login(&server, address, name, "wrong password").status));
            }
        }
    }
    let check = |server: &Server| {
        for (name, password) in [("avi", PASSWORD), ("avi", "wrong password"), ("nobody", PASSWORD)] {
            let reply = login(server, "127.0.0.4", name, password);
            reply.refused(429, "too_many_attempts");
            reply.retry_after();
        }
        login(server, "127.0.0.1", "avi", "wrong password").refused(401, "wrong_password");
        login(server, "127.0.0.1", "Avi", PASSWORD).ok();
        login(server, "127.0.0.4", "lisa", PASSWORD).ok();
    };
    check(&server);
    server.restart();
    check(&server);
    // An address counts for thirty days after a login.
    server.terminate();
    server.sql(&format!("UPDATE login_addresses SET at = at - {}", 31 * 24 * 3_600_000_i64));
    server.open().unwrap();
    login(&server, "127.0.0.1", "avi", PASSWORD).refused(429, "too_many_attempts");
}
