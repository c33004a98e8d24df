//! Pages of other origins: what listed ones may do, and that nobody else's may do anything.

use crate::kit::*;

const FRIEND: &str = "https://friend.example";
const EVIL: &str = "https://evil.example";

fn asking(http: &Http, method: &str, origin: &str) -> Reply {
    let call = http.call(method, "/me").header("Origin", origin);
    let call = call.header("Sec-Fetch-Site", "cross-site").header("Access-Control-Request-Method", "PATCH");
    call.header("Access-Control-Request-Headers", "authorization,content-type").send()
}

#[test]
fn a_listed_page_may_ask_with_a_token_of_its_own() {
    let server = Server::with(&[("PARLOR_ORIGINS", FRIEND)]);
    let avi = register(&server, "avi");
    let preflight = asking(&server.http(), "OPTIONS", FRIEND);
    assert!([200, 204].contains(&preflight.status), "{}", preflight.text());
    for (name, wanted) in [
        ("access-control-allow-origin", FRIEND),
        ("access-control-allow-methods", "PATCH"),
        ("access-control-allow-headers", "authorization"),
    ] {
        let told = preflight.header(name).unwrap_or_default();
        assert!(told.to_lowercase().contains(&wanted.to_lowercase()), "{name} is {told:?}");
    }
    let reply = asking(&avi.http, "GET", FRIEND);
    reply.ok();
    assert_eq!(reply.header("access-control-allow-origin"), Some(FRIEND));
    // Without credentials: a cookie never counts from there, and the browser is not told that it would.
    for reply in [&preflight, &reply] {
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
    // A refusal can be read by that page too.
    let refused = asking(&server.http(), "GET", FRIEND);
    refused.refused(401, "unauthenticated");
    assert_eq!(refused.header("access-control-allow-origin"), Some(FRIEND));
}

#[test]
fn any_other_page_is_told_nothing() {
    for server in [Server::start(), Server::with(&[("PARLOR_ORIGINS", FRIEND)])] {
        let avi = register(&server, "avi");
        for reply in [asking(&server.http(), "OPTIONS", EVIL), asking(&avi.http, "GET", EVIL)] {
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
}

#[test]
fn behind_a_public_url_only_that_origin_is_the_servers_own() {
    let server = Server::with(&[("PARLOR_PUBLIC_URL", "https://chat.example")]);
    let avi = register(&server, "avi");
    let cookie = format!("parlor_token={}", avi.token);
    let local = format!("http://{}", server.door().address());
    for (origin, wanted) in [("https://chat.example", 200), (local.as_str(), 401), ("http://chat.example", 401)] {
        let call = server.http().call("GET", "/me").header("Cookie", &cookie);
        assert_eq!(call.header("Origin", origin).send().status, wanted, "{origin}");
        let upgraded = Socket::open(server.door(), &[("Origin", origin), ("Cookie", &cookie)]);
        assert_eq!(upgraded.is_ok(), wanted == 200, "{origin}");
    }
}
