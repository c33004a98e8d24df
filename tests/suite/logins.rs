//! Logins at the same time: only failures use up a budget, no flood closes the login for others, and successes have a
//! rate and an upper number of tokens.

use crate::kit::*;

/// Does all of it at once, each on a thread of its own, and gives the answers in order.
fn at_once<T: Send>(count: usize, request: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let request = &request;
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || request(number))).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn login(http: &Http, username: &str, password: &str) -> Reply {
    http.post("/login", json!({"username": username, "password": password}))
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status).collect()
}

/// How many of these were tried; all others must have been refused with a time to wait.
#[track_caller]
fn tried(replies: &[Reply], is_failure: impl Fn(&Reply) -> bool) -> usize {
    let (failed, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| is_failure(reply));
    for reply in refused {
        assert_eq!(reply.status, 429, "{}", reply.text());
        assert_eq!(reply.json()["code"], "too_many_attempts");
        reply.retry_after();
    }
    failed.len()
}

#[test]
fn right_logins_of_one_account_at_once_all_pass() {
    let server = Server::start();
    register(&server, "avi");
    let replies = at_once(20, |_| login(&server.http(), "avi", PASSWORD));
    assert_eq!(statuses(&replies), [200; 20]);
}

#[test]
fn many_people_behind_one_address_log_in_at_once() {
    let server = Server::start();
    for number in 0..60 {
        let body = json!({"username": format!("user{number}"), "password": PASSWORD});
        server.http().post("/register", body).ok();
    }
    let replies = at_once(60, |number| login(&server.http(), &format!("user{number}"), PASSWORD));
    assert_eq!(statuses(&replies), [200; 60]);
}

#[test]
fn failed_logins_at_once_are_bounded_by_the_budget() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    let replies = at_once(100, |number| login(&server.http(), "avi", &format!("wrong password {number}")));
    assert_eq!(tried(&replies, |reply| reply.status == 401), 5);
    login(&server.http(), "avi", PASSWORD).refused(429, "too_many_attempts");
    login(&server.http().at_address("127.0.0.2"), "avi", PASSWORD).ok();
}

#[test]
fn a_correct_password_among_wrong_ones_gives_no_more_attempts() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    let password = |number| if number == 50 { PASSWORD } else { "wrong password" };
    let replies = at_once(100, |number| login(&server.http(), "avi", password(number)));
    // Behind the right one the failures before it are forgotten.
    let failed = tried(&replies, |reply| [200, 401].contains(&reply.status));
    assert!((5..=11).contains(&failed), "{:?}", statuses(&replies));
}

#[test]
fn unknown_users_and_the_whole_address_have_the_same_bound() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    let replies = at_once(100, |number| login(&server.http(), &format!("nobody{number}"), PASSWORD));
    assert_eq!(tried(&replies, |reply| reply.status == 400), 30);
}

#[test]
fn every_other_way_to_try_a_password_has_the_same_bound() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_REQUESTS_PER_SECOND", "0")]);
    server.operate(&["user", "add", "boss", "--admin"], &format!("{PASSWORD}\n"));
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let deletion = json!({"current_password": "wrong password"});
    let change = json!({"current_password": "wrong password", "password": "another good one"});
    let replies = at_once(40, |_| avi.http.patch("/me", change.clone()));
    assert_eq!(tried(&replies, |reply| reply.status == 403), 5, "PATCH /me");
    let replies = at_once(40, |_| lisa.http.call("DELETE", "/me").json(&deletion).send());
    assert_eq!(tried(&replies, |reply| reply.status == 403), 5, "DELETE /me");
    let denied = |reply: &Reply| reply.status == 200;
    let there = server.http().at_address("127.0.0.2");
    let wrong = |username: &str| json!({"username": username, "password": "wrong password"});
    let replies = at_once(40, |_| there.post("//admin/get_info", wrong("boss")));
    assert_eq!(tried(&replies, denied), 5, "/admin/get_info");
    let replies = at_once(40, |_| there.post("//log_in", wrong("avi")));
    assert_eq!(tried(&replies, denied), 5, "/log_in");
    let replies = at_once(40, |_| there.post("//login", json!({"Username": "lisa", "Password": "wrong password"})));
    assert_eq!(tried(&replies, |reply| reply.status == 401), 5, "/login");
}

#[test]
fn administrators_and_changes_of_passwords_at_once_pass() {
    let server = Server::start();
    server.operate(&["user", "add", "boss", "--admin"], &format!("{PASSWORD}\n"));
    let right = json!({"username": "boss", "password": PASSWORD});
    let replies = at_once(20, |_| server.http().post("//admin/get_info", right.clone()));
    assert!(replies.iter().all(|reply| reply.ok()["online_clients_list"].is_array()), "{:?}", statuses(&replies));
    let avi = register(&server, "avi");
    // One is made; the others come too late, and none of them is refused as too fast.
    let change = json!({"current_password": PASSWORD, "password": PASSWORD});
    let replies = at_once(8, |_| avi.http.patch("/me", change.clone()));
    assert!(replies.iter().all(|reply| reply.status != 429), "{:?}", statuses(&replies));
}

