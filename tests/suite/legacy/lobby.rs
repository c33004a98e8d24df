//! The lobby system: guests who come in by a link, and go with their connections.

use std::time::{Duration, Instant};

use crate::kit::*;

/// The shortest times that can be told from none.
const SOON: [(&str, &str); 4] = [
    ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
    ("PARLOR_LOBBY_LOGIN_SECONDS", "1"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_ACCOUNTS_PER_MINUTE", "0"),
];

/// Sooner than that would be a broken promise.
const SOONEST: Duration = Duration::from_millis(900);

fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Reply {
    call(server, "GET", path, headers)
}

fn call(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let call = server.http().call(method, path);
    headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
}

fn login(server: &Server, name: &str) -> Reply {
    get(server, &format!("//login/{name}"), &[])
}

/// A guest of the lobby's login.
#[track_caller]
pub fn come(server: &Server, name: &str) -> Person {
    let answer = login(server, name).ok();
    let token = text(&answer, "token").to_owned();
    let http = server.http().with_token(&token);
    let me = http.get("/me").ok()["user"].clone();
    assert_eq!((&me["kind"], &me["username"]), (&json!("guest"), &answer["username"]));
    Person { username: text(&answer, "username").to_owned(), id: text(&me, "id").to_owned(), token, http }
}

pub fn cookie(person: &Person) -> String {
    format!("parlor_lobby={}", person.token)
}

fn is_there(person: &Person) -> bool {
    let reply = person.http.get("/me");
    assert!([200, 401].contains(&reply.status), "{}", reply.text());
    reply.status == 200
}

/// Waits for the end of a guest; it comes no sooner than the shortest time after `begun`.
#[track_caller]
fn ends(server: &Server, person: &Person, begun: Instant) {
    until("the guest is gone", PATIENCE, || !is_there(person));
    assert!(begun.elapsed() >= SOONEST, "gone after {:?}", begun.elapsed());
    let next = come(server, &person.username);
    assert_ne!(next.id, person.id, "the name is free");
}

#[test]
fn a_link_lets_a_guest_in() {
    let server = Server::start();
    let reply = login(&server, "Avi");
    let answer = reply.ok();
    assert_eq!(answer, json!({"username": "Avi", "token": answer["token"]}));
    let parts: Vec<&str> = reply.header("set-cookie").unwrap().split(';').map(str::trim).collect();
    assert_eq!(parts[0], format!("parlor_lobby={}", text(&answer, "token")));
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(parts.contains(&wanted), "{parts:?} lacks {wanted}");
    }
    assert!(!parts.contains(&"Secure"), "{parts:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let secure = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    assert!(login(&secure, "avi").header("set-cookie").unwrap().contains("Secure"));
}

#[test]
fn nobody_has_a_name_twice() {
    let server = Server::start();
    register(&server, "Avi");
    Person::visit(&server, "Gwen");
    come(&server, "Lisa");
    for taken in ["avi", "AVI", "gwen", "lisa", "LISA", "admin", "group"] {
        login(&server, taken).refused(409, "username_taken");
    }
    server.http().post("/guests", json!({"name": "lisa"})).refused(409, "username_taken");
    let account = json!({"username": "LISA", "password": PASSWORD});
    server.http().post("/register", account).refused(409, "username_taken");
    for bad in ["a", "a%20b", "_avi", "%F0%9F%91%8D%F0%9F%91%8D%F0%9F%91%8D", "a%2Fb", "a%00bc", &"x".repeat(33)] {
        let reply = login(&server, bad);
        assert_eq!(reply.status, 400, "{bad}: {}", reply.text());
        reply.blames("username");
    }
    for nowhere in ["", "/", "avi/x"] {
        assert_eq!(login(&server, nowhere).status, 404, "{nowhere}");
    }
}

#[test]
fn whoever_is_in_stays_who_they_are() {
    let server = Server::start();
    let avi = come(&server, "Avi");
    for name in ["Avi", "AVI"] {
        let reply = get(&server, &format!("//login/{name}"), &[("Cookie", &cookie(&avi))]);
        assert_eq!(reply.ok(), json!({"username": "Avi", "token": avi.token}));
        assert!(reply.header("set-cookie").unwrap().starts_with(&cookie(&avi)));
    }
    for name in ["Lisa", "admin", "a b"] {
        let reply = get(&server, &format!("//login/{}", percent(name)), &[("Cookie", &cookie(&avi))]);
        reply.refused(409, "username_taken");
        assert_eq!(reply.header("set-cookie"), None);
    }
    // A cookie that is nobody's any more is none; nor is one of another door, or of a page of others.
    get(&server, "//logout/Avi", &[("Cookie", &cookie(&avi))]).ok();
    let lisa = get(&server, "//login/Lisa", &[("Cookie", &cookie(&avi))]).ok();
    assert_ne!(lisa["token"], avi.token.as_str());
    let account = register(&server, "mark");
    for line in [cookie(&account), format!("parlor_token={}", account.token), "parlor_lobby=prl_x".to_owned()] {
        get(&server, "//login/mark", &[("Cookie", &line)]).refused(409, "username_taken");
    }
    get(&server, "//login/nina", &[("Cookie", &cookie(&account))]).ok();
}

#[test]
fn what_nobody_means_does_nothing() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = come(&server, "avi");
    let own = cookie(&avi);
    for headers in [
        &[("Sec-Fetch-Site", "cross-site")][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Purpose", "prefetch")],
        &[("Sec-Purpose", "prefetch;prerender"), ("Sec-Fetch-Site", "none")],
        &[("Purpose", "prefetch")],
        &[("X-Moz", "prefetch")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "https://friend.example")],
        &[("Origin", "null")],
    ] {
        for path in ["//login/lisa", "//login/avi", "//logout/avi"] {
            let headers = [headers, &[("Cookie", own.as_str())]].concat();
            let reply = get(&server, path, &headers);
            reply.refused(403, "forbidden");
            assert_eq!(reply.header("set-cookie"), None, "{headers:?}");
        }
    }
    for path in ["//login/lisa", "//login/avi", "//logout/avi"] {
        let reply = call(&server, "HEAD", path, &[("Cookie", &own)]);
        assert_eq!((reply.status, reply.header("set-cookie")), (403, None), "{path}");
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let reply = call(&server, method, path, &[("Cookie", &own)]);
            reply.refused(405, "invalid_request");
            assert_eq!(reply.header("allow"), Some("GET"));
        }
    }
    assert!(is_there(&avi));
    assert_eq!(server.count("SELECT count(*) FROM users"), 1);
    let here = format!("http://{}", server.door().address());
    let meant = [("Sec-Fetch-Site", "same-origin"), ("Origin", &here), ("Cookie", &own)];
    get(&server, "//logout/avi", &meant).ok();
    get(&server, "//login/lisa", &[("Sec-Fetch-Site", "none")]).ok();
}

