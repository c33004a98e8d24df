//! Rooms, which users join by a code.

use crate::kit::*;

const ALPHABET: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn look(http: &Http, code: &str) -> Reply {
    http.get(&format!("/rooms/{}", percent(code)))
}

#[test]
fn a_room_has_a_code_of_ten_or_twelve_characters() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let mut seen_codes = Vec::new();
    for (more, length) in [(json!({}), 10), (json!({"keep": true}), 12), (json!({"keep": false}), 10)] {
        let session = {
            let mut body = more;
            body["kind"] = json!("room");
            avi.http.post("/sessions", body).ok()["session"].clone()
        };
        let code = text(&session, "code");
        assert_eq!(code.len(), length, "{code}");
        assert!(code.chars().all(|letter| ALPHABET.contains(letter)), "{code}");
        assert!(!seen_codes.contains(&code.to_owned()));
        seen_codes.push(code.to_owned());
        assert_eq!(
            (&session["kind"], &session["role"], &session["title"]),
            (&json!("room"), &json!("owner"), &json!("Room"))
        );
        assert_eq!((&session["rev"], &session["member_count"]), (&json!(0), &json!(1)));
    }
    let ok = avi.connect().ok(json!({"type": "open", "room": true, "title": "Den", "keep": true}));
    assert_eq!((text(&ok["session"], "code").len(), &ok["session"]["title"]), (12, &json!("Den")));
}

#[test]
fn a_user_who_joins_is_a_member_and_the_others_are_notified() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({"title": "Den"}));
    avi.send_message(&id, "first");
    let (mut his, mut acting, mut hers) = (avi.connect(), lisa.connect(), lisa.connect());
    let ok = acting.ok(json!({"type": "join", "code": code}));
    let added = hers.expect("session_added");
    for session in [&ok["session"], &added["session"]] {
        assert_eq!((&session["id"], &session["role"], &session["code"]), (&json!(id), &json!("member"), &json!(code)));
        assert_eq!((&session["rev"], &session["seq"], &session["unread"]), (&json!(3), &json!(2), &json!(0)));
    }
    let member = his.expect("member");
    assert_eq!((&member["state"], &member["rev"]), (&json!("joined"), &json!(2)));
    let notice = his.expect("message");
    assert_eq!((&notice["text"], &notice["rev"]), (&json!("lisa has entered"), &json!(3)));
    acting.expect_no("session_added");
    acting.expect_no("message");
    acting.send_message(&id, "hello");
    assert_eq!(his.receive(&id), "hello");
    assert_eq!(hers.receive(&id), "hello");
    assert_eq!(texts(&messages(&lisa, &id), "text"), ["first", "lisa has entered", "hello"]);
}

#[test]
fn joining_twice_changes_nothing() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({}));
    join(&lisa, &code);
    let mut his = avi.connect();
    for person in [&avi, &lisa] {
        assert_eq!(join(person, &code)["rev"], 2);
        assert_eq!(person.connect().ok(json!({"type": "join", "code": code}))["session"]["id"], id);
    }
    his.expect_no("member");
    assert_eq!(seen(&avi, &id)["member_count"], 2);
}

#[test]
fn case_spaces_and_hyphens_do_not_matter() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let (id, code) = room(&avi, json!({"keep": true}));
    let (left, right) = code.split_at(4);
    let spellings = [
        code.to_lowercase(),
        format!("{left}-{right}"),
        format!(" {left} {right} "),
        format!("{}--{}-", left.to_lowercase(), right),
    ];
    let mut hers = lisa.connect();
    for spelling in spellings {
        assert_eq!(look(&lisa.http, &spelling).ok()["member_count"], 1, "{spelling:?}");
        let reply = lisa.http.post(&format!("/rooms/{}/join", percent(&spelling)), json!({}));
        assert_eq!(reply.ok()["session"]["id"], id, "{spelling:?}");
        let ok = hers.ok(json!({"type": "join", "code": spelling}));
        assert_eq!(ok["session"]["id"], id);
        remove(&lisa.http, &id, "lisa").ok();
        hers.expect("session_removed");
    }
}

#[test]
fn a_user_with_the_code_may_see_the_room_before_joining() {
    let server = Server::with(&[("PARLOR_PRESENCE_GRACE_SECONDS", "3600")]);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let (_, code) = room(&avi, json!({"title": "Den", "keep": true}));
    join(&lisa, &code);
    let seen = |online: u64| json!({"title": "Den", "member_count": 2, "online_count": online});
    assert_eq!(look(&mark.http, &code).ok(), seen(0));
    let (his, second, hers) = (avi.connect(), avi.connect(), lisa.connect());
    assert_eq!(look(&mark.http, &code).ok(), seen(2), "people, not connections");
    his.goodbye();
    assert_eq!(look(&mark.http, &code).ok(), seen(2));
    second.goodbye();
    until("he is gone", PATIENCE, || look(&mark.http, &code).ok() == seen(1));
    hers.goodbye();
    until("she is gone", PATIENCE, || look(&mark.http, &code).ok() == seen(0));
    assert!(!mark.http.get("/sessions").ok().to_string().contains("Den"), "looking is not joining");
}

