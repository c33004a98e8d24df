//! Leaving a group, being removed, and its end.

use crate::kit::*;

/// A group of avi's with these others.
fn trip<const N: usize>(server: &Server, names: [&str; N]) -> (Person, [Person; N], String) {
    let avi = register(server, "avi");
    let others = people(server, names);
    let id = group(&avi, "Trip", &others.each_ref());
    (avi, others, id)
}

/// Everything that requires membership is answered as for a session that does not exist.
fn is_out(person: &Person, id: &str) {
    person.http.get(&format!("/sessions/{id}")).refused(404, "not_found");
    for rest in ["members", "messages", "changes?rev=0"] {
        person.http.get(&format!("/sessions/{id}/{rest}")).refused(404, "not_found");
    }
    person.http.post(&format!("/sessions/{id}/messages"), json!({"text": "x"})).refused(404, "not_found");
    assert!(!person.http.get("/sessions").ok().to_string().contains(id));
    let mut socket = person.connect();
    assert!(!socket.ready.to_string().contains(id));
    socket.refused(json!({"type": "send", "session": id, "text": "x"}), "not_found");
    socket.ok(json!({"type": "sync", "sessions": {id: 0}}));
    assert_eq!(socket.expect("session_removed")["reason"], "not_found");
}

#[test]
fn a_member_who_leaves_is_out_and_the_others_are_notified() {
    let server = Server::start();
    let (avi, [lisa, mark], id) = trip(&server, ["lisa", "mark"]);
    let (mut his, mut acting, mut hers) = (avi.connect(), lisa.connect(), lisa.connect());
    acting.send_message(&id, "mine");
    let ok = acting.ok(json!({"type": "leave", "session": id}));
    assert_eq!(ok["rev"], 2);
    let removed = json!({"type": "session_removed", "session": id, "reason": "left"});
    assert_eq!(hers.expect("session_removed"), removed);
    let gone = his.expect("member");
    assert_eq!((&gone["state"], &gone["rev"], &gone["user"]["username"]), (&json!("left"), &json!(2), &json!("lisa")));
    his.expect("message");
    let notice = his.expect("message");
    assert_eq!((&notice["kind"], &notice["text"], &notice["rev"]), (&json!("notice"), &json!("lisa left"), &json!(3)));
    assert_eq!((&notice["sender"], &notice["seq"]), (&json!(lisa.id), &json!(2)));
    his.send_message(&id, "she is gone");
    for socket in [&mut acting, &mut hers] {
        socket.fence();
        let received = socket.take_kept();
        assert!(!received.iter().any(|frame| frame["text"] == "she is gone"), "{received:?}");
    }
    is_out(&lisa, &id);
    assert_eq!(roles(&mark, &id).len(), 2);
}

#[test]
fn a_member_may_leave_by_rest_too() {
    let server = Server::start();
    let (avi, [lisa], id) = trip(&server, ["lisa"]);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    assert_eq!(remove(&lisa.http, &id, "lisa").ok()["rev"], 1);
    assert_eq!(his.expect("member")["state"], "left");
    assert_eq!(his.expect("message")["text"], "lisa left");
    assert_eq!(hers.expect("session_removed")["reason"], "left");
    is_out(&lisa, &id);
}

