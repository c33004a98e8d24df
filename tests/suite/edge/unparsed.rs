//! Refusals before the application sees a request, and those of extractors and routers.

use super::raw;
use crate::kit::*;

#[test]
fn malformed_http_is_refused_with_a_problem_document() {
    let server = Server::start();
    for wrong in [
        "GET /api/v1/search?q=caf\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /caf\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n{}",
        "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
    ] {
        let reply = raw(&server, wrong.as_bytes());
        reply.refused(400, "invalid_request");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{wrong}");
    }
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(40_000));
    raw(&server, large.as_bytes()).refused(431, "too_large");
}

#[test]
fn refusals_of_router_and_extractors_are_problem_documents_too() {
    let server = Server::start();
    let (avi, _, session) = pair(&server);
    for path in [
        "/search?q=%ff%fe",
        "/search?q=%",
        "/search?=&&&",
        "/users/%ff",
        "/users/%00",
        "/sessions/%ff/messages",
        "/sessions/x/messages",
        "/users?limit=x",
        "/rooms/%ff",
        "/no/such/path",
        "/sessions//messages",
        "//%ff",
        "//web/%ff",
        "//get_contacts_list/%ff/x",
        &format!("/sessions/{session}/messages?before=99999999999999999999"),
    ] {
        for method in ["GET", "POST", "OPTIONS", "TRACE", "M-SEARCH"] {
            let reply = avi.http.call(method, path).send();
            if reply.status >= 400 {
                let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
                reply.refused(reply.status, &code);
            }
        }
    }
    let cut = avi.http.call("POST", "/login").header("Content-Type", "application/json");
    let cut = cut.header("Transfer-Encoding", "chunked").body(b"zz\r\n").send();
    cut.refused(400, "invalid_request");
}