#[test]
fn a_visitor_with_a_link_may_see_the_room_without_a_login() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_ROOM_MISSES", "2")]);
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"title": "Den", "keep": true}));
    let nobody = server.http();
    let spelled = format!("{}-{}", &code[..5], &code[5..]).to_lowercase();
    for code in [&code, &spelled] {
        assert_eq!(look(&nobody, code).ok(), json!({"title": "Den", "member_count": 1, "online_count": 0}));
    }
    // The cookie of a login that has ended is sent by the browser; a header is meant.
    let stale = server.http().call("GET", &format!("/rooms/{code}")).header("Cookie", "parlor_token=prl_gone").send();
    assert_eq!(stale.ok()["title"], "Den");
    server.http().with_token("prl_gone").get(&format!("/rooms/{code}")).refused(401, "unauthenticated");
    // The preview shows nothing else, and guesses share the common budget.
    server.http().post(&format!("/rooms/{code}/join"), json!({})).refused(401, "unauthenticated");
    server.http().get(&format!("/sessions/{id}")).refused(401, "unauthenticated");
    for _ in 0..2 {
        look(&nobody, "2222222222").refused(404, "unknown_room");
    }
    look(&nobody, &code).refused(429, "too_many_attempts");
    look(&avi.http, &code).refused(429, "too_many_attempts");
    assert_eq!(look(&server.http().at_address("127.0.0.7"), &code).ok()["title"], "Den");
}

#[test]
fn a_new_code_makes_the_old_one_unknown() {
    let server = Server::with(&[("PARLOR_ROOM_MISSES", "0")]);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    for keep in [false, true] {
        let (id, old) = room(&avi, json!({"keep": keep}));
        join(&lisa, &old);
        set_role(&avi.http, &id, "lisa", "admin").ok();
        let mut hers = lisa.connect();
        lisa.http.post(&format!("/sessions/{id}/code"), json!({})).refused(403, "forbidden");
        mark.http.post(&format!("/sessions/{id}/code"), json!({})).refused(404, "not_found");
        let before = number(&seen(&avi, &id), "rev");
        let session = avi.http.post(&format!("/sessions/{id}/code"), json!({})).ok()["session"].clone();
        let new = text(&session, "code");
        assert_eq!(new.len(), old.len(), "kept or not, it stays what it is");
        assert_ne!(new, old);
        assert_eq!(session["rev"], before + 1);
        let changed = hers.expect("session_changed");
        assert_eq!((&changed["code"], &changed["rev"]), (&json!(new), &json!(before + 1)));
        assert_eq!(seen(&lisa, &id)["code"], new);
        let sync = lisa.http.get(&format!("/sessions/{id}/changes?rev={before}")).ok();
        assert_eq!((&sync["code"], &sync["to"]), (&json!(new), &json!(before + 1)));

        // A replaced code is answered as one that never existed.
        let bare = |reply: &Reply, code: &str| (reply.status, reply.text().replace(code, "CODE"));
        let never = if keep { "222222222222" } else { "2222222222" };
        for request in [
            |http: &Http, code: &str| look(http, code),
            |http: &Http, code: &str| http.post(&format!("/rooms/{code}/join"), json!({})),
        ] {
            request(&mark.http, &old).refused(404, "unknown_room");
            assert_eq!(bare(&request(&mark.http, &old), &old), bare(&request(&mark.http, never), never));
        }
        mark.connect().refused(json!({"type": "join", "code": old}), "unknown_room");
        mark.connect().refused(json!({"type": "join", "code": "not a code at all"}), "unknown_room");
        assert_eq!(join(&mark, new)["id"], id);
    }
}

#[test]
fn a_room_has_roles_like_a_group() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let (id, code) = room(&avi, json!({}));
    for person in [&lisa, &mark] {
        join(person, &code);
    }
    remove(&lisa.http, &id, "mark").refused(403, "forbidden");
    set_role(&avi.http, &id, "lisa", "admin").ok();
    remove(&lisa.http, &id, "mark").ok();
    mark.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    assert_eq!(join(&mark, &code)["role"], "member", "the code still opens; who is not wanted gets another code");
    remove(&avi.http, &id, "avi").ok();
    assert_eq!(roles(&mark, &id)["lisa"], "owner");
    lisa.http.post(&format!("/sessions/{id}/code"), json!({})).ok();
    lisa.http.delete(&format!("/sessions/{id}")).done();
    mark.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    look(&mark.http, &code).refused(404, "unknown_room");
}

#[test]
fn a_code_is_shown_to_members_only_and_a_key_repeated_gives_the_first_room() {
    let server = Server::start();
    let [avi, mark] = people(&server, ["avi", "mark"]);
    let (id, code) = room(&avi, json!({"key": "k1", "title": "Den"}));
    assert_eq!(room(&avi, json!({"key": "k1", "title": "Den"})), (id.clone(), code.clone()));
    let ok = avi.connect().ok(json!({"type": "open", "room": true, "title": "Den", "key": "k1"}));
    assert_eq!(ok["session"]["id"], id);
    assert_eq!(avi.connect().ready["sessions"][0]["code"], code);
    assert_eq!(avi.http.get("/sessions").ok()["sessions"][0]["code"], code);
    assert!(!look(&mark.http, &code).ok().to_string().contains(&id));
    assert_ne!(room(&mark, json!({"key": "k1"})).0, id, "a key is its maker's own");
    assert!(!server.log().contains(&code), "codes are never logged");
}
