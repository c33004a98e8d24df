//! A NUL in a name or code that is looked up makes it an unknown one; a value to be stored is invalid with it.

use crate::kit::*;

#[test]
fn a_name_with_a_nul_is_an_unknown_one() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    for name in ["li\0sa", "lisa\0", "\0lisa", "\0"] {
        let path = percent(name);
        for (method, path) in [
            ("GET", format!("/users/{path}")),
            ("PUT", format!("/blocks/{path}")),
            ("DELETE", format!("/blocks/{path}")),
            ("DELETE", format!("/sessions/{id}/members/{path}")),
        ] {
            avi.http.call(method, &path).send().refused(404, "unknown_user");
        }
        for (path, body) in [
            ("/invites", json!({"username": name})),
            ("/sessions", json!({"kind": "direct", "username": name})),
            ("/sessions", json!({"kind": "group", "title": "Trip", "usernames": ["lisa", name]})),
        ] {
            avi.http.post(path, body).refused(404, "unknown_user");
        }
        set_role(&avi.http, &id, &path, "admin").refused(404, "unknown_user");
        server.http().post("/login", json!({"username": name, "password": PASSWORD})).refused(400, "unknown_user");
        let presence = avi.http.get(&format!("/presence?usernames=avi,{path}")).ok();
        assert_eq!(texts(list(&presence, "presence"), "username"), ["avi"]);
    }
    // In the directory it separates words, as it does in any search.
    let found = |query: &str| texts(list(&avi.http.get(&format!("/users?query={query}")).ok(), "users"), "username");
    assert_eq!(found("li%00sa"), [""; 0]);
    lisa.http.patch("/me", json!({"display_name": "Lisa of Sark"})).ok();
    assert_eq!(found("li%00sa"), ["lisa"]);
    assert_eq!(found("%00"), [""; 0]);
}

#[test]
fn names_and_codes_with_a_nul_count_as_unknown_ones() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_UNKNOWN_NAMES", "2"), ("PARLOR_ROOM_MISSES", "2")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (_, code) = room(&lisa, json!({}));
    for _ in 0..2 {
        avi.http.get("/users/li%00sa").refused(404, "unknown_user");
        avi.http.get(&format!("/rooms/{code}%00")).refused(404, "unknown_room");
    }
    avi.http.get("/users/lisa").refused(429, "too_many_attempts");
    avi.http.get(&format!("/rooms/{code}")).refused(429, "too_many_attempts");
}

#[test]
fn a_value_to_be_stored_is_invalid_with_a_nul() {
    let server = Server::with(&[("PARLOR_EMOJI_BYTES", "0")]);
    let (avi, _, id) = pair(&server);
    avi.send_message(&id, "hello");
    let messages = format!("/sessions/{id}/messages");
    for (path, body, field) in [
        ("/register", json!({"username": "no\0a", "password": PASSWORD}), "username"),
        ("/guests", json!({"name": "no\0a"}), "name"),
        ("/login", json!({"username": "avi", "password": PASSWORD, "device": "pho\0ne"}), "device"),
        ("/sessions", json!({"kind": "room", "title": "Tr\0ip"}), "title"),
        ("/sessions", json!({"kind": "room", "key": "k\0"}), "key"),
        (&messages, json!({"text": "hel\0lo"}), "text"),
        (&messages, json!({"text": "hello", "key": "k\0"}), "key"),
    ] {
        avi.http.post(path, body).blames(field);
    }
    avi.http.patch("/me", json!({"display_name": "A\0vi"})).blames("display_name");
    let reaction = |emoji: &str| avi.http.put(&format!("{messages}/1/reactions/{}", percent(emoji)), json!({}));
    reaction("👍\0").blames("emoji");
    // Without a limit a reaction is still no longer than a database can index.
    reaction(&format!("e{}", "\u{301}".repeat(400))).ok();
    reaction(&format!("e{}", "\u{301}".repeat(600))).blames("emoji");
}

#[test]
fn a_cursor_with_a_nul_is_none_that_a_list_gave() {
    let server = Server::start();
    let (avi, _, id) = pair(&server);
    // "avi", "a\0vi" and "avi\0" in base64.
    for path in ["/users".to_owned(), format!("/sessions/{id}/members")] {
        let page = avi.http.get(&format!("{path}?cursor=YXZp")).ok();
        assert!(page.to_string().contains("lisa"), "{page}");
        for cursor in ["YQB2aQ", "YXZpAA", "YXZp%00"] {
            avi.http.get(&format!("{path}?cursor={cursor}")).blames("cursor");
        }
    }
    let mut his = avi.connect();
    his.refused(json!({"type": "members", "session": id, "cursor": "YQB2aQ"}), "invalid_request");
}
