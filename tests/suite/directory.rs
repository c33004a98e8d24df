//! The directory, in which logged-in users find each other.

use crate::kit::*;

#[test]
fn users_are_found_by_the_beginning_of_their_name() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for name in ["Lisa", "lisbeth", "mark"] {
        register(&server, name);
    }
    let find = |query: &str| {
        let found = avi.http.get(&format!("/users?query={query}")).ok();
        let mut names = texts(list(&found, "users"), "username");
        names.sort();
        names
    };
    assert_eq!(find("lis"), ["Lisa", "lisbeth"]);
    assert_eq!(find("LISA"), ["Lisa"]);
    assert_eq!(find("nobody"), [""; 0]);
    // The wildcards of SQL are ordinary characters in a name, or none.
    assert_eq!(find("%25"), [""; 0]);
    assert_eq!(find("l_s"), [""; 0]);
}

#[test]
fn the_directory_comes_in_pages() {
    let server = Server::start();
    let avi = register(&server, "avi");
    for number in 0..6 {
        let body = json!({"username": format!("user{number}"), "password": PASSWORD});
        server.http().post("/register", body).ok();
    }
    let mut names = Vec::new();
    let mut path = "/users?query=user&limit=4".to_owned();
    loop {
        let page = avi.http.get(&path).ok();
        assert!(list(&page, "users").len() <= 4);
        names.extend(texts(list(&page, "users"), "username"));
        match page["next"].as_str() {
            Some(next) => path = format!("/users?query=user&limit=4&cursor={next}"),
            None => break,
        }
    }
    names.sort();
    assert_eq!(names, ["user0", "user1", "user2", "user3", "user4", "user5"]);
}

#[test]
fn a_person_is_found_by_name_in_any_case() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let lisa = register(&server, "Lisa");
    let user = avi.http.get("/users/lISA").ok()["user"].clone();
    assert_eq!(user["id"], lisa.id.as_str());
    assert_eq!(user["username"], "Lisa");
    assert_eq!(user["kind"], "account");
    assert_eq!(user["status"], "offline", "the directory is open");
    avi.http.get("/users/nobody-here").refused(404, "unknown_user");
    avi.http.get("/users/%F0%9F%94%91").refused(404, "unknown_user");
}

#[test]
fn presence_shows_in_the_directory_unless_one_is_blocked() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let lisa = register(&server, "lisa");
    let _socket = lisa.connect();
    let status = |person: &Person, name: &str| {
        let answer = person.http.get(&format!("/users/{name}")).ok();
        answer["user"]["status"].clone()
    };
    assert_eq!(status(&avi, "lisa"), "online");

    lisa.http.put("/blocks/avi", json!({})).done();
    let seen = avi.http.get("/users/lisa").ok()["user"].clone();
    assert_eq!(seen["status"], Value::Null, "the blocked sees nothing");
    assert_eq!(seen["last_seen"], Value::Null);
    assert_eq!(status(&lisa, "avi"), Value::Null, "it works both ways");

    lisa.http.delete("/blocks/avi").done();
    assert_eq!(status(&avi, "lisa"), "online");
}

#[test]
fn a_closed_directory_shows_only_those_one_talks_with() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed")]);
    let (avi, _lisa, _) = pair(&server);
    register(&server, "mark");
    avi.http.get("/users/lisa").ok();
    // A hidden user cannot be distinguished from one that does not exist.
    let hidden = avi.http.get("/users/mark").refused(404, "unknown_user");
    let absent = avi.http.get("/users/kram").refused(404, "unknown_user");
    let anonymous = |problem: &Value| problem.to_string().replace("mark", "kram");
    assert_eq!(anonymous(&hidden), anonymous(&absent));
    let found = avi.http.get("/users?query=").ok();
    let names = texts(list(&found, "users"), "username");
    assert!(!names.contains(&"mark".to_owned()), "{names:?}");
    assert!(names.contains(&"lisa".to_owned()), "{names:?}");
}

#[test]
fn a_closed_directory_comes_in_pages_of_those_one_talks_with() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed"), ("PARLOR_SESSIONS_PER_MINUTE", "0")]);
    let avi = register(&server, "avi");
    for number in 0..5 {
        let guest = Person::visit(&server, &format!("guest{number}"));
        if number != 2 {
            befriend(&avi, &guest);
        }
    }
    let mut names = Vec::new();
    let mut path = "/users?limit=2".to_owned();
    loop {
        let page = avi.http.get(&path).ok();
        assert!(list(&page, "users").len() <= 2);
        for user in list(&page, "users") {
            assert_eq!(user["status"], "offline", "whom one finds one sees");
        }
        names.extend(texts(list(&page, "users"), "username"));
        match page["next"].as_str() {
            Some(next) => path = format!("/users?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["avi", "guest0", "guest1", "guest3", "guest4"]);
}

#[test]
fn sharing_the_lobby_makes_nobody_visible() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed"), ("PARLOR_LOBBY", "on")]);
    let (avi, mark, gwen) = (register(&server, "avi"), register(&server, "mark"), Person::visit(&server, "gwen"));
    let lobby = |person: &Person| {
        let sessions = person.http.get("/sessions").ok();
        list(&sessions, "sessions").iter().find(|one| one["kind"] == "lobby").unwrap().clone()
    };
    let id = text(&lobby(&avi), "id").to_owned();
    let (mut his, _theirs, _hers) = (avi.connect(), mark.connect(), gwen.connect());
    mark.send_message(&id, "hello");
    his.receive(&id);
    assert_eq!(list(&avi.connect().ready, "online").len(), 0);
    his.expect_no("presence");
    for name in ["mark", "gwen"] {
        avi.http.get(&format!("/users/{name}")).refused(404, "unknown_user");
        let here = avi.http.get(&format!("/presence?usernames={name}")).ok();
        assert_eq!(list(&here, "presence").len(), 0);
    }
    assert_eq!(texts(list(&avi.http.get("/users").ok(), "users"), "username"), ["avi"]);
    assert_eq!(list(&avi.http.get("/presence").ok(), "presence").len(), 0);
    // A deleted user is counted no more.
    assert_eq!(lobby(&avi)["member_count"], 3);
    gwen.http.call("POST", "/logout").send().done();
    assert_eq!(lobby(&avi)["member_count"], 2);
    mark.delete_account();
    assert_eq!(lobby(&avi)["member_count"], 1);
    let page = avi.http.get(&format!("/sessions/{id}/messages")).ok();
    assert_eq!(list(&page, "messages")[0]["username"], "deleted-user");
}