#[test]
fn a_removed_member_receives_the_removal_and_nothing_more() {
    let server = Server::start();
    let (avi, [lisa, mark], id) = trip(&server, ["lisa", "mark"]);
    lisa.send_message(&id, "mine");
    let (mut his, mut hers, mut marks) = (avi.connect(), lisa.connect(), mark.connect());
    let ok = his.ok(json!({"type": "remove", "session": id, "username": "LISA"}));
    assert_eq!(ok["rev"], 2);
    let removed = json!({"type": "session_removed", "session": id, "reason": "removed"});
    assert_eq!(hers.expect("session_removed"), removed);
    let gone = marks.expect("member");
    assert_eq!((&gone["state"], &gone["user"]["username"]), (&json!("removed"), &json!("lisa")));
    for socket in [&mut his, &mut marks] {
        let notice = socket.expect("message");
        assert_eq!((&notice["text"], &notice["kind"]), (&json!("lisa was removed"), &json!("notice")));
        assert_eq!((&notice["sender"], &notice["rev"]), (&json!(avi.id), &json!(3)));
    }
    his.expect_no("member");
    his.send_message(&id, "she is gone");
    hers.fence();
    assert!(!hers.take_kept().iter().any(|frame| frame["session"] == id));
    is_out(&lisa, &id);
    assert_eq!(remove(&avi.http, &id, "lisa").status, 404, "once");
}

#[test]
fn a_member_who_joins_again_receives_the_session_as_new_with_all_messages() {
    let server = Server::start();
    let (avi, [lisa], id) = trip(&server, ["lisa"]);
    lisa.send_message(&id, "before");
    remove(&avi.http, &id, "lisa").ok();
    avi.send_message(&id, "between");
    let mut hers = lisa.connect();
    let requested = avi.http.post("/invites", json!({"username": "lisa", "session": id})).ok();
    lisa.http.post(&format!("/invites/{}/accept", text(&requested["invite"], "id")), json!({})).ok();
    let added = hers.expect("session_added")["session"].clone();
    let now = seen(&lisa, &id);
    assert_eq!((&added["rev"], &added["seq"]), (&now["rev"], &now["seq"]), "with what her coming has told");
    assert_eq!((&now["read"], &now["unread"]), (&now["seq"], &json!(0)), "read starts where she joins");
    let received = messages(&lisa, &id);
    let texts: Vec<_> = texts(&received, "text");
    assert_eq!(texts, ["before", "lisa was removed", "between", "lisa has entered"]);
    avi.send_message(&id, "after");
    assert_eq!(hers.receive(&id), "after");
    assert_eq!(seen(&lisa, &id)["unread"], 1);
}

#[test]
fn an_owner_who_leaves_hands_over_to_the_longest_standing_admin_else_member() {
    let server = Server::start();
    let (avi, [lisa, mark, nina], id) = trip(&server, ["lisa", "mark", "nina"]);
    set_role(&avi.http, &id, "nina", "admin").ok();
    set_role(&avi.http, &id, "mark", "admin").ok();
    // Mark and Nina came together; Mark goes and comes back, so that Nina is in it for longer.
    remove(&mark.http, &id, "mark").ok();
    let requested = avi.http.post("/invites", json!({"username": "mark", "session": id})).ok();
    mark.http.post(&format!("/invites/{}/accept", text(&requested["invite"], "id")), json!({})).ok();
    set_role(&avi.http, &id, "mark", "admin").ok();
    let mut hers = lisa.connect();
    remove(&avi.http, &id, "avi").ok();
    let now = roles(&lisa, &id);
    assert_eq!([&now["lisa"], &now["mark"], &now["nina"]], ["member", "admin", "owner"]);
    hers.wait_for("the new owner", |frame| {
        frame["type"] == "member" && frame["user"]["username"] == "nina" && frame["role"] == "owner"
    });
    // An admin is before any member, however long that has been there.
    remove(&nina.http, &id, "nina").ok();
    assert_eq!(roles(&lisa, &id)["mark"], "owner");
    remove(&mark.http, &id, "mark").ok();
    assert_eq!(roles(&lisa, &id)["lisa"], "owner");
    lisa.http.patch(&format!("/sessions/{id}"), json!({"title": "Mine"})).ok();
    assert_eq!(hers.wait_for("the end", |frame| frame["rev"] == seen(&lisa, &id)["rev"])["kind"], "notice");
}

