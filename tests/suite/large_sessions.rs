//! Large sessions: presence and typing are sent up to 200 members, receipts up to 50.

use crate::kit::*;

/// Guests, to fill a place: they cost no password.
fn extras(server: &Server, count: usize) -> Vec<String> {
    (0..count).map(|number| Person::visit(server, &format!("extra{number:03}")).username).collect()
}

/// A group of these and so many extras.
fn crowd(owner: &Person, others: &[&Person], extras: &[String]) -> String {
    let mut names: Vec<&str> = others.iter().map(|person| person.username.as_str()).collect();
    names.extend(extras.iter().map(String::as_str));
    let session = owner.http.post("/sessions", json!({"kind": "group", "title": "Crowd", "usernames": names})).ok();
    assert_eq!(session["session"]["member_count"], names.len() + 1);
    text(&session["session"], "id").to_owned()
}

fn online(socket: &Socket) -> Vec<&str> {
    list(&socket.ready, "online").iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn presence_is_pushed_in_groups_of_up_to_two_hundred_and_queried_above() {
    let server = Server::start();
    let extras = extras(&server, 199);
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    crowd(&avi, &[&lisa], &extras[..198]);
    let mut his = avi.connect();
    let hers = lisa.connect();
    assert!(online(&hers).contains(&"avi"));
    let received = his.expect("presence");
    assert_eq!((&received["username"], &received["status"]), (&json!("lisa"), &json!("online")));
    assert!(avi.http.get("/presence").ok().to_string().contains("lisa"));
    hers.goodbye();
    assert_eq!(his.expect("presence")["status"], "offline");

    // One more is too many to push to; clients ask for presence instead.
    crowd(&avi, &[&mark], &extras);
    let theirs = mark.connect();
    assert!(!online(&theirs).contains(&"avi"));
    his.expect_no("presence");
    assert!(!avi.http.get("/presence").ok().to_string().contains("mark"));
    let requested = avi.http.get("/presence?usernames=mark").ok();
    assert_eq!(list(&requested, "presence")[0]["status"], "online");
    theirs.goodbye();
    his.expect_no("presence");
}

#[test]
fn a_closed_directory_opens_between_members_also_of_a_large_group() {
    let server = Server::with(&[("PARLOR_DIRECTORY", "closed")]);
    let extras = extras(&server, 199);
    let [avi, mark, nina] = people(&server, ["avi", "mark", "nina"]);
    crowd(&avi, &[&mark], &extras);
    let _theirs = mark.connect();
    avi.http.get("/users/mark").ok();
    let requested = avi.http.get("/presence?usernames=mark").ok();
    assert_eq!(list(&requested, "presence")[0]["status"], "online");
    nina.http.get("/users/mark").refused(404, "unknown_user");
    assert!(!nina.http.get("/presence?usernames=mark").ok().to_string().contains("online"));
}

#[test]
fn presence_begins_and_ends_with_sharing_a_group() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let mut his = avi.connect();
    let (id, code) = room(&avi, json!({}));
    let hers = lisa.connect();
    join(&lisa, &code);
    his.expect("member");
    assert!(online(&avi.connect()).contains(&"lisa"));
    hers.goodbye();
    let gone = |frame: &Value| frame["type"] == "presence" && frame["status"] == "offline";
    assert_eq!(his.wait_for("her going", gone)["username"], "lisa");
    let hers = lisa.connect();
    let come = |frame: &Value| frame["type"] == "presence" && frame["status"] == "online";
    his.wait_for("her coming", come);
    remove(&lisa.http, &id, "lisa").ok();
    his.expect("member");
    his.fence();
    his.take_kept();
    hers.goodbye();
    his.expect_no("presence");
    assert!(!avi.http.get("/presence").ok().to_string().contains("lisa"));
}

#[test]
fn a_block_hides_in_a_group_too() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let id = group(&avi, "Trip", &[&lisa, &mark]);
    lisa.http.put("/blocks/avi", json!({})).done();
    let mut his = avi.connect();
    let mut theirs = mark.connect();
    his.expect("presence");
    let mut hers = lisa.connect();
    assert!(!online(&hers).contains(&"avi"));
    assert_eq!(theirs.expect("presence")["username"], "lisa");
    // Messages reach everyone all the same.
    hers.send_message(&id, "hello");
    assert_eq!(his.receive(&id), "hello");
    his.send_message(&id, "hello to you");
    assert_eq!(hers.receive(&id), "hello to you");
    his.expect_no("presence");
    hers.goodbye();
    assert_eq!(theirs.expect("presence")["status"], "offline");
    his.expect_no("presence");
}

#[test]
fn receipts_are_sent_in_sessions_of_up_to_fifty() {
    let server = Server::start();
    let extras = extras(&server, 49);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    for (more, shown) in [(48, true), (49, false)] {
        let id = crowd(&avi, &[&lisa], &extras[..more]);
        let mut his = avi.connect();
        his.send_message(&id, "hello");
        let (mut hers, mut other) = (lisa.connect(), lisa.connect());
        hers.ok(json!({"type": "read", "session": id, "seq": 1}));
        // To the reader's own connections in any case.
        let receipt = other.expect("receipt");
        assert_eq!((&receipt["username"], &receipt["read"]), (&json!("lisa"), &json!(1)));
        hers.expect_no("receipt");
        let changes = avi.http.get(&format!("/sessions/{id}/changes?rev=0")).ok();
        if shown {
            assert_eq!(his.expect("receipt")["username"], "lisa");
            let receipts = list(&changes, "receipts");
            assert_eq!(receipts.len(), 50);
            assert_eq!(receipts.iter().find(|one| one["username"] == "lisa").unwrap()["read"], 1);
        } else {
            his.expect_no("receipt");
            assert_eq!(changes["receipts"], Value::Null);
        }
        assert_eq!(seen(&lisa, &id)["unread"], 0);
    }
}

#[test]
fn typing_is_sent_in_sessions_of_up_to_two_hundred() {
    let server = Server::start();
    let extras = extras(&server, 199);
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    for (more, received) in [(198, true), (199, false)] {
        let id = crowd(&avi, &[&lisa], &extras[..more]);
        let (mut his, mut hers) = (avi.connect(), lisa.connect());
        his.ok(json!({"type": "typing", "session": id}));
        if received {
            assert_eq!(hers.expect("typing")["username"], "avi");
        } else {
            his.send_message(&id, "a fence");
            assert_eq!(hers.receive(&id), "a fence");
            hers.expect_no("typing");
        }
    }
}
