//! A GET has no effect where nobody has asked for it yet.

use super::gets;
use crate::kit::*;

/// How browsers of several years, and those who show previews, say that nobody has asked yet; HEAD does too.
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
fn no_get_has_an_effect_that_nobody_has_asked_for() {
    // Nobody ends by being away meanwhile.
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "600"), ("PARLOR_LOBBY_LOGIN_SECONDS", "600")]);
    let (avi, _, session) = pair(&server);
    let (gwen, code) = create_as(&server, "Gwen");
    let mut hers = enter_room(&server, Carrier::Socket, &gwen);
    let zoe = join_as(&server, "Zoe", &code);
    // Is in the room, and takes nothing of what is said there.
    let _away = enter_room(&server, Carrier::Polling, &zoe);
    let lobby = server.http().get("//login/fred").ok();
    assert_eq!(hers.ask("message", json!({"data": "hello"})), json!({"result": "success"}));
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
    let mut polls = Packets::connect(server.door(), Carrier::Polling, &avi.token);
    for (method, name, value) in AHEAD {
        let path = format!("//socket.io/?EIO=4&transport=polling&sid={}", polls.sid);
        assert_eq!(server.http().call(method, &path).header(name, value).send().status, 400, "{method} {name}");
        let path = "//socket.io/?EIO=4&transport=polling";
        assert_eq!(server.http().call(method, path).header(name, value).send().status, 400, "{method} {name}");
    }
    polls.ok("ping", json!({}));
    // And where somebody does ask, all of it happens.
    let ask = |path: &str| server.http().call("GET", path).header("Cookie", &cookies).send();
    ask("//room");
    until("the room's page has moved the mark", PATIENCE, || state(&server) != before);
    assert!(ask("//").header("set-cookie").is_some_and(|cookie| cookie.starts_with("parlor_rooms=;")));
    ask("//logout/fred").ok();
}
