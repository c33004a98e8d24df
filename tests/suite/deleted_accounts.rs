//! Deleted accounts: they are not found, their names are not reused, and their messages remain.

use crate::invites::{invite, pending};
use crate::kit::*;

fn delete(person: &Person, body: &Value) -> Reply {
    person.http.call("DELETE", "/me").json(body).send()
}

#[test]
fn deleting_needs_the_password() {
    let server = Server::start();
    let avi = register(&server, "avi");
    delete(&avi, &json!({})).blames("current_password");
    delete(&avi, &json!({"current_password": 7})).blames("current_password");
    delete(&avi, &json!({"current_password": "not this one"})).refused(403, "wrong_password");
    avi.http.get("/me").ok();
    let reply = delete(&avi, &json!({"current_password": PASSWORD}));
    reply.done();
    assert!(reply.header("set-cookie").is_some_and(|cookie| cookie.starts_with("parlor_token=;")));
}

#[test]
fn every_token_and_connection_of_the_account_ends() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let phone = Person::login(&server, "avi");
    let mut sockets = [avi.connect(), phone.connect()];
    avi.delete_account();
    for socket in &mut sockets {
        assert_eq!(socket.close_code(), 4502);
    }
    for person in [&avi, &phone] {
        person.http.get("/me").refused(401, "unauthenticated");
    }
}

#[test]
fn the_name_of_a_deleted_account_is_never_free_again() {
    let mut server = Server::start();
    register(&server, "Avi").delete_account();
    for _ in 0..2 {
        for name in ["Avi", "avi"] {
            let account = json!({"username": name, "password": PASSWORD});
            server.http().post("/register", account.clone()).refused(409, "username_taken");
            server.http().post("/guests", json!({"name": name})).refused(409, "username_taken");
            let known = server.http().post("/login", account).refused(400, "unknown_user");
            let nobody = json!({"username": "nobody-here", "password": PASSWORD});
            assert_eq!(known, server.http().post("/login", nobody).refused(400, "unknown_user"));
        }
        server.restart();
    }
    // Several may go, and all are then called alike.
    register(&server, "lisa").delete_account();
}

#[test]
fn nobody_finds_a_deleted_account() {
    for directory in ["open", "closed"] {
        let server = Server::with(&[("PARLOR_DIRECTORY", directory)]);
        let (avi, lisa, _) = pair(&server);
        lisa.http.put("/blocks/avi", json!({})).done();
        lisa.http.delete("/blocks/avi").done();
        avi.delete_account();
        for name in ["avi", "deleted-user"] {
            lisa.http.get(&format!("/users/{name}")).refused(404, "unknown_user");
            lisa.http.put(&format!("/blocks/{name}"), json!({})).refused(404, "unknown_user");
            lisa.http.post("/invites", json!({"username": name})).refused(404, "unknown_user");
            let open = json!({"kind": "direct", "username": name});
            lisa.http.post("/sessions", open).refused(404, "unknown_user");
            let found = lisa.http.get(&format!("/users?query={name}")).ok();
            assert_eq!(list(&found, "users").len(), 0, "{found}");
            let here = lisa.http.get(&format!("/presence?usernames={name}")).ok();
            assert_eq!(list(&here, "presence").len(), 0, "{here}");
        }
        let around = lisa.http.get("/presence").ok();
        assert_eq!(list(&around, "presence").len(), 0, "{around}");
        let mut hers = lisa.connect();
        assert_eq!(list(&hers.ready, "online").len(), 0);
        hers.refused(json!({"type": "send", "to": "avi", "text": "hi"}), "unknown_user");
    }
}

#[test]
fn a_direct_session_remains_readable_for_the_other() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.send_message(&session, "hello");
    avi.delete_account();
    let page = lisa.http.get(&format!("/sessions/{session}/messages")).ok();
    let sent = &list(&page, "messages")[0];
    assert_eq!((&sent["sender"], &sent["username"]), (&json!(avi.id), &json!("deleted-user")));
    assert_eq!(sent["text"], "hello");
    let view = lisa.http.get(&format!("/sessions/{session}")).ok()["session"].clone();
    assert_eq!(view["title"], "deleted-user");
    let members = lisa.http.get(&format!("/sessions/{session}/members")).ok();
    let him = list(&members, "members").iter().find(|one| one["user"]["id"] == avi.id.as_str()).unwrap();
    assert_eq!((&him["user"]["deleted"], &him["user"]["username"]), (&json!(true), &json!("deleted-user")));
    assert_eq!(him["user"]["display_name"], "deleted-user");
    assert!(!members.to_string().contains("avi"), "{members}");
}

#[test]
fn the_others_of_a_direct_session_are_notified_and_cannot_send() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    avi.send_message(&session, "hello");
    let mut hers = lisa.connect();
    let _his = avi.connect();
    hers.expect("presence");
    avi.delete_account();
    let received = hers.expect("member");
    assert_eq!((&received["session"], &received["user"]["id"]), (&json!(session), &json!(avi.id)));
    assert_eq!((&received["user"]["deleted"], &received["user"]["username"]), (&json!(true), &json!("deleted-user")));
    hers.wait_for("that he is offline", |frame| frame["type"] == "presence" && frame["status"] == "offline");
    hers.refused(json!({"type": "send", "session": session, "text": "still there?"}), "forbidden");
    let messages = format!("/sessions/{session}/messages");
    lisa.http.post(&messages, json!({"text": "still there?"})).refused(403, "forbidden");
}