#[test]
fn one_goes_by_ones_own_link() {
    let server = Server::start();
    let [avi, lisa] = ["Avi", "Lisa"].map(|name| come(&server, name));
    let account = register(&server, "mark");
    let mut his = avi.connect();
    for headers in [
        &[][..],
        &[("Cookie", cookie(&lisa).as_str())],
        &[("Cookie", "parlor_lobby=prl_x")],
        &[("Cookie", format!("parlor_token={}", avi.token).as_str())],
    ] {
        get(&server, "//logout/Avi", headers).refused(403, "forbidden");
    }
    // An account goes by another door.
    get(&server, "//logout/mark", &[("Cookie", &cookie(&account))]).refused(403, "forbidden");
    let bearer = format!("Bearer {}", account.token);
    get(&server, "//logout/mark", &[("Authorization", &bearer)]).refused(403, "forbidden");
    his.fence();
    let reply = get(&server, "//logout/avi", &[("Cookie", &cookie(&avi))]);
    assert_eq!(reply.ok(), json!({"username": "Avi"}));
    let taken = reply.header("set-cookie").unwrap();
    assert!(taken.starts_with("parlor_lobby=;") && taken.contains("Max-Age=0"), "{taken}");
    assert_eq!(his.close_code(), 4502);
    come(&server, "avi");
    get(&server, "//logout/Avi", &[("Cookie", &cookie(&avi))]).refused(403, "forbidden");
    // A program may say it by header.
    let bearer = format!("Bearer {}", lisa.token);
    get(&server, "//logout/lisa", &[("Authorization", &bearer)]).ok();
    account.http.get("/me").ok();
}

#[test]
fn the_cookie_is_no_login_for_rest() {
    let server = Server::start();
    let avi = come(&server, "avi");
    get(&server, "/me", &[("Cookie", &cookie(&avi))]).refused(401, "unauthenticated");
    // By header it is a token like others, and the way out takes its own cookie back.
    let reply = avi.http.call("POST", "/logout").send();
    reply.done();
    assert!(reply.header("set-cookie").unwrap().starts_with("parlor_lobby=;"));
    come(&server, "avi");
}

