//! Presence: online means a live connection, or one lost a moment ago.

use crate::kit::*;

/// The shortest grace that can be told from none.
const GRACE: [(&str, &str); 1] = [("PARLOR_PRESENCE_GRACE_SECONDS", "1")];

/// What `asker` is told of `asked` when asking.
fn status(asker: &Person, asked: &str) -> Value {
    let answer = asker.http.get(&format!("/presence?usernames={asked}")).ok();
    let told = list(&answer, "presence").to_vec();
    told.into_iter().find(|one| one["username"] == asked).map_or(Value::Null, |one| one["status"].clone())
}

fn online(socket: &Socket) -> Vec<&str> {
    let names = list(&socket.ready, "online");
    names.iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn coming_and_going_is_told_to_those_i_talk_with() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    assert!(!online(&his).contains(&"lisa"));
    let hers = lisa.connect();
    assert!(online(&hers).contains(&"avi"));
    let told = his.expect("presence");
    assert_eq!((&told["username"], &told["status"]), (&json!("lisa"), &json!("online")));
    assert_eq!(told["rev"], Value::Null);
    hers.goodbye();
    let told = his.expect("presence");
    assert_eq!((&told["username"], &told["status"]), (&json!("lisa"), &json!("offline")));
    assert!(text(&told, "last_seen").ends_with('Z'));
    assert_eq!(status(&avi, "lisa"), "offline");
}

#[test]
fn a_lost_connection_counts_until_the_grace_is_over() {
    let server = Server::with(&GRACE);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    let hers = lisa.connect();
    his.expect("presence");
    hers.cut();
    let begun = std::time::Instant::now();
    let told = his.expect("presence");
    assert_eq!(told["status"], "offline");
    // Not a timed test of speed: sooner than the grace would be a broken promise.
    assert!(begun.elapsed().as_millis() >= 900, "{:?}", begun.elapsed());
}

#[test]
fn a_goodbye_skips_the_grace() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().goodbye();
    assert_eq!(his.expect("presence")["status"], "online");
    assert_eq!(his.expect("presence")["status"], "offline");
}

#[test]
fn coming_back_within_the_grace_is_told_to_nobody() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().cut();
    assert_eq!(his.expect("presence")["status"], "online");
    assert_eq!(status(&avi, "lisa"), "online");
    lisa.connect().say(&id, "a fence");
    his.expect("message");
    his.hears_no("presence");
}

#[test]
fn several_connections_count_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    let (one, mut two) = (lisa.connect(), lisa.connect());
    assert_eq!(his.expect("presence")["status"], "online");
    one.goodbye();
    two.say(&id, "still here");
    his.expect("message");
    his.hears_no("presence");
    assert_eq!(status(&avi, "lisa"), "online");
    two.goodbye();
    assert_eq!(his.expect("presence")["status"], "offline");
}

#[test]
fn login_alone_makes_nobody_online() {
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
fn a_stranger_is_asked_about_but_not_told() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mark = register(&server, "mark");
    let mut his = avi.connect();
    let _theirs = mark.connect();
    assert_eq!(status(&avi, "mark"), "online", "the directory is open");
    his.hears_no("presence");
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
fn what_was_told_as_last_seen_is_what_is_kept() {
    let mut server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mut his = avi.connect();
    lisa.connect().goodbye();
    let told = his.wait_for("lisa going", |frame| frame["status"] == "offline");
    // At once: a polite stop loses nothing of it.
    server.restart();
    let user = avi.http.get("/users/lisa").ok()["user"].clone();
    assert_eq!(user["last_seen"], told["last_seen"]);
}

#[test]
fn without_names_one_hears_of_those_that_are_pushed() {
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mark = register(&server, "mark");
    let (_hers, _theirs) = (lisa.connect(), mark.connect());
    let answer = avi.http.get("/presence").ok();
    let told = list(&answer, "presence");
    assert!(told.iter().any(|one| one["username"] == "lisa" && one["status"] == "online"));
    assert!(!told.iter().any(|one| one["username"] == "mark"), "{told:?}");
}

#[test]
fn one_asks_for_at_most_200_names_at_once() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let names = |count: usize| vec!["avi"; count].join(",");
    avi.http.get(&format!("/presence?usernames={}", names(200))).ok();
    avi.http.get(&format!("/presence?usernames={}", names(201))).blames("usernames");
    // A name that does not exist is not told about, and is no failure.
    let answer = avi.http.get("/presence?usernames=nobody-here").ok();
    assert!(!answer.to_string().contains("online"), "{answer}");
}

#[test]
fn presence_is_pushed_in_groups_of_up_to_200_and_asked_for_in_larger_ones() {
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
    let told = his.expect("presence");
    assert_eq!((&told["username"], &told["status"]), (&json!("lisa"), &json!("online")));
    avi.http.put("/blocks/mark", json!({})).done();
    avi.http.delete("/blocks/mark").done();
    his.hears_no("presence");
}