#[test]
fn groups_are_handed_over_and_left() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let group = json!({"kind": "group", "title": "Walkers", "usernames": ["lisa"]});
    let group = text(&avi.http.post("/sessions", group).ok()["session"], "id").to_owned();
    let alone = avi.http.post("/sessions", json!({"kind": "group", "title": "Mine", "usernames": []})).ok();
    let alone = text(&alone["session"], "id").to_owned();
    avi.send_message(&group, "hello");
    let mut hers = lisa.connect();
    avi.delete_account();
    let gone = hers.wait_for("that he left", |frame| frame["type"] == "member" && frame["state"] == "left");
    assert_eq!((&gone["user"]["id"], &gone["user"]["deleted"]), (&json!(avi.id), &json!(true)));
    let heir = hers.wait_for("who owns it", |frame| frame["type"] == "member" && frame["role"] == "owner");
    assert_eq!(heir["user"]["username"], "lisa");
    let view = lisa.http.get(&format!("/sessions/{group}")).ok()["session"].clone();
    assert_eq!((&view["role"], &view["member_count"]), (&json!("owner"), &json!(1)));
    let page = lisa.http.get(&format!("/sessions/{group}/messages")).ok();
    assert_eq!(list(&page, "messages")[0]["username"], "deleted-user");
    lisa.http.get(&format!("/sessions/{alone}")).refused(404, "not_found");
}

#[test]
fn invites_of_and_to_a_deleted_account_are_closed() {
    let server = Server::start();
    let (avi, lisa, mark) = (register(&server, "avi"), register(&server, "lisa"), register(&server, "mark"));
    invite(&avi, "lisa");
    invite(&mark, "avi");
    let (mut hers, mut his) = (lisa.connect(), mark.connect());
    avi.delete_account();
    for socket in [&mut hers, &mut his] {
        let received = socket.expect("invite_answered")["invite"].clone();
        assert_eq!(received["state"], "withdrawn");
        assert!(!received.to_string().contains("\"avi\""), "{received}");
    }
    assert_eq!(pending(&lisa, "in"), [""; 0]);
    assert_eq!(pending(&mark, "out"), [""; 0]);
}

#[test]
fn blocks_by_and_of_a_deleted_account_are_removed() {
    let server = Server::start();
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    lisa.http.put("/blocks/avi", json!({})).done();
    avi.http.put("/blocks/lisa", json!({})).done();
    avi.delete_account();
    assert_eq!(list(&lisa.http.get("/blocks").ok(), "blocks").len(), 0);
}

#[test]
fn a_login_during_the_deletion_leaves_no_token() {
    let server = Server::with(&[("PARLOR_LOGIN_FAILURES", "0"), ("PARLOR_ADDRESS_LOGIN_FAILURES", "0")]);
    let avi = register(&server, "avi");
    let account = json!({"username": "avi", "password": PASSWORD});
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let threads = || server.http().post("/login", account.clone());
        let begun: Vec<_> = (0..6).map(|_| scope.spawn(threads)).collect();
        avi.delete_account();
        begun.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for reply in replies {
        if reply.status == 200 {
            let token = text(&reply.json(), "token").to_owned();
            server.http().with_token(&token).get("/me").refused(401, "unauthenticated");
        }
    }
}

#[test]
fn commands_in_flight_at_the_deletion_are_refused() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let (mark, nina) = (register(&server, "mark"), register(&server, "nina"));
    let room = lisa.http.post("/sessions", json!({"kind": "room"})).ok()["session"].clone();
    let code = text(&room, "code");
    std::thread::scope(|scope| {
        let (http, session) = (&avi.http, &session);
        let call = move |at: usize| match at % 7 {
            0 => http.patch("/me", json!({"display_name": "Still Avi"})),
            1 => http.put("/blocks/lisa", json!({})),
            2 => http.delete("/blocks/lisa"),
            3 => http.post("/sessions", json!({"kind": "direct", "username": "mark"})),
            4 => http.post("/sessions", json!({"kind": "group", "title": "Late", "usernames": ["mark"]})),
            5 => http.post("/invites", json!({"username": "nina"})),
            _ => http.post(&format!("/rooms/{code}/join"), json!({})),
        };
        for at in 0..14 {
            scope.spawn(move || assert!([200, 204, 401].contains(&call(at).status)));
        }
        avi.delete_account();
        // Behind it nothing of his is kept, by whatever way it came.
        let late = avi.http.post(&format!("/sessions/{session}/messages"), json!({"text": "late"}));
        late.refused(401, "unauthenticated");
    });
    for person in [&lisa, &mark] {
        for held in list(&person.http.get("/sessions").ok(), "sessions") {
            let members = person.http.get(&format!("/sessions/{}/members", text(held, "id"))).ok();
            let him = list(&members, "members").iter().find(|one| one["user"]["id"] == avi.id.as_str());
            if held["kind"] == "direct" {
                assert_eq!(him.unwrap()["user"]["display_name"], "deleted-user");
            } else {
                assert_eq!(him, None, "{held}");
            }
        }
    }
    assert_eq!(pending(&nina, "in"), [""; 0]);
}
