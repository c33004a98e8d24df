//! Requests through a proxy: whatever a trusted proxy writes, each client is counted by its own address.

use crate::kit::*;

/// Header lines.
type Lines<'a> = &'a [(&'a str, &'a str)];

fn server(settings: &[(&str, &str)]) -> Server {
    let mut all = vec![
        ("PARLOR_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8,fd00::/8"),
        ("PARLOR_ADDRESS_LOGIN_FAILURES", "1"),
        ("PARLOR_LOGIN_FAILURES", "0"),
    ];
    all.extend(settings);
    let server = Server::with(&all);
    register(&server, "avi");
    server
}

fn login(server: &Server, lines: Lines, password: &str) -> Reply {
    let call = server.http().call("POST", "/login");
    let call = lines.iter().fold(call, |call, (name, value)| call.header(name, value));
    call.json(&json!({"username": "avi", "password": password})).send()
}

fn fail(server: &Server, lines: Lines) {
    login(server, lines, "wrong password").refused(401, "wrong_password");
    login(server, lines, PASSWORD).refused(429, "too_many_attempts");
}

#[test]
fn an_address_is_read_in_every_spelling() {
    const FOR: &str = "X-Forwarded-For";
    for (attacker, again, other) in [
        (&[(FOR, "203.0.113.7:1000")][..], &[(FOR, "203.0.113.7:2000")][..], &[(FOR, "198.51.100.9:4711")][..]),
        (&[(FOR, "[2001:db8::7]:1000")], &[(FOR, "\"[2001:db8::7]:2000\"")], &[(FOR, "[2001:db8:9::9]:4711")]),
        (
            &[(FOR, "203.0.113.7, 10.1.1.1:80")],
            &[(FOR, "203.0.113.7:1"), (FOR, "10.9.9.9, fd00::1")],
            &[(FOR, "198.51.100.9")],
        ),
        // What a client has put before changes nothing.
        (
            &[(FOR, "1.1.1.1, 203.0.113.7")],
            &[(FOR, "nonsense"), (FOR, "203.0.113.7")],
            &[(FOR, "203.0.113.7, 198.51.100.9")],
        ),
        (
            &[("Forwarded", "for=203.0.113.7;proto=https")],
            &[("Forwarded", "for=9.9.9.9"), ("forwarded", "proto=https; For=\"203.0.113.7:99\", for=10.0.0.1")],
            &[("Forwarded", "for=\"[2001:db8::7]:4711\"")],
        ),
        // A client's own line in the header that its proxy does not write.
        (
            &[(FOR, "203.0.113.7"), ("Forwarded", "for=1.1.1.1")],
            &[(FOR, "203.0.113.7"), ("Forwarded", "for=2.2.2.2")],
            &[(FOR, "198.51.100.9"), ("Forwarded", "for=203.0.113.7")],
        ),
    ] {
        let server = server(&[]);
        fail(&server, attacker);
        login(&server, again, PASSWORD).refused(429, "too_many_attempts");
        login(&server, other, PASSWORD).ok();
        // Nor is the proxy itself locked out.
        login(&server, &[], PASSWORD).ok();
        assert!(!server.log().contains("no address"), "{attacker:?}: {}", server.log());
    }
}

#[test]
fn the_header_that_proxies_write_can_be_named() {
    let both = |older, newer| [("X-Forwarded-For", older), ("Forwarded", newer)];
    let server = server(&[("PARLOR_FORWARDED_HEADER", "forwarded")]);
    fail(&server, &both("1.1.1.1", "for=203.0.113.7"));
    login(&server, &both("2.2.2.2", "for=203.0.113.7"), PASSWORD).refused(429, "too_many_attempts");
    login(&server, &both("1.1.1.1", "for=198.51.100.9"), PASSWORD).ok();
}

#[test]
fn an_unreadable_forwarded_address_locks_out_no_client_and_is_logged() {
    for unreadable in ["unknown", "_hidden", "client.example", "203.0.113.7 4711", "caf\u{e9}"] {
        let server = server(&[]);
        for _ in 0..3 {
            login(&server, &[("X-Forwarded-For", unreadable)], "wrong password");
        }
        for lines in [&[("X-Forwarded-For", "198.51.100.9")][..], &[("X-Forwarded-For", "_another")], &[]] {
            login(&server, lines, PASSWORD).ok();
        }
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("X-Forwarded-For")).collect();
        // One for each text, however often it came.
        assert_eq!(lines.len(), 2, "{log}");
        assert!(lines[0].contains("WARN") && lines[0].contains(&format!("{unreadable:?}")), "{log}");
    }
}

#[test]
fn only_a_trusted_proxy_is_believed() {
    let server = server(&[("PARLOR_TRUSTED_PROXIES", "10.0.0.0/8")]);
    fail(&server, &[("X-Forwarded-For", "203.0.113.7")]);
    login(&server, &[("X-Forwarded-For", "198.51.100.9")], PASSWORD).refused(429, "too_many_attempts");
    login(&server, &[("Forwarded", "for=198.51.100.9")], PASSWORD).refused(429, "too_many_attempts");
}
