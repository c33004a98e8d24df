//! Presence: online means a live connection, or one lost a moment ago.

use crate::kit::*;

/// The shortest grace period that can be distinguished from none.
const GRACE: [(&str, &str); 1] = [("PARLOR_PRESENCE_GRACE_SECONDS", "1")];

/// The status of `target` that `viewer` receives.
fn status(viewer: &Person, target: &str) -> Value {
    let answer = viewer.http.get(&format!("/presence?usernames={target}")).ok();
    let received = list(&answer, "presence").to_vec();
    received.into_iter().find(|one| one["username"] == target).map_or(Value::Null, |one| one["status"].clone())
}

fn online(socket: &Socket) -> Vec<&str> {
    let names = list(&socket.ready, "online");
    names.iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn presence_reaches_the_users_one_talks_with() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    assert!(!online(&his).contains(&"lisa"));
    let hers = lisa.connect();
    assert!(online(&hers).contains(&"avi"));
    let received = his.expect("presence");
    assert_eq!((&received["username"], &received["status"]), (&json!("lisa"), &json!("online")));
    assert_eq!(received["rev"], Value::Null);
    hers.goodbye();
    let received = his.expect("presence");
    assert_eq!((&received["username"], &received["status"]), (&json!("lisa"), &json!("offline")));
    assert!(text(&received, "last_seen").ends_with('Z'));
    assert_eq!(status(&avi, "lisa"), "offline");
}

#[test]
fn a_lost_connection_counts_until_the_grace_period_is_over() {
    let server = Server::with(&GRACE);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    let hers = lisa.connect();
    his.expect("presence");
    hers.cut();
    let begun = std::time::Instant::now();
    let received = his.expect("presence");
    assert_eq!(received["status"], "offline");
    // Not a timed test of speed: sooner than the grace would be a broken promise.
    assert!(begun.elapsed().as_millis() >= 900, "{:?}", begun.elapsed());
}

#[test]
fn a_goodbye_skips_the_grace_period() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().goodbye();
    assert_eq!(his.expect("presence")["status"], "online");
    assert_eq!(his.expect("presence")["status"], "offline");
}

#[test]
fn reconnecting_within_the_grace_period_is_not_published() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().cut();
    assert_eq!(his.expect("presence")["status"], "online");
    assert_eq!(status(&avi, "lisa"), "online");
    lisa.connect().send_message(&id, "a fence");
    his.expect("message");
    his.expect_no("presence");
}

#[test]
fn several_connections_count_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    let (one, mut two) = (lisa.connect(), lisa.connect());
    assert_eq!(his.expect("presence")["status"], "online");
    one.goodbye();
    two.send_message(&id, "still here");
    his.expect("message");
    his.expect_no("presence");
    assert_eq!(status(&avi, "lisa"), "online");
    two.goodbye();
    assert_eq!(his.expect("presence")["status"], "offline");
}

#[test]
fn a_login_alone_makes_no_user_online() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let _hello_less = lisa.upgrade();
    lisa.http.get("/sessions").ok();
    assert_eq!(status(&avi, "lisa"), "offline");
    assert!(!online(&avi.connect()).contains(&"lisa"));
}

#[test]
fn an_ended_token_takes_its_presence_along_at_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    let _hers = lisa.connect();
    assert_eq!(his.expect("presence")["status"], "online");
    lisa.http.call("POST", "/logout").send().done();
    assert_eq!(his.expect("presence")["status"], "offline");
}

#[test]
fn presence_of_a_stranger_can_be_queried_but_is_not_pushed() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mark = register(&server, "mark");
    let mut his = avi.connect();
    let _theirs = mark.connect();
    assert_eq!(status(&avi, "mark"), "online", "the directory is open");
    his.expect_no("presence");
    assert!(!online(&avi.connect()).contains(&"mark"));
}

#[test]
fn a_new_friends_presence_is_pushed_from_then_on() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let mut his = avi.connect();
    let hers = lisa.connect();
    befriend(&avi, &lisa);
    his.expect("session_added");
    hers.goodbye();
    let gone = his.wait_for("lisa going", |frame| frame["type"] == "presence" && frame["status"] == "offline");
    assert_eq!(gone["username"], "lisa");
}

