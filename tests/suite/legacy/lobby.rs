//! The lobby system: guests who log in by a link, and end with their connections.

use std::time::{Duration, Instant};

use crate::kit::*;

/// The shortest times that can be distinguished from none.
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
pub fn log_in(server: &Server, name: &str) -> Person {
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
    let next = log_in(server, &person.username);
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
fn a_name_in_use_is_refused() {
    let server = Server::start();
    register(&server, "Avi");
    Person::visit(&server, "Gwen");
    log_in(&server, "Lisa");
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
fn a_login_with_a_valid_cookie_keeps_its_user() {
    let server = Server::start();
    let avi = log_in(&server, "Avi");
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
    // A cookie whose token has ended does not count; nor does one of another login method or of another origin.
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
fn links_prefetched_or_opened_by_other_pages_have_no_effect() {
    let server = Server::with(&[("PARLOR_ORIGINS", "https://friend.example")]);
    let avi = log_in(&server, "avi");
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
    let here = format!("http://{}", server.endpoint().address());
    let meant = [("Sec-Fetch-Site", "same-origin"), ("Origin", &here), ("Cookie", &own)];
    get(&server, "//logout/avi", &meant).ok();
    get(&server, "//login/lisa", &[("Sec-Fetch-Site", "none")]).ok();
}

#[test]
fn only_the_guests_own_link_logs_out() {
    let server = Server::start();
    let [avi, lisa] = ["Avi", "Lisa"].map(|name| log_in(&server, name));
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
    // Accounts log out by another endpoint.
    get(&server, "//logout/mark", &[("Cookie", &cookie(&account))]).refused(403, "forbidden");
    let bearer = format!("Bearer {}", account.token);
    get(&server, "//logout/mark", &[("Authorization", &bearer)]).refused(403, "forbidden");
    his.fence();
    let reply = get(&server, "//logout/avi", &[("Cookie", &cookie(&avi))]);
    assert_eq!(reply.ok(), json!({"username": "Avi"}));
    let taken = reply.header("set-cookie").unwrap();
    assert!(taken.starts_with("parlor_lobby=;") && taken.contains("Max-Age=0"), "{taken}");
    assert_eq!(his.close_code(), 4502);
    log_in(&server, "avi");
    get(&server, "//logout/Avi", &[("Cookie", &cookie(&avi))]).refused(403, "forbidden");
    // A program may send the token in a header.
    let bearer = format!("Bearer {}", lisa.token);
    get(&server, "//logout/lisa", &[("Authorization", &bearer)]).ok();
    account.http.get("/me").ok();
}

#[test]
fn the_cookie_is_no_login_for_rest() {
    let server = Server::start();
    let avi = log_in(&server, "avi");
    get(&server, "/me", &[("Cookie", &cookie(&avi))]).refused(401, "unauthenticated");
    // By header it is a token like others, and the way out takes its own cookie back.
    let reply = avi.http.call("POST", "/logout").send();
    reply.done();
    assert!(reply.header("set-cookie").unwrap().starts_with("parlor_lobby=;"));
    log_in(&server, "avi");
}

#[test]
fn a_guest_of_the_lobby_sends_and_receives_like_an_account() {
    let server = Server::with(&[("PARLOR_LOBBY", "on")]);
    let (avi, lisa) = (log_in(&server, "avi"), register(&server, "lisa"));
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let lobby = text(&list(&his.ready, "sessions")[0], "id").to_owned();
    his.send_message(&lobby, "hello all");
    assert_eq!(hers.receive(&lobby), "hello all");
    hers.ok(json!({"type": "send", "to": "avi", "text": "hello"}));
    let session = text(&his.expect("session_added")["session"], "id").to_owned();
    assert_eq!(his.receive(&session), "hello");
}

#[test]
fn a_login_without_a_connection_ends() {
    let server = Server::with(&SOON);
    let begun = Instant::now();
    let avi = log_in(&server, "avi");
    ends(&server, &avi, begun);
}

#[test]
fn a_repeated_login_restarts_its_time() {
    let server = Server::with(&SOON);
    let (kept, left) = (log_in(&server, "kept"), log_in(&server, "left"));
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
fn one_grace_period_after_its_last_connection_the_guest_ends() {
    let server = Server::with(&SOON);
    let (avi, lisa) = (log_in(&server, "avi"), register(&server, "lisa"));
    let session = befriend(&lisa, &avi);
    let (one, mut two) = (avi.connect(), avi.connect());
    one.goodbye();
    // Longer than either time, and still here.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1_500) {
        two.fence();
    }
    avi.send_message(&session, "bye");
    let mut hers = lisa.connect();
    let begun = Instant::now();
    two.cut();
    hers.wait_for("the end", |frame| frame["type"] == "member" && frame["state"] == "left");
    ends(&server, &avi, begun);
    let sent = messages(&lisa, &session);
    assert_eq!((&sent[0]["sender"], &sent[0]["username"]), (&json!(avi.id), &json!("avi")));
}

#[test]
fn after_a_goodbye_the_guest_ends_at_once() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let avi = log_in(&server, "avi");
    avi.connect().goodbye();
    until("the guest is gone", PATIENCE, || !is_there(&avi));
}

#[test]
fn after_a_crash_guests_who_do_not_reconnect_end() {
    let mut server = Server::with(&SOON);
    let [avi, lisa, mark] = ["avi", "lisa", "mark"].map(|name| log_in(&server, name));
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
fn a_restart_does_not_extend_a_guests_time() {
    let mut server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "0"), ("PARLOR_LOBBY_LOGIN_SECONDS", "4")]);
    let begun = Instant::now();
    let (waited, seen) = (log_in(&server, "avi"), log_in(&server, "lisa"));
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
fn with_guests_switched_off_the_login_is_refused() {
    let server = Server::with(&[("PARLOR_GUESTS", "off")]);
    login(&server, "avi").refused(403, "forbidden");
}

#[test]
fn new_guests_count_for_every_endpoint_together() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")]);
    let avi = log_in(&server, "avi");
    server.http().post("/guests", json!({"name": "gwen"})).ok();
    let reply = login(&server, "lisa");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    // A request with a valid token makes no new guest.
    get(&server, "//login/avi", &[("Cookie", &cookie(&avi))]).ok();
}

#[test]
fn a_token_in_a_link_is_refused() {
    let server = Server::start();
    let avi = log_in(&server, "avi");
    for path in ["//login/avi", "//logout/avi"] {
        get(&server, &format!("{path}?token={}", avi.token), &[("Cookie", &cookie(&avi))])
            .refused(400, "invalid_request");
    }
    assert!(is_there(&avi));
}

#[test]
fn of_many_logins_of_one_name_at_once_one_succeeds() {
    let server = Server::start();
    let http = server.http();
    let log_in = || http.get("//login/avi").status;
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..16).map(|_| scope.spawn(log_in)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 15][..]));
}
