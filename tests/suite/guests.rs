//! Guests: a name and nothing else, for a visit that ends with its token.

use crate::kit::*;

fn create_guest(http: &Http, name: &str) -> Reply {
    http.post("/guests", json!({"name": name}))
}

fn login(server: &Server, username: &str, password: &str) -> Reply {
    server.http().post("/login", json!({"username": username, "password": password}))
}

fn sign_up(server: &Server, username: &str) -> Reply {
    server.http().post("/register", json!({"username": username, "password": PASSWORD}))
}

/// The name of a guest, and a way to end its token.
type Ending = (&'static str, fn(&Person));

/// Every way in which a guest's token can end.
fn endings() -> [Ending; 3] {
    [
        ("logs-out", |guest| guest.http.call("POST", "/logout").send().done()),
        ("ends-the-token", |guest| {
            let tokens = guest.http.get("/tokens").ok();
            let id = text(&list(&tokens, "tokens")[0], "id").to_owned();
            guest.http.delete(&format!("/tokens/{id}")).done();
        }),
        // No password is needed, since there is none, and no body.
        ("goes", |guest| guest.http.delete("/me").done()),
    ]
}

#[test]
fn a_guest_needs_only_a_name() {
    let server = Server::start();
    let reply = create_guest(&server.http(), "Gwen");
    let answer = reply.ok();
    assert!(text(&answer, "token").starts_with("prl_"));
    assert!(text(&answer, "expires_at").ends_with('Z'));
    let user = &answer["user"];
    assert_eq!((&user["username"], &user["display_name"]), (&json!("Gwen"), &json!("Gwen")));
    assert_eq!((&user["kind"], &user["status"]), (&json!("guest"), &json!("offline")));
    let cookie = reply.header("set-cookie").expect("a cookie, as a login sets it");
    let parts: Vec<&str> = cookie.split(';').map(str::trim).collect();
    assert_eq!(parts[0], format!("parlor_token={}", text(&answer, "token")));
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(parts.contains(&wanted), "{cookie} lacks {wanted}");
    }
    let me = server.http().with_token(text(&answer, "token")).get("/me").ok();
    assert_eq!((&me["user"]["id"], &me["accepts"]), (&user["id"], &json!("anyone")));
}

#[test]
fn names_of_guests_and_accounts_do_not_collide_either_way() {
    let server = Server::start();
    Person::visit(&server, "Gwen");
    register(&server, "avi");
    for name in ["Gwen", "gwen", "GWEN"] {
        create_guest(&server.http(), name).refused(409, "username_taken");
        sign_up(&server, name).refused(409, "username_taken");
    }
    for name in ["avi", "AVI"] {
        create_guest(&server.http(), name).refused(409, "username_taken");
    }
}

#[test]
fn of_guests_with_one_name_at_once_one_gets_it() {
    let server = Server::start();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let server = &server;
        let guests = (0..4).map(|_| scope.spawn(|| create_guest(&server.http(), "gwen").status));
        let accounts = (0..4).map(|_| scope.spawn(|| sign_up(server, "Gwen").status));
        let threads: Vec<_> = guests.chain(accounts).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
}

#[test]
fn a_guests_name_has_the_shape_of_a_username() {
    let server = Server::start();
    for name in ["", "a", "_gwen", "g wen", "gwén", &"a".repeat(33)] {
        create_guest(&server.http(), name).blames("name");
    }
    server.http().post("/guests", json!({})).blames("name");
    server.http().post("/guests", json!({"name": 7})).blames("name");
    for name in ["admin", "System", "deleted-user"] {
        create_guest(&server.http(), name).refused(409, "username_taken");
    }
}

#[test]
fn guests_can_be_switched_off() {
    let server = Server::with(&[("PARLOR_GUESTS", "off")]);
    let problem = create_guest(&server.http(), "gwen").refused(403, "forbidden");
    assert!(text(&problem, "detail").contains("Guests"), "{problem}");
    register(&server, "gwen");
}

