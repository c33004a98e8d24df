//! HEAD wherever there is GET, slashes at the end, and methods that a path does not have.

use super::{gets, raw};
use crate::kit::*;

/// What a client sees of a body without reading it.
fn shown(reply: &Reply) -> Vec<(String, String)> {
    let names = ["content-type", "content-length", "cache-control", "location", "etag", "allow"];
    reply.headers.iter().filter(|(name, _)| names.contains(&name.as_str())).cloned().collect()
}

#[test]
fn every_get_route_answers_head() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for path in gets(&session) {
        let request = |method: &str| {
            let call = avi.http.call(method, &path);
            call.header("username", "avi").header("jwt", &avi.token).send()
        };
        let (get, head) = (request("GET"), request("HEAD"));
        assert!(head.body.is_empty());
        assert_eq!((get.status, shown(&get)), (head.status, shown(&head)), "{path}");
    }
}

#[test]
fn a_method_that_a_path_does_not_have_is_answered_with_those_it_has() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for path in gets(&session) {
        let reply = avi.http.call("PROPFIND", &path).send();
        reply.refused(405, "invalid_request");
        let allowed: Vec<&str> = reply.header("allow").unwrap().split(", ").collect();
        assert!(allowed.contains(&"GET") && allowed.contains(&"HEAD"), "{path}: {allowed:?}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        for path in ["/ws", "//ws", "/ws/", "//ws/"] {
            let reply = server.http().call(method, path).send();
            reply.refused(405, "invalid_request");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
        }
    }
    for path in ["/ws", "//ws", "/ws/", "//ws/"] {
        let reply = server.http().call("OPTIONS", path).send();
        assert_eq!((reply.status, reply.header("allow")), (204, Some("GET, HEAD, OPTIONS")), "{path}");
    }
}

#[test]
fn a_slash_at_the_end_makes_no_difference_to_older_clients() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for path in ["/ws", "/ws/", "/api/v1/ws", "/api/v1/ws/"] {
        assert!(Socket::open_at(server.endpoint(), path, &[]).is_ok(), "{path}");
    }
    for path in ["//load", "//load/", "//get_contacts_list/avi", "//get_contacts_list/avi/"] {
        let call = avi.http.call("GET", path).header("username", "avi").header("jwt", &avi.token);
        call.send().ok();
    }
    let account = json!({"username": "avi", "password": PASSWORD});
    server.http().post("//log_in/", account).ok();
    server.http().post("//login/", json!({"Username": "avi", "Password": PASSWORD})).ok();
    server.http().post("//register/", json!({"Username": "lisa", "Password": PASSWORD})).ok();
    server.http().get("//login/gwen/").ok();
    for path in ["/socket.io", "/socket.io/"] {
        let query = format!("{path}?EIO=4&transport=polling");
        let reply = server.http().call("GET", &format!("/{query}")).send();
        assert!(reply.status == 200 && reply.text().starts_with("0{"), "{path}: {}", reply.text());
        assert!(
            Socket::open_at(server.endpoint(), &format!("{path}?EIO=4&transport=websocket"), &[]).is_ok(),
            "{path}"
        );
    }
}

#[test]
fn a_plain_request_to_a_websocket_path_is_refused_with_upgrade_headers() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for path in ["/ws", "//ws"] {
        let reply = avi.http.get(path);
        let problem = reply.refused(400, "invalid_request");
        assert!(text(&problem, "detail").contains("WebSocket"), "{problem}");
        assert_eq!((reply.header("upgrade"), reply.header("sec-websocket-version")), (Some("websocket"), Some("13")));
    }
    let head = "GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    for rest in [
        "",
        "Sec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Version: 6\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ] {
        raw(&server, format!("{head}{rest}\r\n").as_bytes()).refused(400, "invalid_request");
    }
    // A page whose origin is refused can read it here, but not from the handshake itself.
    let request = |origin: &str| server.http().call("OPTIONS", "/ws").header("Origin", origin).send();
    request("https://evil.example").refused(403, "forbidden");
    assert_eq!(request(&format!("http://{}", server.endpoint().address())).status, 204);
}

#[test]
fn a_token_in_the_url_is_refused_however_it_is_encoded() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for query in [
        format!("?{}", avi.token),
        format!("?{}=", avi.token),
        format!("?a&{}", avi.token),
        format!("?a=b%20{}", avi.token),
    ] {
        let upgraded = Socket::open_at(server.endpoint(), &format!("/api/v1/ws{query}"), &[]);
        upgraded.unwrap_err().refused(400, "invalid_request");
        let upgraded = Socket::open_at(server.endpoint(), &format!("/ws{query}"), &[]);
        upgraded.unwrap_err().refused(400, "invalid_request");
        avi.http.get(&format!("/me{query}")).refused(400, "invalid_request");
        avi.http.get(&format!("//socket.io/{query}&EIO=4&transport=polling")).refused(400, "invalid_request");
    }
    avi.http.get(&format!("/users/{}", avi.token)).refused(400, "invalid_request");
    let name = "prl_0123456789012345678901234567";
    avi.http.get(&format!("/users?query={name}")).ok();
    avi.http.get(&format!("/users/{name}")).refused(404, "unknown_user");
}