#[test]
fn a_guest_of_the_lobby_talks_like_everybody() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let (avi, lisa) = (come(&server, "avi"), register(&server, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let lobby = text(&list(&his.ready, "sessions")[0], "id").to_owned();
    his.say(&lobby, "hello all");
    assert_eq!(hers.hear(&lobby), "hello all");
    hers.ok(json!({"type": "send", "to": "avi", "text": "hello"}));
    let session = text(&his.expect("session_added")["session"], "id").to_owned();
    assert_eq!(his.hear(&session), "hello");
}

#[test]
fn a_login_that_nobody_follows_ends() {
    let server = Server::with(&SOON);
    let begun = Instant::now();
    let avi = come(&server, "avi");
    ends(&server, &avi, begun);
}

#[test]
fn coming_again_begins_the_time_anew() {
    let server = Server::with(&SOON);
    let (kept, left) = (come(&server, "kept"), come(&server, "left"));
    let line = cookie(&kept);
    until("the other is gone", PATIENCE, || {
        get(&server, "//login/kept", &[("Cookie", &line)]).ok();
        !is_there(&left)
    });
    let begun = Instant::now();
    get(&server, "//login/kept", &[("Cookie", &line)]).ok();
    ends(&server, &kept, begun);
}

#[test]
fn one_grace_after_the_last_connection_the_guest_is_gone() {
    let server = Server::with(&SOON);
    let (avi, lisa) = (come(&server, "avi"), register(&server, "lisa"));
    let session = befriend(&lisa, &avi);
    let (one, mut two) = (avi.connect(), avi.connect());
    one.goodbye();
    // Longer than either time, and still here.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1_500) {
        two.fence();
    }
    avi.say(&session, "bye");
    let mut hers = lisa.connect();
    let begun = Instant::now();
    two.cut();
    hers.wait_for("the end", |frame| frame["type"] == "member" && frame["state"] == "left");
    ends(&server, &avi, begun);
    let said = messages(&lisa, &session);
    assert_eq!((&said[0]["sender"], &said[0]["username"]), (&json!(avi.id), &json!("avi")));
}

#[test]
fn after_a_goodbye_the_guest_is_gone_at_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let avi = come(&server, "avi");
    avi.connect().goodbye();
    until("the guest is gone", PATIENCE, || !is_there(&avi));
}

#[test]
fn after_a_crash_whoever_does_not_come_back_is_gone() {
    let mut server = Server::with(&SOON);
    let [avi, lisa, mark] = ["avi", "lisa", "mark"].map(|name| come(&server, name));
    // Mark has not come yet.
    let sockets = (avi.connect(), lisa.connect());
    server.crash();
    let begun = Instant::now();
    drop(sockets);
    let mut his = avi.connect();
    for guest in [&lisa, &mark] {
        ends(&server, guest, begun);
    }
    his.fence();
    assert!(is_there(&avi));
}

#[test]
fn a_restart_leaves_the_rest_of_the_time_to_come() {
    let mut server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "0"), ("PARLOR_LOBBY_LOGIN_SECONDS", "4")]);
    let begun = Instant::now();
    let (waited, seen) = (come(&server, "avi"), come(&server, "lisa"));
    let _hers = seen.connect();
    server.crash();
    until("who was connected has no time left", PATIENCE, || !is_there(&seen));
    if begun.elapsed() < Duration::from_secs(3) {
        assert!(is_there(&waited));
    }
    until("and then neither has the other", PATIENCE, || !is_there(&waited));
    assert!(begun.elapsed() >= Duration::from_millis(3_900), "gone after {:?}", begun.elapsed());
}

#[test]
fn where_no_guests_are_let_in_nobody_comes() {
    let server = Server::with(&[("PARLOR_GUESTS", "off")]);
    login(&server, "avi").refused(403, "forbidden");
}

#[test]
fn new_guests_are_counted_with_those_of_every_other_door() {
    let server = Server::with(&[("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")]);
    let avi = come(&server, "avi");
    server.http().post("/guests", json!({"name": "gwen"})).ok();
    let reply = login(&server, "lisa");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    // Whoever is in already makes nobody new.
    get(&server, "//login/avi", &[("Cookie", &cookie(&avi))]).ok();
}

#[test]
fn a_token_in_a_link_is_refused() {
    let server = Server::start();
    let avi = come(&server, "avi");
    for path in ["//login/avi", "//logout/avi"] {
        get(&server, &format!("{path}?token={}", avi.token), &[("Cookie", &cookie(&avi))])
            .refused(400, "invalid_request");
    }
    assert!(is_there(&avi));
}

#[test]
fn of_many_who_come_at_once_by_one_name_one_is_let_in() {
    let server = Server::start();
    let http = server.http();
    let come = || http.get("//login/avi").status;
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..16).map(|_| scope.spawn(come)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 15][..]));
}
