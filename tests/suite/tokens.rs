//! Tokens: one per device, revocable, never stored, and the cookie that carries one.

use std::fs;
use std::time::{Duration, Instant};

use crate::kit::*;

/// Promise 6, with room for a busy machine.
const WITHIN: Duration = Duration::from_secs(2);

#[test]
fn each_device_has_its_own_token() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let body = json!({"username": "avi", "password": PASSWORD, "device": "a phone"});
    let phone = text(&server.http().post("/login", body).ok(), "token").to_owned();
    assert_ne!(phone, avi.token);

    let tokens = avi.http.get("/tokens").ok();
    let tokens = list(&tokens, "tokens");
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    let current: Vec<_> = tokens.iter().filter(|one| one["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["device"], Value::Null, "no device was named");
    let other = tokens.iter().find(|one| one["current"] == false).unwrap();
    assert_eq!(other["device"], "a phone");
    for one in tokens {
        for field in ["id", "created_at", "last_used_at", "expires_at"] {
            assert!(!text(one, field).is_empty());
        }
        assert!(!one.to_string().contains("prl_"), "a list shows no secrets");
    }
}

#[test]
fn a_device_has_a_name_of_at_most_100_characters() {
    let server = Server::start();
    register(&server, "avi");
    let login = |device: String| {
        let body = json!({"username": "avi", "password": PASSWORD, "device": device});
        server.http().post("/login", body)
    };
    login("ж".repeat(100)).ok();
    login("ж".repeat(101)).blames("device");
}

#[test]
fn an_ended_token_is_refused_and_its_sockets_are_closed() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let phone = Person::login(&server, "avi");
    let mut sockets = [phone.connect(), phone.connect()];
    let mut mine = avi.connect();

    let tokens = phone.http.get("/tokens").ok();
    let token = list(&tokens, "tokens").iter().find(|one| one["current"] == true);
    let path = format!("/tokens/{}", text(token.unwrap(), "id"));
    let begun = Instant::now();
    avi.http.delete(&path).done();
    for socket in &mut sockets {
        assert_eq!(socket.close_code(), 4502);
    }
    assert!(begun.elapsed() < WITHIN, "took {:?}", begun.elapsed());

    phone.http.get("/me").refused(401, "unauthenticated");
    let mut late = phone.upgrade();
    late.send(&json!({"type": "hello", "token": phone.token}));
    assert!([4501, 4502].contains(&late.close_code()));
    avi.http.delete(&path).refused(404, "not_found");
    mine.fence();
    avi.http.get("/me").ok();
}

#[test]
fn logging_out_ends_the_token_its_cookie_and_its_sockets() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let other = Person::login(&server, "avi");
    let mut socket = avi.connect();
    let reply = avi.http.call("POST", "/logout").send();
    reply.done();
    let cookie = reply.header("set-cookie").expect("the cookie is taken back");
    assert!(cookie.starts_with("parlor_token=;"), "{cookie}");
    assert_eq!(socket.close_code(), 4502);
    avi.http.get("/me").refused(401, "unauthenticated");
    avi.http.call("POST", "/logout").send().refused(401, "unauthenticated");
    other.http.get("/me").ok();
}

#[test]
fn a_user_cannot_end_the_tokens_of_others() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let tokens = avi.http.get("/tokens").ok();
    let id = text(&list(&tokens, "tokens")[0], "id").to_owned();
    lisa.http.delete(&format!("/tokens/{id}")).refused(404, "not_found");
    avi.http.get("/me").ok();
}

#[test]
fn tokens_outlive_a_restart_and_ended_ones_do_not() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let phone = Person::login(&server, "avi");
    phone.http.call("POST", "/logout").send().done();
    server.restart();
    avi.http.get("/me").ok();
    phone.http.get("/me").refused(401, "unauthenticated");
}

#[test]
fn neither_tokens_nor_passwords_are_stored() {
    if skipped_on_postgres("the files that are searched are SQLite's") {
        return;
    }
    let mut server = Server::start();
    let avi = register(&server, "avi");
    avi.http.get("/me").ok();
    server.kill();
    let folder = server.folder();
    let secret = avi.token.strip_prefix("prl_").unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for needle in [secret, PASSWORD] {
            let found = bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    }
}

