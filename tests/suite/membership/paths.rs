//! Odd paths reveal nothing to a stranger and break nothing.

use super::{Fixture, normalized, unknown};
use crate::kit::*;

/// Malformed and unusual paths about a session.
fn odd_paths(session: &str) -> Vec<(&'static str, String)> {
    let mut paths = Vec::new();
    for seq in ["0", "-1", "99", "1.5", "x", "%00", "%FF", "99999999999999999999", "1%2F2", " 1"] {
        let seq = seq.replace(' ', "%20");
        paths.push(("PATCH", format!("/sessions/{session}/messages/{seq}")));
        paths.push(("DELETE", format!("/sessions/{session}/messages/{seq}")));
        paths.push(("PUT", format!("/sessions/{session}/messages/{seq}/reactions/%F0%9F%91%8D")));
    }
    for emoji in ["ok", "%2F", "%25", "%00", "%20", "%FF", "%F0%9F%91", "..%2F..", "%F0%9F%91%8D%F0%9F%91%8D", "+"] {
        paths.push(("PUT", format!("/sessions/{session}/messages/1/reactions/{emoji}")));
        paths.push(("DELETE", format!("/sessions/{session}/messages/1/reactions/{emoji}")));
    }
    for username in ["x", "%2F", "%00", "%FF", "..%2F", "MARK", "mark", "Lisa", "deleted-user", "%20mark"] {
        paths.push(("PUT", format!("/sessions/{session}/members/{username}")));
        paths.push(("DELETE", format!("/sessions/{session}/members/{username}")));
    }
    paths
}

fn odd_call(http: &Http, method: &str, path: &str) -> Reply {
    let body = json!({"text": "edited", "role": "member"});
    if method == "DELETE" { http.delete(path) } else { http.call(method, path).json(&body).send() }
}

#[test]
fn odd_paths_reveal_nothing_to_a_stranger_and_break_nothing() {
    let fixture = Fixture::new();
    let none = unknown(&fixture.room);
    for ((method, real), (_, unreal)) in odd_paths(&fixture.room).into_iter().zip(odd_paths(&none)) {
        let about_real = odd_call(&fixture.mark.http, method, &real);
        let about_none = odd_call(&fixture.mark.http, method, &unreal);
        assert_eq!(normalized(&about_real, &fixture.room), normalized(&about_none, &none), "{method} {real}");
        assert!([400, 404].contains(&about_real.status), "{method} {real}: {}", about_real.text());
    }
    for (method, path) in odd_paths(&fixture.room) {
        let reply = odd_call(&fixture.lisa.http, method, &path);
        assert!(reply.status < 500, "{method} {path}: {}", reply.text());
        if path.contains("/messages/") && !path.contains("/messages/1") {
            reply.refused(404, "not_found");
        }
    }
    for path in ["/sessions//messages/1", "/sessions//code", "/rooms//join", "/rooms/"] {
        fixture.avi.http.get(path).refused(404, "not_found");
    }
    for code in ["x", "%2F", "%00", "%FF", "..%2F.."] {
        fixture.avi.http.get(&format!("/rooms/{code}")).refused(404, "unknown_room");
    }
}
