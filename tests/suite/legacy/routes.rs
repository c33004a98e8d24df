//! What all routes of older systems share: they exist only where their dialect is on, and follow the rules of the API.

use crate::kit::*;

/// Every route, by its system.
const ROUTES: [(&str, &str, &str); 9] = [
    ("contacts", "POST", "/log_in"),
    ("contacts", "GET", "/get_contacts_list/avi"),
    ("contacts", "POST", "/admin/get_info"),
    ("contacts", "POST", "/admin/kill_token"),
    ("lobby", "GET", "/login/avi"),
    ("lobby", "GET", "/logout/avi"),
    ("sessions", "POST", "/register"),
    ("sessions", "POST", "/login"),
    ("sessions", "GET", "/load"),
];

fn administered(settings: &[(&str, &str)]) -> Server {
    let server = Server::one_node(settings);
    server.operate(&["user", "add", "root", "--admin"], &format!("{PASSWORD}\n"));
    server
}

#[test]
fn routes_of_a_dialect_that_is_off_do_not_exist() {
    for named in ["", "rooms", "contacts", "lobby", "sessions", "contacts,lobby,sessions,rooms"] {
        let server = administered(&[("PARLOR_DIALECTS", named)]);
        for (system, method, path) in ROUTES {
            let reply = server.http().call(method, &format!("/{path}")).send();
            if named.contains(system) {
                assert_ne!(reply.status, 404, "{named}: {method} {path}");
                continue;
            }
            reply.refused(404, "not_found");
            let nothing = server.http().call(method, "//nothing/here").send();
            let shape = |reply: &Reply| {
                let headers = reply.headers.iter().filter(|(name, _)| name != "date").cloned().collect::<Vec<_>>();
                (headers, reply.body.clone())
            };
            assert_eq!(shape(&reply), shape(&nothing), "{named}: {method} {path}");
            for other in ["GET", "POST", "PUT", "HEAD", "OPTIONS"] {
                assert_eq!(
                    server.http().call(other, &format!("/{path}")).send().status,
                    404,
                    "{named}: {other} {path}"
                );
            }
        }
    }
}

#[test]
fn nothing_is_kept_by_caches_and_no_secret_is_taken_from_a_link() {
    let server = administered(&[]);
    let avi = register(&server, "avi");
    for (_, method, path) in ROUTES {
        let reply = server.http().call(method, &format!("/{path}")).send();
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        for query in [format!("jwt={}", avi.token), "token=x".to_owned(), format!("a={}", avi.token)] {
            let reply = server.http().call(method, &format!("/{path}?{query}")).send();
            reply.refused(400, "invalid_request");
            assert!(!reply.text().contains(&avi.token));
        }
    }
}

#[test]
fn listed_origins_may_use_these_routes() {
    let server = administered(&[("PARLOR_ORIGINS", "https://app.example")]);
    for (_, method, path) in ROUTES {
        let request = |origin: &str| {
            let call = server.http().call("OPTIONS", &format!("/{path}")).header("Origin", origin);
            call.header("Access-Control-Request-Method", method).send()
        };
        let reply = request("https://app.example");
        assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example"), "{path}");
        assert!(reply.header("access-control-allow-headers").unwrap().contains("jwt"), "{path}");
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        assert_eq!(request("https://evil.example").header("access-control-allow-origin"), None);
    }
}

#[test]
fn chunked_bodies_are_accepted_and_endless_ones_refused() {
    let server = Server::start();
    register(&server, "avi");
    let body = json!({"username": "avi", "password": PASSWORD}).to_string();
    let (first, second) = body.split_at(10);
    let chunks = format!("{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    let call = server.http().call("POST", "//log_in").header("Content-Type", "application/json");
    let reply = call.header("Transfer-Encoding", "chunked").body(chunks.as_bytes()).send();
    assert_eq!(reply.ok()["result"], "success");
    let endless = format!("{:x}\r\n{}\r\n", 80_000, "x".repeat(80_000));
    let call = server.http().call("POST", "//log_in").header("Content-Type", "application/json");
    call.header("Transfer-Encoding", "chunked").body(endless.as_bytes()).send().refused(413, "too_large");
}

#[test]
fn other_methods_are_answered_with_those_that_exist() {
    let server = administered(&[]);
    for (system, method, path) in ROUTES {
        for other in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|other| *other != method) {
            // Another system has this path with another method, or this method has another path.
            let reply = server.http().call(other, &format!("/{path}")).send();
            reply.refused(405, "invalid_request");
            // What the lobby's links do is never done for HEAD.
            let with_head = method == "GET" && system != "lobby";
            let allowed = if with_head { "GET, HEAD" } else { method };
            assert_eq!(reply.header("allow"), Some(allowed), "{other} {path}");
        }
    }
}