#[test]
fn new_guests_and_new_accounts_share_one_rate() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_ACCOUNTS_PER_MINUTE", "1"), ("PARLOR_ACCOUNTS_BURST", "2")]);
    create_guest(&server.http(), "gwen").ok();
    sign_up(&server, "avi").ok();
    let reply = create_guest(&server.http(), "gwyn");
    reply.refused(429, "rate_limited");
    reply.retry_after();
    sign_up(&server, "lisa").refused(429, "rate_limited");
    create_guest(&server.http().at_address("127.0.0.2"), "gwyn").ok();
}

#[test]
fn nobody_logs_in_as_a_guest() {
    let server = Server::start();
    Person::visit(&server, "gwen");
    for password in ["", PASSWORD] {
        let guest = login(&server, "gwen", password).refused(400, "unknown_user");
        let nobody = login(&server, "nemo", password).refused(400, "unknown_user");
        assert_eq!(guest, nobody);
    }
}

#[test]
fn a_guest_may_send_and_receive_like_an_account() {
    let server = Server::start();
    let (gwen, avi) = (Person::visit(&server, "gwen"), register(&server, "avi"));
    let session = befriend(&gwen, &avi);
    let (mut hers, mut his) = (gwen.connect(), avi.connect());
    assert_eq!(hers.ready["user"]["kind"], "guest");
    hers.send_message(&session, "hello");
    assert_eq!(his.receive(&session), "hello");
    his.send_message(&session, "welcome");
    assert_eq!(hers.receive(&session), "welcome");
    let seen = avi.http.get("/users/GWEN").ok()["user"].clone();
    assert_eq!((&seen["kind"], &seen["status"]), (&json!("guest"), &json!("online")));
    // A guest invites, is invited and blocks like an account.
    let mark = register(&server, "mark");
    gwen.http.post("/invites", json!({"username": "mark"})).ok();
    mark.http.post("/invites", json!({"username": "gwen"})).ok();
    assert_eq!(list(&gwen.http.get("/sessions").ok(), "sessions").len(), 2, "their invites crossed");
    gwen.http.put("/blocks/mark", json!({})).done();
}

#[test]
fn a_guest_has_a_display_name_but_no_password() {
    let server = Server::start();
    let gwen = Person::visit(&server, "gwen");
    let change = json!({"display_name": "Gwen of the Hill", "accepts": "invited"});
    let me = gwen.http.patch("/me", change).ok();
    assert_eq!((&me["user"]["display_name"], &me["accepts"]), (&json!("Gwen of the Hill"), &json!("invited")));
    let change = json!({"display_name": "X", "password": "a good long one", "current_password": ""});
    gwen.http.patch("/me", change).refused(403, "forbidden");
    assert_eq!(gwen.http.get("/me").ok()["user"]["display_name"], "Gwen of the Hill");
}

#[test]
fn a_guest_exists_until_its_token_ends_also_over_a_restart() {
    let mut server = Server::start();
    let gwen = Person::visit(&server, "gwen");
    server.restart();
    gwen.connect();
    gwen.http.get("/me").ok();
    create_guest(&server.http(), "gwen").refused(409, "username_taken");
}

#[test]
fn a_guest_ends_with_its_token() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for (name, end) in endings() {
        let gwen = Person::visit(&server, name);
        let mut socket = gwen.connect();
        end(&gwen);
        assert_eq!(socket.close_code(), 4502, "{name}");
        gwen.http.get("/me").refused(401, "unauthenticated");
        avi.http.get(&format!("/users/{name}")).refused(404, "unknown_user");
        let found = avi.http.get(&format!("/users?query={name}")).ok();
        assert_eq!(list(&found, "users").len(), 0, "{name}");
        // The name is free, and its next owner is another user.
        let next = Person::visit(&server, &name.to_uppercase());
        assert_ne!(next.id, gwen.id);
        assert_eq!(avi.http.get(&format!("/users/{name}")).ok()["user"]["id"], next.id.as_str());
    }
}

