//! Groups: making them, and their members.

use crate::kit::*;

fn make(owner: &Person, title: &str, names: &[&str]) -> Reply {
    owner.http.post("/sessions", json!({"kind": "group", "title": title, "usernames": names}))
}

fn pending_of(person: &Person, direction: &str) -> Vec<Value> {
    let answer = person.http.get(&format!("/invites?direction={direction}")).ok();
    let mut invites = list(&answer, "invites").to_vec();
    invites.retain(|one| one["state"] == "pending");
    invites
}

#[test]
fn users_who_accept_anyone_join_at_once_and_others_are_invited() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    mark.accepts_only_invited();
    let (mut his, mut hers, mut theirs) = (avi.connect(), lisa.connect(), mark.connect());
    let answer = make(&avi, "Trip", &["lisa", "mark"]).ok();
    let session = &answer["session"];
    let id = text(session, "id");
    assert_eq!((&session["kind"], &session["title"]), (&json!("group"), &json!("Trip")));
    assert_eq!((&session["role"], &session["member_count"]), (&json!("owner"), &json!(2)));
    for zero in ["seq", "rev", "read", "unread"] {
        assert_eq!(session[zero], 0, "first members cost no step: {session}");
    }
    for absent in ["code", "last_message"] {
        assert_eq!(session[absent], Value::Null);
    }
    let mut members: Vec<(&str, &str)> =
        list(session, "members").iter().map(|one| (text(&one["user"], "username"), text(one, "role"))).collect();
    members.sort_unstable();
    assert_eq!(members, [("avi", "owner"), ("lisa", "member")]);
    assert!(list(session, "members").iter().all(|one| text(one, "joined_at").ends_with('Z')));

    for (socket, role) in [(&mut his, "owner"), (&mut hers, "member")] {
        let added = socket.expect("session_added");
        assert_eq!((&added["session"]["id"], &added["session"]["rev"]), (&json!(id), &json!(0)));
        assert_eq!(added["session"]["role"], role);
    }
    let requested = theirs.expect("invite")["invite"].clone();
    assert_eq!(requested["session"], json!({"id": id, "title": "Trip"}));
    assert_eq!((&requested["from"]["username"], &requested["state"]), (&json!("avi"), &json!("pending")));
    theirs.expect_no("session_added");
    mark.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    his.send_message(id, "hello");
    assert_eq!(hers.receive(id), "hello");
    theirs.expect_no("message");
}

#[test]
fn the_socket_opens_a_group_too() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    let ok = his.ok(json!({"type": "open", "title": "Trip", "usernames": ["lisa"]}));
    let id = text(&ok["session"], "id");
    for socket in [&mut other, &mut hers] {
        assert_eq!(socket.expect("session_added")["session"]["id"], id);
    }
    his.expect_no("session_added");
    hers.send_message(id, "hello");
    assert_eq!(his.receive(id), "hello");
    assert_eq!(other.receive(id), "hello");
}

#[test]
fn an_unknown_name_refuses_the_whole_and_is_named() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    mark.accepts_only_invited();
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let problem = make(&avi, "Trip", &["lisa", "nobody-here", "mark"]).refused(404, "unknown_user");
    assert!(text(&problem, "detail").contains("nobody-here"), "{problem}");
    let open = json!({"type": "open", "title": "Trip", "usernames": ["mark", "nobody-there"]});
    let error = his.refused(open, "unknown_user");
    assert!(text(&error, "message").contains("nobody-there"), "{error}");
    hers.expect_no("session_added");
    assert_eq!(pending_of(&mark, "in").len(), 0);
    for person in [&avi, &lisa] {
        assert_eq!(list(&person.http.get("/sessions").ok(), "sessions").len(), 0);
    }
}

#[test]
fn a_key_repeated_gives_the_first_group() {
    let mut server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let body = json!({"kind": "group", "title": "Trip", "usernames": ["lisa"], "key": "k1"});
    let first = avi.http.post("/sessions", body.clone()).ok()["session"]["id"].clone();
    assert_eq!(avi.http.post("/sessions", body.clone()).ok()["session"]["id"], first);
    let open = json!({"type": "open", "title": "Trip", "usernames": ["lisa"], "key": "k1"});
    let mut hers = lisa.connect();
    assert_eq!(avi.connect().ok(open)["session"]["id"], first);
    server.restart();
    assert_eq!(avi.http.post("/sessions", body.clone()).ok()["session"]["id"], first);
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 1);
    // A key is its maker's own.
    assert_ne!(mark.http.post("/sessions", body).ok()["session"]["id"], first);
    assert_eq!(hers.ready["sessions"][0]["id"], first);
    assert!([1012, 1001].contains(&hers.close_code()));
    hers.take_kept().iter().for_each(|frame| assert_ne!(frame["type"], "session_added"));
}