#[test]
fn the_last_one_out_deletes_the_group() {
    let server = Server::start();
    let (avi, [lisa], id) = trip(&server, ["lisa"]);
    avi.send_message(&id, "hello");
    let requested = {
        register(&server, "mark");
        avi.http.post("/invites", json!({"username": "mark", "session": id})).ok()["invite"].clone()
    };
    remove(&avi.http, &id, "avi").ok();
    remove(&lisa.http, &id, "lisa").ok();
    is_out(&avi, &id);
    is_out(&lisa, &id);
    let mark = Person::login(&server, "mark");
    let answer = mark.http.post(&format!("/invites/{}/accept", text(&requested, "id")), json!({}));
    assert!([404, 410].contains(&answer.status), "{}", answer.text());
    until("nothing of it is kept", PATIENCE, || server.count("SELECT count(*) FROM messages") == 0);
}

#[test]
fn the_owner_deletes_it_for_all() {
    let server = Server::start();
    let (avi, [lisa, mark], id) = trip(&server, ["lisa", "mark"]);
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    set_role(&avi.http, &id, "lisa", "admin").ok();
    for person in [&lisa, &mark] {
        person.http.delete(&format!("/sessions/{id}")).refused(403, "forbidden");
    }
    his.send_message(&id, "the end");
    avi.http.delete(&format!("/sessions/{id}")).done();
    let removed = json!({"type": "session_removed", "session": id, "reason": "deleted"});
    for socket in [&mut his, &mut other, &mut hers] {
        assert_eq!(socket.expect("session_removed"), removed);
    }
    for person in [&avi, &lisa, &mark] {
        is_out(person, &id);
    }
    until("nothing of it is kept", PATIENCE, || server.count("SELECT count(*) FROM messages") == 0);
    until("nobody is in it", PATIENCE, || server.count("SELECT count(*) FROM members") == 0);
}

#[test]
fn a_direct_session_cannot_be_left_or_deleted() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    avi.http.delete(&format!("/sessions/{id}")).refused(403, "forbidden");
    for name in ["avi", "lisa"] {
        remove(&avi.http, &id, name).refused(403, "forbidden");
        set_role(&avi.http, &id, name, "admin").refused(403, "forbidden");
    }
    avi.http.patch(&format!("/sessions/{id}"), json!({"title": "Us"})).refused(403, "forbidden");
    his.refused(json!({"type": "leave", "session": id}), "forbidden");
    his.refused(json!({"type": "remove", "session": id, "username": "lisa"}), "forbidden");
    lisa.send_message(&id, "hello");
    assert_eq!(his.receive(&id), "hello");
}

#[test]
fn removing_oneself_is_leaving() {
    let server = Server::start();
    let (avi, [lisa], id) = trip(&server, ["lisa"]);
    let (mut his, mut acting) = (avi.connect(), lisa.connect());
    acting.ok(json!({"type": "remove", "session": id, "username": "Lisa"}));
    assert_eq!(his.expect("member")["state"], "left");
    assert_eq!(his.expect("message")["text"], "lisa left");
    is_out(&lisa, &id);
}

/// Nothing is waited for in between: a client may send a last message and leave.
#[test]
fn a_message_sent_right_before_leaving_is_delivered() {
    let server = Server::start();
    let (avi, [lisa], id) = trip(&server, ["lisa"]);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let sent = hers.submit(json!({"type": "send", "session": id, "text": "bye"}));
    let edited = hers.submit(json!({"type": "edit", "session": id, "seq": 1, "text": "bye all"}));
    let left = hers.submit(json!({"type": "leave", "session": id}));
    for (command, rev) in [(sent, 1), (edited, 2), (left, 3)] {
        let ok = hers.answer(&command);
        assert_eq!((&ok["type"], &ok["rev"]), (&json!("ok"), &json!(rev)), "{ok}");
    }
    assert_eq!(his.expect("message")["text"], "bye");
    assert_eq!(his.expect("message_changed")["text"], "bye all");
    assert_eq!(his.expect("member")["state"], "left");
}