#[test]
fn lookups_of_people_who_exist_pass_in_any_number() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let names: Vec<String> = (0..60).map(|number| format!("guest{number}")).collect();
    for name in &names {
        server.http().post("/guests", json!({"name": name})).ok();
    }
    let mut his = avi.connect();
    let requested: Vec<String> =
        names.iter().map(|name| his.submit(json!({"type": "invite", "username": name}))).collect();
    for id in &requested {
        let answer = his.answer(id);
        assert_eq!(answer["type"], "ok", "{answer}");
    }
    let replies = at_once(60, |number| avi.http.get(&format!("/users/{}", names[number])));
    assert_eq!(statuses(&replies), [200; 60]);
    let replies = at_once(60, |number| avi.http.call("PUT", &format!("/blocks/{}", names[number])).send());
    assert_eq!(statuses(&replies), [204; 60]);
}

#[test]
fn lookups_of_names_by_every_route_share_one_budget() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "6"), ("PARLOR_SESSIONS_PER_MINUTE", "0")]);
    let avi = register(&server, "avi");
    let nobody = |number: usize| format!("nobody{number}");
    let replies = at_once(40, |number| match number % 5 {
        0 => avi.http.get(&format!("/users/{}", nobody(number))),
        1 => avi.http.call("PUT", &format!("/blocks/{}", nobody(number))).send(),
        2 => avi.http.post("/invites", json!({"username": nobody(number)})),
        3 => avi.http.post("/sessions", json!({"kind": "direct", "username": nobody(number)})),
        _ => avi.http.post("/sessions", json!({"kind": "group", "title": "x", "usernames": [nobody(number)]})),
    });
    assert_eq!(tried(&replies, |reply| reply.status == 404), 6);
    // Requests without a username are not affected.
    avi.http.post("/sessions", json!({"kind": "room"})).ok();
}

#[test]
fn a_flood_of_one_account_does_not_close_the_login_for_others() {
    let server = Server::start();
    let (_avi, _lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
    std::thread::scope(|scope| {
        let flood = scope
            .spawn(|| at_once(100, |number| login(&server.http().at_address(addresses[number % 4]), "avi", PASSWORD)));
        let hers: Vec<Reply> = (0..20).map(|_| login(&server.http(), "lisa", PASSWORD)).collect();
        assert_eq!(statuses(&hers), [200; 20]);
        let flood = flood.join().unwrap();
        assert!(flood.iter().all(|reply| [200, 429].contains(&reply.status)), "{:?}", statuses(&flood));
    });
}

#[test]
fn successful_logins_have_a_rate_by_account_and_address() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOGINS", "3")]);
    let (_avi, _lisa) = (register(&server, "avi"), register(&server, "lisa"));
    for _ in 0..2 {
        login(&server.http(), "avi", PASSWORD).ok();
    }
    for password in [PASSWORD, "wrong password"] {
        let reply = login(&server.http(), "AVI", password);
        reply.refused(429, "too_many_attempts");
        reply.retry_after();
    }
    login(&server.http().at_address("127.0.0.2"), "avi", PASSWORD).ok();
    login(&server.http(), "lisa", PASSWORD).ok();
}

#[test]
fn beyond_the_number_of_tokens_the_one_unused_for_longest_ends() {
    let mut server = Server::with(&[("PARLOR_USER_TOKENS", "3")]);
    let first = register(&server, "avi");
    let [second, third] = [(); 2].map(|()| Person::login(&server, "avi"));
    server.terminate();
    server.sql("UPDATE tokens SET last_used_at = last_used_at - 600000");
    server.open().unwrap();
    // Each use is noted behind its answer.
    let used = |count: i64| {
        let noted = || server.count("SELECT count(*) FROM tokens WHERE last_used_at >= created_at") == count;
        until("the use is noted", PATIENCE, noted);
    };
    let mut hers = second.connect();
    used(1);
    let mut others = third.connect();
    first.http.get("/me").ok();
    used(3);
    let fourth = Person::login(&server, "avi");
    assert_eq!(hers.close_code(), 4502);
    second.http.get("/me").refused(401, "unauthenticated");
    others.fence();
    for one in [&first, &third, &fourth] {
        one.http.get("/me").ok();
    }
    let tokens = fourth.http.get("/tokens").ok();
    assert_eq!(list(&tokens, "tokens").len(), 3);
}