#[test]
fn after_a_crash_nobody_is_online_without_a_connection() {
    let mut server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let (_his, _hers) = (avi.connect(), lisa.connect());
    server.crash();
    assert_eq!(status(&avi, "lisa"), "offline");
    let his = avi.connect();
    assert!(!online(&his).contains(&"lisa"));
}

#[test]
fn the_last_seen_time_that_was_sent_is_the_one_stored() {
    let mut server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().goodbye();
    let received = his.wait_for("lisa going", |frame| frame["status"] == "offline");
    // At once: a polite stop loses nothing of it.
    server.restart();
    let user = avi.http.get("/users/lisa").ok()["user"].clone();
    assert_eq!(user["last_seen"], received["last_seen"]);
}

#[test]
fn without_names_the_query_returns_the_users_whose_presence_is_pushed() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mark = register(&server, "mark");
    let (_hers, _theirs) = (lisa.connect(), mark.connect());
    let answer = avi.http.get("/presence").ok();
    let received = list(&answer, "presence");
    assert!(received.iter().any(|one| one["username"] == "lisa" && one["status"] == "online"));
    assert!(!received.iter().any(|one| one["username"] == "mark"), "{received:?}");
}

#[test]
fn a_presence_query_has_at_most_200_names() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let names = |count: usize| vec!["avi"; count].join(",");
    avi.http.get(&format!("/presence?usernames={}", names(200))).ok();
    avi.http.get(&format!("/presence?usernames={}", names(201))).blames("usernames");
    // A name that does not exist is left out, and is no failure.
    let answer = avi.http.get("/presence?usernames=nobody-here").ok();
    assert!(!answer.to_string().contains("online"), "{answer}");
}

#[test]
fn presence_is_pushed_in_groups_of_up_to_200_and_queried_in_larger_ones() {
    let mut server = Server::with(&[("PARLOR_DIRECTORY", "closed")]);
    let people = ["avi", "lisa", "mark"].map(|name| register(&server, name));
    let [avi, lisa, mark] = &people;
    server.terminate();
    // 1: of 200, avi and lisa among them; 2: of 201, avi and mark among them.
    server.sql(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 199) \
         INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at) \
         SELECT n, 'extra' || n, 'extra' || n, 'Extra', 0, 0, 1 FROM n",
    );
    server.sql(
        "INSERT INTO sessions (id, kind, title, seq, rev, last_at, created_at) \
         VALUES (1, 1, 'Small', 0, 0, 1, 1), (2, 1, 'Large', 0, 0, 1, 1)",
    );
    server.sql(
        "INSERT INTO members (session_id, user_id, role, state, rev, joined_at, read, received) \
         SELECT s.id, u.id, 0, 0, 0, 1, 0, 0 FROM sessions s JOIN users u ON \
         (s.id = 1 AND (u.id < 199 OR u.username IN ('avi', 'lisa'))) OR \
         (s.id = 2 AND (u.id < 200 OR u.username IN ('avi', 'mark')))",
    );
    server.open().unwrap();
    let (_hers, _theirs) = (lisa.connect(), mark.connect());
    let mut his = avi.connect();
    assert_eq!(online(&his), ["lisa"]);
    assert_eq!(status(avi, "mark"), "online", "whoever shares a group is told when asking");
    assert_eq!(status(lisa, "mark"), Value::Null, "the directory is closed, and they share none");
    let around = avi.http.get("/presence").ok();
    assert_eq!(list(&around, "presence").len(), 199);
    // A block hides, and without it all is as before.
    avi.http.put("/blocks/lisa", json!({})).done();
    assert_eq!(his.expect("presence")["status"], "offline");
    avi.http.delete("/blocks/lisa").done();
    let received = his.expect("presence");
    assert_eq!((&received["username"], &received["status"]), (&json!("lisa"), &json!("online")));
    avi.http.put("/blocks/mark", json!({})).done();
    avi.http.delete("/blocks/mark").done();
    his.expect_no("presence");
}