#[test]
fn a_wrong_token_is_unauthenticated() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let nearly = format!("{}x", &avi.token[..avi.token.len() - 1]);
    for token in ["", "prl_", "nonsense", "prl_\u{1F511}", &nearly, &avi.token.to_uppercase()] {
        let reply = server.http().with_token(token).get("/me");
        reply.refused(401, "unauthenticated");
    }
    let basic = server.http().call("GET", "/me").header("Authorization", "Basic YXZpOmF2aQ==");
    basic.send().refused(401, "unauthenticated");
    server.http().get("/me").refused(401, "unauthenticated");
}

#[test]
fn header_and_cookie_must_be_of_the_same_person() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let phone = Person::login(&server, "avi");
    let with_cookie = |cookie: &str| {
        avi.http.call("GET", "/me").header("Cookie", &format!("theme=dark; parlor_token={cookie}")).send()
    };
    with_cookie(&avi.token).ok();
    with_cookie(&phone.token).ok();
    with_cookie(&lisa.token).refused(401, "unauthenticated");
}

#[test]
fn a_cookie_counts_only_from_the_same_origin() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let host = server.endpoint().address().to_string();
    let cookie = format!("parlor_token={}", avi.token);
    let status = |headers: &[(&str, &str)]| {
        let mut call = server.http().call("GET", "/me").header("Cookie", &cookie);
        for (name, value) in headers {
            call = call.header(name, value);
        }
        call.send().status
    };
    let own = format!("http://{host}");
    for (headers, wanted) in [
        (vec![], 200),
        (vec![("Sec-Fetch-Site", "same-origin")], 200),
        (vec![("Sec-Fetch-Site", "none")], 200),
        (vec![("Origin", own.as_str())], 200),
        (vec![("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")], 200),
        (vec![("Sec-Fetch-Site", "cross-site")], 401),
        (vec![("Sec-Fetch-Site", "same-site")], 401),
        (vec![("Origin", "http://evil.example")], 401),
        (vec![("Origin", "null")], 401),
        (vec![("Origin", own.as_str()), ("Sec-Fetch-Site", "cross-site")], 401),
        (vec![("Origin", "http://evil.example"), ("Sec-Fetch-Site", "same-origin")], 401),
    ] {
        assert_eq!(status(&headers), wanted, "{headers:?}");
    }
}

#[test]
fn each_login_shows_the_address_and_client_of_its_last_use() {
    let server = Server::with(&[("PARLOR_TRUSTED_PROXIES", "127.0.0.1")]);
    let avi = register(&server, "avi");
    let phone = Person::login(&server, "avi");
    let request = |person: &Person, address: &str, client: &str| {
        let call = person.http.call("GET", "/me").header("X-Forwarded-For", address);
        call.header("User-Agent", client).send().ok();
    };
    // Reading the list is a use, too, and may be noted before an earlier one.
    let tokens = || {
        let call = avi.http.call("GET", "/tokens").header("X-Forwarded-For", "203.0.113.7:4711");
        call.header("User-Agent", "Example/1.0 (Linux)").send().ok()
    };
    request(&avi, "203.0.113.7:4711", "Example/1.0 (Linux)");
    request(&phone, "2001:db8:1:2::9", &"x".repeat(300));
    let found = |person: &Person| {
        let all = tokens();
        let current = person.token == avi.token;
        list(&all, "tokens").iter().find(|token| token["current"] == current).unwrap().clone()
    };
    until("both uses are noted", PATIENCE, || {
        [&avi, &phone].into_iter().all(|person| found(person)["last_address"].is_string())
    });
    let (own, other) = (found(&avi), found(&phone));
    assert_eq!((text(&own, "last_address"), text(&own, "last_client")), ("203.0.113.7", "Example/1.0 (Linux)"));
    assert_eq!(
        (text(&other, "last_address"), text(&other, "last_client")),
        ("2001:db8:1:2::/64", "x".repeat(200).as_str())
    );
    // A socket that sends its token in `hello` is a use too.
    let third = Person::login(&server, "avi");
    let _socket = third.connect();
    until("its use is noted", PATIENCE, || {
        list(&tokens(), "tokens").iter().all(|token| token["last_address"].is_string())
    });
}