#[test]
fn repeated_names_and_the_makers_own_count_once() {
    let server = Server::start();
    let [avi, _lisa] = people(&server, ["avi", "lisa"]);
    let session = make(&avi, "Trip", &["lisa", "LISA", "avi"]).ok()["session"].clone();
    assert_eq!(session["member_count"], 2);
    let alone = make(&avi, "Notes", &[]).ok()["session"].clone();
    assert_eq!((&alone["member_count"], &alone["role"]), (&json!(1), &json!("owner")));
}

#[test]
fn a_group_needs_a_title_and_a_list_of_names() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let post = |body: Value| avi.http.post("/sessions", body);
    post(json!({"kind": "group", "usernames": []})).blames("title");
    for title in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
        make(&avi, title, &[]).blames("title");
    }
    post(json!({"kind": "group", "title": "Trip"})).blames("usernames");
    post(json!({"kind": "group", "title": "Trip", "usernames": "lisa"})).blames("usernames");
    post(json!({"kind": "group", "title": "Trip", "usernames": [7]})).blames("usernames");
    post(json!({"kind": "group", "title": "Trip", "usernames": [], "key": ""})).blames("key");
    post(json!({"kind": "crowd", "title": "Trip"})).blames("kind");
    make(&avi, &"я".repeat(100), &[]).ok();
}

#[test]
fn a_group_has_a_maximum_number_of_members() {
    let server = Server::with(&[("PARLOR_GROUP_MEMBERS", "3")]);
    let [avi, _lisa, _mark, nina] = people(&server, ["avi", "lisa", "mark", "nina"]);
    make(&avi, "Trip", &["lisa", "mark", "nina"]).refused(409, "limit_reached");
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 0);
    let answer = make(&avi, "Trip", &["lisa", "mark"]).ok();
    let id = text(&answer["session"], "id");
    // Whether the invite or its acceptance is refused, no user joins above the limit.
    let requested = avi.http.post("/invites", json!({"username": "nina", "session": id}));
    let refused = match requested.status {
        200 => nina.http.post(&format!("/invites/{}/accept", text(&requested.json()["invite"], "id")), json!({})),
        _ => requested,
    };
    refused.refused(409, "limit_reached");
    nina.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    let (_, code) = room(&avi, json!({}));
    for name in ["lisa", "mark"] {
        join(&Person::login(&server, name), &code);
    }
    nina.http.post(&format!("/rooms/{code}/join"), json!({})).refused(409, "limit_reached");
    nina.connect().refused(json!({"type": "join", "code": code}), "limit_reached");
}

#[test]
fn twenty_members_are_shown_and_all_are_listed_in_pages() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let names: Vec<String> = (0..24).map(|number| format!("user{number:02}")).collect();
    for name in &names {
        server.http().post("/register", json!({"username": name, "password": PASSWORD})).ok();
    }
    let body = json!({"kind": "group", "title": "Crowd", "usernames": names});
    let session = avi.http.post("/sessions", body).ok()["session"].clone();
    let id = text(&session, "id");
    assert_eq!((list(&session, "members").len(), &session["member_count"]), (20, &json!(25)));
    assert_eq!(roles(&avi, id).len(), 25);
    let mut his = avi.connect();
    let (mut cursor, mut listed) = (Value::Null, Vec::new());
    for _ in 0..4 {
        let path = format!("/sessions/{id}/members?limit=10&cursor={}", cursor.as_str().unwrap_or_default());
        let page = avi.http.get(path.trim_end_matches("&cursor=")).ok();
        listed.extend(list(&page, "members").iter().map(|one| text(&one["user"], "username").to_owned()));
        assert!(list(&page, "members").len() <= 10);
        cursor = page["next"].clone();
        if cursor.is_null() {
            break;
        }
    }
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 25);
    assert_eq!(list(&his.ok(json!({"type": "members", "session": id})), "members").len(), 25);
}

