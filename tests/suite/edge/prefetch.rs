//! A GET has no effect while it is a prefetch or preview.

use super::gets;
use crate::kit::*;

/// How browsers of several years, and those who show previews, mark a request that no user has made yet; HEAD does too.
const AHEAD: [(&str, &str, &str); 8] = [
    ("HEAD", "X", "y"),
    ("GET", "Sec-Purpose", "prefetch"),
    ("GET", "Sec-Purpose", "prefetch;prerender"),
    ("GET", "Sec-Purpose", "Prefetch;anonymous-client-ip"),
    ("GET", "Purpose", "prefetch"),
    ("GET", "Purpose", "preview"),
    ("GET", "X-Purpose", "preview"),
    ("GET", "X-Moz", "prefetch"),
];

/// All that could have changed, as one number for each table. When a token was last used is not an effect.
fn state(server: &Server) -> Vec<i64> {
    [
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM tokens",
        "SELECT count(*) FROM sessions",
        "SELECT coalesce(sum(seq + rev), 0) FROM sessions",
        // Gwen is connected: what she receives moves her own marks in its own time.
        "SELECT coalesce(sum(read + received + rev + state), 0) FROM members WHERE user_id NOT IN (SELECT id FROM users WHERE \
         display_name = 'Gwen')",
        "SELECT count(*) FROM invites",
        "SELECT count(*) FROM blocks",
    ]
    .into_iter()
    .map(|query| server.count(query))
    .collect()
}

#[test]
fn a_prefetched_get_has_no_effect() {
    // No guest expires meanwhile.
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "600"), ("PARLOR_LOBBY_LOGIN_SECONDS", "600")]);
    let (avi, _, session) = pair(&server);
    let (gwen, code) = create_as(&server, "Gwen");
    let mut hers = enter_room(&server, Transport::Socket, &gwen);
    let zoe = join_as(&server, "Zoe", &code);
    // Is in the room, and its marks do not move.
    let _away = enter_room(&server, Transport::Polling, &zoe);
    let lobby = server.http().get("//login/fred").ok();
    assert_eq!(hers.request("message", json!({"data": "hello"})), json!({"result": "success"}));
    let cookies = format!("parlor_rooms={}; parlor_lobby={}", zoe.token, text(&lobby, "token"));
    let mut paths = gets(&session);
    paths.extend(["//login/nina", "//login/fred", "//logout/fred"].map(str::to_owned));
    let before = state(&server);
    for path in paths {
        for (method, name, value) in AHEAD {
            let header = avi.http.call(method, &path).header("username", "avi").header("jwt", &avi.token);
            for call in [header, server.http().call(method, &path).header("Cookie", &cookies)] {
                let reply = call.header(name, value).send();
                assert_eq!(reply.header("set-cookie"), None, "{method} {path} {name}: {value}");
            }
        }
    }
    assert_eq!(state(&server), before);
    // Nor does a poll take anything.
    let mut polls = SocketIoClient::connect(server.endpoint(), Transport::Polling, &avi.token);
    for (method, name, value) in AHEAD {
        let path = format!("//socket.io/?EIO=4&transport=polling&sid={}", polls.sid);
        assert_eq!(server.http().call(method, &path).header(name, value).send().status, 400, "{method} {name}");
        let path = "//socket.io/?EIO=4&transport=polling";
        assert_eq!(server.http().call(method, path).header(name, value).send().status, 400, "{method} {name}");
    }
    polls.ok("ping", json!({}));
    // And a request by a user has all its effects.
    let request = |path: &str| server.http().call("GET", path).header("Cookie", &cookies).send();
    request("//room");
    until("the room's page has moved the mark", PATIENCE, || state(&server) != before);
    assert!(request("//").header("set-cookie").is_some_and(|cookie| cookie.starts_with("parlor_rooms=;")));
    request("//logout/fred").ok();
}
