//! Real proxies in front of the real server, with the configurations of `docs/proxies.md`: everything works through them, and a
//! wrong one reports what is wrong.

mod front;

use crate::kit::*;
use front::{Front, HOST, Kind};

const ORIGIN: &str = "https://chat.example.org";

fn server() -> Server {
    Server::with(&[
        ("PARLOR_PUBLIC_URL", ORIGIN),
        ("PARLOR_TRUSTED_PROXIES", "127.0.0.1"),
        ("PARLOR_ADDRESS_LOGIN_FAILURES", "2"),
        ("PARLOR_LOGIN_FAILURES", "0"),
    ])
}

fn login(http: &Http, password: &str) -> http::Call {
    let call = http.call("POST", "/login").header("Host", HOST).header("Origin", ORIGIN);
    call.json(&json!({"username": "avi", "password": password}))
}

/// Everything that people do, through this proxy.
fn works(kind: Kind) {
    if !kind.is_installed() {
        return;
    }
    let server = server();
    let (avi, lisa, session) = pair(&server);
    let front = Front::start(kind, &kind.recipe(), &server);
    let endpoint = front.endpoint("127.0.0.1");
    let http = Http::new(&endpoint, None);

    let page = http.call("GET", "//").header("Host", HOST).send();
    assert_eq!(page.status, 200);
    assert!(page.header("strict-transport-security").is_some());
    let head = http.call("HEAD", "//").header("Host", HOST).send();
    assert_eq!((head.status, head.header("content-type")), (200, page.header("content-type")));

    let reply = login(&http, PASSWORD).send();
    reply.ok();
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-parlor_token=") && cookie.contains("Secure"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let headers = [("Host", HOST), ("Origin", ORIGIN), ("Sec-Fetch-Site", "same-origin"), ("Cookie", cookie)];
    let send_message = |text: &str| {
        let call = http.call("POST", &format!("/sessions/{session}/messages"));
        let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        call.json(&json!({"text": text})).send().ok();
    };

    let mut hers = lisa.connect();
    let mut his =
        Socket::open(&endpoint, &headers).unwrap_or_else(|no| panic!("{kind:?}: {} {}", no.status, no.text()));
    his.send(&json!({"type": "hello"}));
    assert_eq!(his.expect("ready")["user"]["username"], "avi");
    send_message("over REST");
    assert_eq!(his.receive(&session), "over REST");
    his.send_message(&session, "over the socket");
    let received = [hers.receive(&session), hers.receive(&session)];
    assert_eq!(received, ["over REST", "over the socket"]);

    for transport in TRANSPORTS {
        let mut packets = SocketIoClient::open(&endpoint, transport, &headers)
            .unwrap_or_else(|no| panic!("{kind:?} {transport:?}: {} {}", no.status, no.text()));
        packets.enter(json!({})).expect("it is let in");
        packets.expect("ready");
        packets.ok("send", json!({"session": session, "text": "in packets"}));
        assert_eq!(hers.receive(&session), "in packets");
        hers.send_message(&session, "back");
        assert_eq!(packets.expect("message")["text"], "back");
        packets.emit("goodbye", json!({}));
    }
    counts_addresses(kind, &front);
    drop(avi);
}

/// Each client is counted by its own address, whatever headers it sends.
fn counts_addresses(kind: Kind, front: &Front) {
    let attacker = Http::new(&front.endpoint("127.0.0.2"), None);
    for _ in 0..2 {
        login(&attacker, "wrong password").send().refused(401, "wrong_password");
    }
    login(&attacker, PASSWORD).send().refused(429, "too_many_attempts");
    for header in ["X-Forwarded-For", "Forwarded", "X-Real-IP"] {
        let value = if header == "Forwarded" { "for=203.0.113.7" } else { "203.0.113.7" };
        let reply = login(&attacker, PASSWORD).header(header, value).send();
        assert_eq!(reply.status, 429, "{kind:?}: a client chooses its address by {header}");
    }
    login(&Http::new(&front.endpoint("127.0.0.3"), None), PASSWORD).send().ok();
}

#[test]
fn nginx_as_documented_works() {
    works(Kind::Nginx);
}

#[test]
fn caddy_as_documented_works() {
    works(Kind::Caddy);
}

#[test]
fn apache_as_documented_works() {
    works(Kind::Apache);
}

#[test]
fn a_proxy_that_rewrites_the_host_is_reported() {
    if !Kind::Nginx.is_installed() {
        return;
    }
    let recipe = Kind::Nginx.recipe();
    let wrong = recipe.replace("proxy_set_header Host $http_host;", "");
    assert_ne!(wrong, recipe);
    let server = Server::start();
    register(&server, "avi");
    let front = Front::start(Kind::Nginx, &wrong, &server);
    let endpoint = front.endpoint("127.0.0.1");
    let http = Http::new(&endpoint, None);
    // The login works, and nothing behind it.
    login(&http, PASSWORD).send().ok();
    for _ in 0..3 {
        let socket = Socket::open(&endpoint, &[("Host", HOST), ("Origin", ORIGIN)]);
        socket.unwrap_err().refused(403, "forbidden");
    }
    // The client's request for the reason.
    let requested = http.call("POST", "/ws").header("Host", HOST).header("Origin", ORIGIN).send();
    requested.refused(403, "forbidden");
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("refused Origin")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    for part in ["WARN", ORIGIN, "PARLOR_PUBLIC_URL=https://chat.example.org"] {
        assert!(lines[0].contains(part), "{log}");
    }
}

#[test]
fn a_proxy_that_drops_upgrades_is_reported() {
    if !Kind::Nginx.is_installed() {
        return;
    }
    let recipe = Kind::Nginx.recipe();
    let wrong = recipe.replace("proxy_set_header Upgrade $http_upgrade;", "");
    assert_ne!(wrong, recipe);
    let server = server();
    let front = Front::start(Kind::Nginx, &wrong, &server);
    let refused = Socket::open(&front.endpoint("127.0.0.1"), &[("Host", HOST), ("Origin", ORIGIN)]).unwrap_err();
    let problem = refused.refused(400, "invalid_request");
    assert!(text(&problem, "detail").contains("proxy"), "{problem}");
}
