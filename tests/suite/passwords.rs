//! Changing a password: it requires the present one, and ends the other logins.

use std::time::{Duration, Instant};

use crate::kit::*;

const ANOTHER: &str = "battery staple horse";

fn change(person: &Person, current: &str, password: &str) -> Reply {
    person.http.patch("/me", json!({"current_password": current, "password": password}))
}

fn login(http: &Http, username: &str, password: &str) -> Reply {
    http.post("/login", json!({"username": username, "password": password}))
}

#[test]
fn the_new_password_logs_in_and_the_old_one_does_not() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let me = change(&avi, PASSWORD, ANOTHER).ok();
    assert_eq!(me["user"]["username"], "avi");
    assert!(!me.to_string().contains("argon"), "{me}");
    login(&server.http(), "avi", PASSWORD).refused(401, "wrong_password");
    login(&server.http(), "avi", ANOTHER).ok();
}

#[test]
fn the_other_tokens_end_and_this_one_remains() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (phone, tablet) = (Person::login(&server, "avi"), Person::login(&server, "avi"));
    let mut mine = avi.connect();
    let mut others = [phone.connect(), phone.connect(), tablet.connect()];
    let begun = Instant::now();
    change(&avi, PASSWORD, ANOTHER).ok();
    for socket in &mut others {
        assert_eq!(socket.close_code(), 4502);
    }
    // Promise 6, with room for a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
    mine.fence();
    for gone in [&phone, &tablet] {
        gone.http.get("/me").refused(401, "unauthenticated");
    }
    let tokens = avi.http.get("/tokens").ok();
    assert_eq!(list(&tokens, "tokens").len(), 1);
    assert_eq!(list(&tokens, "tokens")[0]["current"], true);
}

#[test]
fn several_changes_are_made_together_or_not_at_all() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let all = |current: &str, password: &str, name: &str| {
        let body =
            json!({"display_name": name, "accepts": "invited", "password": password, "current_password": current});
        avi.http.patch("/me", body)
    };
    all("not this one", ANOTHER, "Avi").refused(403, "wrong_password");
    all(PASSWORD, "short", "Avi").blames("password");
    all(PASSWORD, ANOTHER, "").blames("display_name");
    let body = json!({"display_name": "Avi", "accepts": "nobody", "password": ANOTHER, "current_password": PASSWORD});
    avi.http.patch("/me", body).blames("accepts");
    avi.http.patch("/me", json!({"display_name": "Avi", "password": ANOTHER})).blames("current_password");
    avi.http.patch("/me", json!({"password": 7, "current_password": PASSWORD})).blames("password");
    let me = avi.http.get("/me").ok();
    assert_eq!((&me["user"]["display_name"], &me["accepts"]), (&json!("avi"), &json!("anyone")));
    login(&server.http(), "avi", PASSWORD).ok();

    let me = all(PASSWORD, ANOTHER, "Avi").ok();
    assert_eq!((&me["user"]["display_name"], &me["accepts"]), (&json!("Avi"), &json!("invited")));
    login(&server.http(), "avi", ANOTHER).ok();
}

#[test]
fn wrong_current_passwords_are_counted_like_failed_logins() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "3")]);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    change(&avi, "not this one", ANOTHER).refused(403, "wrong_password");
    let deletion = json!({"current_password": "nor this"});
    avi.http.call("DELETE", "/me").json(&deletion).send().refused(403, "wrong_password");
    login(&server.http(), "avi", "not this one").refused(401, "wrong_password");
    for current in ["not this one", PASSWORD] {
        let reply = change(&avi, current, ANOTHER);
        reply.refused(429, "too_many_attempts");
        reply.retry_after();
    }
    login(&server.http(), "avi", PASSWORD).refused(429, "too_many_attempts");
    // Requests without a password still work, and other users are not affected.
    avi.http.patch("/me", json!({"display_name": "Avi"})).ok();
    change(&lisa, PASSWORD, ANOTHER).ok();
    login(&server.http().at_address("127.0.0.2"), "avi", PASSWORD).ok();
}

#[test]
fn a_login_that_meets_the_change_does_not_outlive_it() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "0"), ("PARLOR_ADDRESS_LOGIN_FAILURES", "0")]);
    let avi = register(&server, "avi");
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let server = &server;
        let begun: Vec<_> = (0..8).map(|_| scope.spawn(|| login(&server.http(), "avi", PASSWORD))).collect();
        change(&avi, PASSWORD, ANOTHER).ok();
        begun.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for reply in replies {
        if reply.status == 200 {
            let token = text(&reply.json(), "token").to_owned();
            server.http().with_token(&token).get("/me").refused(401, "unauthenticated");
        } else {
            reply.refused(401, "wrong_password");
        }
    }
    avi.http.get("/me").ok();
}

#[test]
fn of_two_changes_at_once_one_is_made() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let wanted = ["the first password", "the second password"];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let avi = &avi;
        let threads: Vec<_> = wanted.iter().map(|one| scope.spawn(move || change(avi, PASSWORD, one).status)).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = wanted.iter().zip(&statuses).partition(|(_, status)| **status == 200);
    assert_eq!((made.len(), refused[0].1), (1, &403), "{statuses:?}");
    login(&server.http(), "avi", made[0].0).ok();
}

#[test]
fn a_disabled_account_is_answered_like_a_wrong_password() {
    let mut server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    server.terminate();
    server.sql("UPDATE users SET state = 1 WHERE username = 'avi'");
    server.open().unwrap();
    // A second wall: an operator's command ends the tokens too.
    avi.http.get("/me").refused(401, "unauthenticated");
    let mut late = avi.upgrade();
    late.send(&json!({"type": "hello", "token": avi.token}));
    assert_eq!(late.close_code(), 4501);
    let right = login(&server.http(), "avi", PASSWORD).refused(401, "wrong_password");
    let wrong = login(&server.http(), "avi", "not this one").refused(401, "wrong_password");
    assert_eq!(right, wrong);
    // The account still exists: it is found, and its name is taken.
    lisa.http.get("/users/avi").ok();
    server.http().post("/guests", json!({"name": "avi"})).refused(409, "username_taken");
    server.terminate();
    server.sql("UPDATE users SET state = 0");
    server.open().unwrap();
    login(&server.http(), "avi", PASSWORD).ok();
}
