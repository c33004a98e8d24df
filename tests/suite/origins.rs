//! Pages of other origins: listed ones may use the API, all others may not.

use crate::kit::*;

const FRIEND: &str = "https://friend.example";
const EVIL: &str = "https://evil.example";

fn request_from(http: &Http, method: &str, origin: &str) -> Reply {
    let call = http.call(method, "/me").header("Origin", origin);
    let call = call.header("Sec-Fetch-Site", "cross-site").header("Access-Control-Request-Method", "PATCH");
    call.header("Access-Control-Request-Headers", "authorization,content-type").send()
}

#[test]
fn a_listed_origin_may_use_a_token_of_its_own() {
    let server = Server::with(&[("PARLOR_ORIGINS", FRIEND)]);
    let avi = register(&server, "avi");
    let preflight = request_from(&server.http(), "OPTIONS", FRIEND);
    assert!([200, 204].contains(&preflight.status), "{}", preflight.text());
    for (name, wanted) in [
        ("access-control-allow-origin", FRIEND),
        ("access-control-allow-methods", "PATCH"),
        ("access-control-allow-headers", "authorization"),
    ] {
        let received = preflight.header(name).unwrap_or_default();
        assert!(received.to_lowercase().contains(&wanted.to_lowercase()), "{name} is {received:?}");
    }
    let reply = request_from(&avi.http, "GET", FRIEND);
    reply.ok();
    assert_eq!(reply.header("access-control-allow-origin"), Some(FRIEND));
    // Without credentials: a cookie never counts from there, and no header claims that it would.
    for reply in [&preflight, &reply] {
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
    // A refusal can be read by that page too.
    let refused = request_from(&server.http(), "GET", FRIEND);
    refused.refused(401, "unauthenticated");
    assert_eq!(refused.header("access-control-allow-origin"), Some(FRIEND));
}

#[test]
fn pages_of_other_origins_can_read_nothing() {
    for server in [Server::start(), Server::with(&[("PARLOR_ORIGINS", FRIEND)])] {
        let avi = register(&server, "avi");
        for reply in [request_from(&server.http(), "OPTIONS", EVIL), request_from(&avi.http, "GET", EVIL)] {
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
}

#[test]
fn behind_a_public_url_only_that_origin_is_the_servers_own() {
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    let avi = register(&server, "avi");
    let cookie = format!("parlor_token={}", avi.token);
    let local = format!("http://{}", server.endpoint().address());
    for (origin, wanted) in [("https://chat.example", 200), (local.as_str(), 401), ("http://chat.example", 401)] {
        let call = server.http().call("GET", "/me").header("Cookie", &cookie);
        assert_eq!(call.header("Origin", origin).send().status, wanted, "{origin}");
        let upgraded = Socket::open(server.endpoint(), &[("Origin", origin), ("Cookie", &cookie)]);
        assert_eq!(upgraded.is_ok(), wanted == 200, "{origin}");
    }
}

#[test]
fn an_origin_is_the_servers_own_however_it_is_spelled() {
    let server = Server::start();
    for (host, origin, wanted) in [
        ("chat.example:443", "https://chat.example", true),
        ("chat.example:80", "http://chat.example", true),
        ("Chat.Example.", "https://chat.example", true),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example", true),
        ("chat.example:443", "http://chat.example", false),
        ("chat.example", "https://chat.example:8443", false),
    ] {
        let socket = Socket::open(server.endpoint(), &[("Host", host), ("Origin", origin)]);
        assert_eq!(socket.map_or_else(|no| no.status, |_| 101), if wanted { 101 } else { 403 }, "{host} {origin}");
    }
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "http://b\u{fc}cher.example:8080")]);
    let own = [("Host", "xn--bcher-kva.example:8080"), ("Origin", "http://xn--bcher-kva.example:8080")];
    assert!(Socket::open(server.endpoint(), &own).is_ok());
}

#[test]
fn packaged_apps_may_be_listed() {
    const APPS: [&str; 4] =
        ["capacitor://localhost", "tauri://localhost", "ionic://localhost", "chrome-extension://abcdefghijklmnop"];
    let server = Server::with(&[("PARLOR_ORIGINS", &APPS.join(","))]);
    let avi = register(&server, "avi");
    for app in APPS {
        assert!(Socket::open(server.endpoint(), &[("Origin", app)]).is_ok(), "{app}");
        let reply = request_from(&avi.http, "GET", app);
        reply.ok();
        assert_eq!(reply.header("access-control-allow-origin"), Some(app));
    }
    assert_eq!(Socket::open(server.endpoint(), &[("Origin", "app://localhost")]).unwrap_err().status, 403);
}

#[test]
fn an_invalid_origin_setting_stops_the_start() {
    let folder = crate::kit::folder::Folder::new();
    for (name, value) in [
        ("PARLOR_ORIGINS", "capacitor:localhost"),
        ("PARLOR_ORIGINS", "https://a.example/path"),
        ("PARLOR_ORIGINS", "wss://a.example"),
        ("PARLOR_PUBLIC_URL", "capacitor://localhost"),
        ("PARLOR_PUBLIC_URL", "https://a.example/chat"),
        ("PARLOR_FORWARDED_HEADER", "x-real-ip"),
    ] {
        let Err(log) = Server::try_at(folder.path(), &[(name, value)]) else { panic!("{name}={value} is accepted") };
        assert!(log.contains(value), "{name}={value}: {log}");
    }
}

#[test]
fn a_refused_origin_is_logged_with_the_setting_that_allows_it() {
    let server = Server::start();
    for _ in 0..5 {
        let refused = Socket::open(server.endpoint(), &[("Host", "parlor:5000"), ("Origin", "https://chat.example")]);
        refused.unwrap_err().refused(403, "forbidden");
        let polled = SocketIoClient::open(
            server.endpoint(),
            Transport::Polling,
            &[("Host", "parlor:5000"), ("Origin", "https://chat.example")],
        );
        assert_eq!(polled.unwrap_err().status, 403);
    }
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("refused Origin")).collect();
    assert_eq!(lines.len(), 1, "once, however often: {log}");
    for part in [
        "WARN",
        "\"https://chat.example\"",
        "\"parlor:5000\"",
        "PARLOR_PUBLIC_URL=https://chat.example",
        "PARLOR_ORIGINS",
    ] {
        assert!(lines[0].contains(part), "{part}: {log}");
    }
    // Invented origins cannot fill the log.
    for number in 0..100 {
        let _ = Socket::open(server.endpoint(), &[("Origin", &format!("https://evil{number}.example"))]);
    }
    assert!(server.log().lines().filter(|line| line.contains("refused Origin")).count() < 50);
}

#[test]
fn a_cookie_ignored_because_of_its_origin_is_logged() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let call = server.http().call("POST", "/logout").header("Cookie", &format!("parlor_token={}", avi.token));
    let call = call.header("Host", "parlor:5000").header("Origin", "https://chat.example");
    call.header("Sec-Fetch-Site", "same-origin").send().refused(401, "unauthenticated");
    assert!(server.log().contains("PARLOR_PUBLIC_URL=https://chat.example"), "{}", server.log());
    assert!(!server.log().contains(&avi.token));
}
