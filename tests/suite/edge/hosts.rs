//! The `Host` headers that a server with a public URL accepts.

use crate::kit::*;

fn request(server: &Server, path: &str, host: &str) -> Reply {
    server.http().call("GET", path).header("Host", host).send()
}

#[test]
fn with_a_public_url_other_hosts_are_refused() {
    let server =
        Server::with(&[("PARLOR_PUBLIC_URL", "https://Chat.Example"), ("PARLOR_ORIGINS", "https://app.example")]);
    let avi = register(&server, "avi");
    for host in [
        "chat.example",
        "CHAT.example.",
        "chat.example:443",
        "chat.example:8443",
        "127.0.0.1:5000",
        "[::1]",
        "localhost:5000",
        "10.0.0.7",
    ] {
        let reply = avi.http.call("GET", "/me").header("Host", host).send();
        assert_eq!(reply.status, 200, "{host}: {}", reply.text());
    }
    for host in [
        "evil.example",
        "parlor:5000",
        "chat.example.evil.example",
        "notchat.example",
        "app.example",
        "localhost.evil.example",
        "",
        "a b",
    ] {
        for path in
            ["/me", "//", "//docs", "//load", "//web/main.js", "//socket.io/?EIO=4&transport=polling", "/nothing"]
        {
            request(&server, path, host).refused(421, "forbidden");
        }
        let socket = Socket::open(server.endpoint(), &[("Host", host), ("Origin", "https://chat.example")]);
        socket.unwrap_err().refused(421, "forbidden");
        // Monitoring may use any host name.
        request(&server, "//healthz", host).ok();
        request(&server, "//readyz", host).ok();
    }
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("\"parlor:5000\"")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("WARN") && lines[0].contains("PARLOR_PUBLIC_URL=https://chat.example"), "{log}");
}

#[test]
fn without_a_public_url_any_host_is_accepted() {
    let server = Server::start();
    for host in ["evil.example", "parlor:5000", "127.0.0.1"] {
        assert_eq!(request(&server, "//", host).status, 200, "{host}");
    }
}