#[test]
fn logging_out_removes_the_cookie() {
    let server = Server::start();
    let reply = Person::visit(&server, "gwen").http.delete("/me");
    reply.done();
    assert!(reply.header("set-cookie").is_some_and(|cookie| cookie.starts_with("parlor_token=;")));
}

#[test]
fn an_account_may_take_the_name_of_a_guest_who_left() {
    let server = Server::start();
    Person::visit(&server, "gwen").http.call("POST", "/logout").send().done();
    register(&server, "gwen");
    create_guest(&server.http(), "gwen").refused(409, "username_taken");
}

#[test]
fn a_guest_whose_token_expires_ends() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let gwen = Person::visit(&server, "gwen");
    let session = befriend(&gwen, &avi);
    gwen.send_message(&session, "I was here");
    server.terminate();
    server.sql("UPDATE tokens SET expires_at = 1 WHERE door = 1");
    server.open().unwrap();
    gwen.http.get("/me").refused(401, "unauthenticated");
    // Swept soon after the start.
    until("the name is free", PATIENCE, || create_guest(&server.http(), "gwen").status == 200);
    avi.http.get("/me").ok();
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(list(&page, "messages")[0]["sender"], gwen.id.as_str());
}

#[test]
fn messages_of_a_guest_keep_id_and_name() {
    let server = Server::start();
    let (gwen, avi) = (Person::visit(&server, "gwen"), register(&server, "avi"));
    let session = befriend(&gwen, &avi);
    gwen.send_message(&session, "hello");
    gwen.http.call("POST", "/logout").send().done();
    let next = Person::visit(&server, "gwen");
    let page = avi.http.get(&format!("/sessions/{session}/messages")).ok();
    let sent = &list(&page, "messages")[0];
    assert_eq!((&sent["sender"], &sent["username"]), (&json!(gwen.id), &json!("gwen")));
    // The name's present owner has nothing of it.
    next.http.get(&format!("/sessions/{session}")).refused(404, "not_found");
    assert_eq!(list(&next.http.get("/sessions").ok(), "sessions").len(), 0);
}

#[test]
fn an_ended_guest_has_left_every_session() {
    let server = Server::start();
    let (gwen, avi) = (Person::visit(&server, "gwen"), register(&server, "avi"));
    let session = befriend(&gwen, &avi);
    let group = json!({"kind": "group", "title": "Walkers", "usernames": ["gwen"]});
    let group = text(&avi.http.post("/sessions", group).ok()["session"], "id").to_owned();
    let mut his = avi.connect();
    gwen.http.call("POST", "/logout").send().done();
    for id in [&session, &group] {
        let received =
            his.wait_for("that she left", |frame| frame["type"] == "member" && frame["session"] == id.as_str());
        assert_eq!((&received["state"], &received["user"]["id"]), (&json!("left"), &json!(gwen.id)));
        assert_eq!((&received["user"]["username"], &received["user"]["deleted"]), (&json!("gwen"), &json!(true)));
        let members = avi.http.get(&format!("/sessions/{id}/members")).ok();
        assert_eq!(texts(list(&members, "members"), "role").len(), 1, "{members}");
    }
    his.refused(json!({"type": "send", "session": session, "text": "still there?"}), "forbidden");
}

#[test]
fn invites_of_and_to_an_ended_guest_are_closed() {
    let server = Server::start();
    let (gwen, avi, lisa) = (Person::visit(&server, "gwen"), register(&server, "avi"), register(&server, "lisa"));
    gwen.http.post("/invites", json!({"username": "avi"})).ok();
    lisa.http.post("/invites", json!({"username": "gwen"})).ok();
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    gwen.http.call("POST", "/logout").send().done();
    for socket in [&mut his, &mut hers] {
        assert_eq!(socket.expect("invite_answered")["invite"]["state"], "withdrawn");
    }
    assert_eq!(list(&avi.http.get("/invites").ok(), "invites").len(), 0);
    // The next guest of that name has no invite.
    let next = Person::visit(&server, "gwen");
    assert_eq!(list(&next.http.get("/invites").ok(), "invites").len(), 0);
}