#[test]
fn an_invite_to_a_user_who_blocked_the_sender_is_never_shown() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    lisa.http.put("/blocks/avi", json!({})).done();
    let mut hers = lisa.connect();
    let session = make(&avi, "Trip", &["lisa"]).ok()["session"].clone();
    assert_eq!(session["member_count"], 1, "a block is as accepting nobody");
    hers.fence();
    assert_eq!(hers.take_kept(), [Value::Null; 0]);
    assert_eq!(pending_of(&lisa, "in").len(), 0);
    assert_eq!(pending_of(&avi, "out").len(), 1, "the blocked is answered as usual");
}

#[test]
fn more_invites_than_allowed_refuse_the_whole_group() {
    let server = Server::with(&[("PARLOR_PENDING_INVITES", "2")]);
    let [avi, lisa, mark, nina, omar] = people(&server, ["avi", "lisa", "mark", "nina", "omar"]);
    for person in [&lisa, &mark, &nina] {
        person.accepts_only_invited();
    }
    make(&avi, "Trip", &["omar", "lisa", "mark", "nina"]).refused(409, "limit_reached");
    for person in [&avi, &omar] {
        assert_eq!(list(&person.http.get("/sessions").ok(), "sessions").len(), 0);
    }
    assert_eq!(pending_of(&lisa, "in").len(), 0);
    make(&avi, "Trip", &["omar", "lisa", "mark"]).ok();
}

#[test]
fn making_sessions_has_a_rate() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SESSIONS_PER_MINUTE", "3")]);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    make(&avi, "Trip", &["lisa"]).ok();
    room(&avi, json!({}));
    avi.connect().ok(json!({"type": "open", "room": true}));
    let refused = make(&avi, "Band", &[]);
    refused.refused(429, "rate_limited");
    refused.retry_after();
    let error = avi.connect().refused(json!({"type": "open", "room": true}), "rate_limited");
    assert!(number(&error, "retry_after_ms") > 0);
    make(&lisa, "Hers", &[]).ok();
    assert_eq!(list(&avi.http.get("/sessions").ok(), "sessions").len(), 3);
}

#[test]
fn lists_are_ordered_by_latest_activity() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let direct = befriend(&avi, &lisa);
    let (trip, (den, code)) = (group(&avi, "Trip", &[&lisa]), room(&avi, json!({})));
    let order = |person: &Person| texts(list(&person.http.get("/sessions").ok(), "sessions"), "id");
    avi.send_message(&trip, "one");
    avi.send_message(&direct, "two");
    join(&lisa, &code);
    assert_eq!(order(&avi), [den.clone(), direct.clone(), trip.clone()], "a notice is activity too");
    lisa.send_message(&trip, "three");
    for person in [&avi, &lisa] {
        assert_eq!(order(person), [trip.clone(), den.clone(), direct.clone()]);
        assert_eq!(texts(list(&person.connect().ready, "sessions"), "id"), order(person));
    }
}

#[test]
fn any_message_can_be_replied_to_also_a_notice() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({}));
    join(&lisa, &code);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let reply = |seq: u64| json!({"type": "send", "session": id, "text": "welcome", "reply_to": seq});
    his.ok(reply(1));
    assert_eq!(hers.expect("message")["reply_to"], 1);
    for seq in [0, 3, 99] {
        his.refused(reply(seq), "invalid_request");
    }
    his.ok(json!({"type": "delete", "session": id, "seq": 2}));
    hers.ok(reply(2));
    assert_eq!(his.expect("message")["reply_to"], 2);
}

/// Looking so many people up is the dear part, whether or not the group comes about.
#[test]
fn refused_groups_count_for_the_rate_too() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SESSIONS_PER_MINUTE", "3"), ("PARLOR_UNKNOWN_NAMES", "0")]);
    let [avi] = people(&server, ["avi"]);
    let body = json!({"kind": "group", "title": "Trip", "usernames": ["nobody"]});
    for _ in 0..3 {
        avi.http.post("/sessions", body.clone()).refused(404, "unknown_user");
    }
    avi.http.post("/sessions", body).refused(429, "rate_limited");
}
