//! Titles of groups and rooms, and their notices.

use crate::kit::*;

fn retitle(person: &Person, id: &str, title: &str) -> Reply {
    person.http.patch(&format!("/sessions/{id}"), json!({"title": title}))
}

#[test]
fn a_new_title_is_a_step_and_its_notice_the_next() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    let ok = his.ok(json!({"type": "title", "session": id, "title": "Summer"}));
    assert_eq!(ok["rev"], 1);
    for socket in [&mut other, &mut hers] {
        let changed = json!({"type": "session_changed", "session": id, "rev": 1, "title": "Summer"});
        assert_eq!(socket.expect("session_changed"), changed);
    }
    for socket in [&mut his, &mut other, &mut hers] {
        let notice = socket.expect("message");
        assert_eq!((&notice["rev"], &notice["seq"]), (&json!(2), &json!(1)));
        assert_eq!(notice["text"], "The group is now called Summer");
        assert_eq!((&notice["kind"], &notice["sender"]), (&json!("notice"), &json!(avi.id)));
    }
    his.expect_no("session_changed");
    assert_eq!(seen(&lisa, &id)["title"], "Summer");
    assert_eq!(seen(&lisa, &id)["unread"], 0, "notices are nothing to be read");
}

#[test]
fn a_change_by_rest_reaches_every_connection() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let (id, code) = room(&avi, json!({"title": "Den"}));
    let mut his = avi.connect();
    let session = retitle(&avi, &id, "Attic").ok()["session"].clone();
    assert_eq!((&session["title"], &session["rev"]), (&json!("Attic"), &json!(2)));
    let changed = his.expect("session_changed");
    assert_eq!((&changed["title"], &changed["rev"], &changed["code"]), (&json!("Attic"), &json!(1), &json!(code)));
    assert_eq!(his.expect("message")["text"], "The room is now called Attic");
}

#[test]
fn the_same_title_changes_nothing() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.send_message(&id, "hello");
    let mut hers = lisa.connect();
    assert_eq!(retitle(&avi, &id, "Trip").ok()["session"]["rev"], 1);
    assert_eq!(avi.connect().ok(json!({"type": "title", "session": id, "title": "Trip"}))["rev"], 1);
    hers.fence();
    assert_eq!(hers.take_kept().iter().filter(|frame| frame["type"] != "presence").count(), 0);
}

#[test]
fn empty_and_malformed_titles_are_refused() {
    let server = Server::start();
    let avi = register(&server, "avi");
    let id = group(&avi, "Trip", &[]);
    let mut his = avi.connect();
    for title in ["", " ", "a\nb", "a\u{0}b", &"x".repeat(101)] {
        retitle(&avi, &id, title).blames("title");
        his.refused(json!({"type": "title", "session": id, "title": title}), "invalid_request");
    }
    avi.http.patch(&format!("/sessions/{id}"), json!({"title": 7})).blames("title");
    assert_eq!(seen(&avi, &id)["title"], "Trip");
    assert_eq!(retitle(&avi, &id, &"ж".repeat(100)).ok()["session"]["rev"], 2);
}

#[test]
fn sync_has_the_title_and_the_notice() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    retitle(&avi, &id, "Summer").ok();
    for from in [0, 1] {
        let changes = lisa.http.get(&format!("/sessions/{id}/changes?rev={from}")).ok();
        assert_eq!((&changes["title"], &changes["to"]), (&json!("Summer"), &json!(2)));
        assert_eq!(texts(list(&changes, "messages"), "kind"), ["notice"]);
        assert_eq!(changes["unread"], 0);
    }
}

#[test]
fn a_notice_cannot_be_changed() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    retitle(&avi, &id, "Summer").ok();
    let path = format!("/sessions/{id}/messages/1");
    avi.http.patch(&path, json!({"text": "Winter"})).refused(403, "forbidden");
    avi.http.delete(&path).refused(403, "forbidden");
    let reaction = format!("{path}/reactions/{}", percent("👍"));
    lisa.http.put(&reaction, json!({})).refused(403, "forbidden");
    let mut his = avi.connect();
    his.refused(json!({"type": "edit", "session": id, "seq": 1, "text": "Winter"}), "forbidden");
    his.refused(json!({"type": "delete", "session": id, "seq": 1}), "forbidden");
    his.refused(json!({"type": "react", "session": id, "seq": 1, "emoji": "👍", "on": true}), "forbidden");
}
