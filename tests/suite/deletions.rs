//! Deleting: a tombstone remains in its place, and the text is gone everywhere.

use crate::kit::*;

fn delete(person: &Person, id: &str, seq: u64) -> Reply {
    person.http.delete(&format!("/sessions/{id}/messages/{seq}"))
}

#[test]
fn a_tombstone_remains_and_the_text_is_gone() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let path = format!("/sessions/{id}/messages");
    avi.send_message(&id, "first");
    avi.http.post(&path, json!({"text": "unspeakable @lisa", "reply_to": 1})).ok();
    avi.http.patch(&format!("{path}/2"), json!({"text": "unspeakable, @lisa"})).ok();
    lisa.http.put(&format!("{path}/2/reactions/{}", percent("👎")), json!({})).ok();
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    let ok = his.ok(json!({"type": "delete", "session": id, "seq": 2}));
    assert_eq!(ok["rev"], 5);
    for socket in [&mut other, &mut hers] {
        let changed = socket.expect("message_changed");
        assert_eq!((&changed["text"], &changed["deleted"]), (&json!(""), &json!(true)));
        assert_eq!((&changed["seq"], &changed["rev"]), (&json!(2), &json!(5)));
        assert_eq!((&changed["sender"], &changed["reply_to"]), (&json!(avi.id), &json!(1)));
        for gone in ["mentions", "reactions", "edited_at"] {
            assert_eq!(changed[gone], Value::Null, "{changed}");
        }
    }
    his.expect_no("message_changed");
    for person in [&avi, &lisa] {
        let all = [
            person.http.get(&path).text(),
            person.http.get(&format!("/sessions/{id}/changes?rev=0")).text(),
            person.http.get("/sessions").text(),
            person.http.get("/search?q=unspeakable").text(),
            person.connect().ready.to_string(),
        ];
        assert!(!all.concat().contains("unspeakable"), "{all:?}");
        let received = messages(person, &id);
        assert_eq!(numbers(&received, "seq"), [1, 2], "in its place");
        assert_eq!(received[1]["deleted"], true);
    }
    assert_eq!(server.count("SELECT count(*) FROM messages WHERE text LIKE '%unspeakable%'"), 0);
    assert_eq!(server.count("SELECT count(*) FROM reactions"), 0);
}

#[test]
fn a_change_by_rest_reaches_every_connection() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    assert_eq!(delete(&avi, &id, 1).ok(), json!({"rev": 2}));
    for socket in [&mut his, &mut hers] {
        assert_eq!(socket.expect("message_changed")["deleted"], true);
    }
}

#[test]
fn in_a_direct_session_each_deletes_only_their_own() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "his");
    lisa.send_message(&id, "hers");
    delete(&avi, &id, 2).refused(403, "forbidden");
    delete(&lisa, &id, 1).refused(403, "forbidden");
    delete(&register(&server, "mark"), &id, 1).refused(404, "not_found");
    for seq in [0, 3] {
        delete(&avi, &id, seq).refused(404, "not_found");
    }
    // One's own can always be taken back.
    lisa.http.put("/blocks/avi", json!({})).done();
    delete(&avi, &id, 1).ok();
    delete(&lisa, &id, 2).ok();
}

#[test]
fn a_deletion_is_final() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    delete(&avi, &id, 1).ok();
    let mut hers = lisa.connect();
    let mut his = avi.connect();
    assert_eq!(delete(&avi, &id, 1).ok()["rev"], 2, "the present one");
    assert_eq!(his.ok(json!({"type": "delete", "session": id, "seq": 1}))["rev"], 2);
    his.refused(json!({"type": "edit", "session": id, "seq": 1, "text": "x"}), "not_found");
    hers.refused(json!({"type": "react", "session": id, "seq": 1, "emoji": "👍", "on": true}), "not_found");
    hers.expect_no("message_changed");
    let reply = hers.ok(json!({"type": "send", "session": id, "text": "why?", "reply_to": 1}));
    assert_eq!(reply["seq"], 2, "what was said to it still points at it");
}

#[test]
fn a_retry_with_the_key_of_a_deleted_message_is_a_duplicate() {
    let mut server = Server::start();
    let (avi, _, id) = pair(&server);
    let path = format!("/sessions/{id}/messages");
    let send = json!({"text": "hello", "key": "k1"});
    avi.http.post(&path, send.clone()).ok();
    delete(&avi, &id, 1).ok();
    for _ in 0..2 {
        let again = avi.http.post(&path, send.clone()).ok();
        assert_eq!((&again["seq"], &again["duplicate"]), (&json!(1), &json!(true)));
        avi.http.post(&path, json!({"text": "other", "key": "k1"})).refused(409, "key_conflict");
        server.restart();
    }
    assert_eq!(messages(&avi, &id).len(), 1);
}

#[test]
fn a_deleted_message_is_not_unread() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    for content in ["one", "two", "three", "four"] {
        avi.send_message(&id, content);
    }
    lisa.http.put(&format!("/sessions/{id}/read"), json!({"seq": 1})).ok();
    let unread = || {
        let session = seen(&lisa, &id);
        let ready = lisa.connect().ready["sessions"][0].clone();
        let changes = lisa.http.get(&format!("/sessions/{id}/changes?rev=0")).ok();
        assert_eq!((&session["unread"], &session["unread"]), (&ready["unread"], &changes["unread"]));
        number(&session, "unread")
    };
    assert_eq!(unread(), 3);
    delete(&avi, &id, 3).ok();
    assert_eq!(unread(), 2);
    delete(&avi, &id, 1).ok();
    assert_eq!(unread(), 2, "that was read before");
    lisa.http.put(&format!("/sessions/{id}/read"), json!({"seq": 2})).ok();
    assert_eq!(unread(), 1);
    delete(&avi, &id, 4).ok();
    assert_eq!(unread(), 0);
    delete(&avi, &id, 4).ok();
    assert_eq!(unread(), 0);
    avi.send_message(&id, "five");
    assert_eq!(unread(), 1);
}

#[test]
fn sync_brings_the_tombstone() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    for content in ["one", "two"] {
        avi.send_message(&id, content);
    }
    delete(&avi, &id, 1).ok();
    for rev in [0, 2] {
        let changes = lisa.http.get(&format!("/sessions/{id}/changes?rev={rev}")).ok();
        let last = list(&changes, "messages").last().unwrap().clone();
        assert_eq!((&last["seq"], &last["deleted"], &last["rev"]), (&json!(1), &json!(true), &json!(3)));
        assert_eq!(changes["to"], 3);
    }
}

#[test]
fn an_admin_deletes_messages_of_others_in_a_group() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let id = group(&avi, "Trip", &[&lisa, &mark]);
    set_role(&avi.http, &id, "lisa", "admin").ok();
    for content in ["one", "two"] {
        mark.send_message(&id, content);
    }
    let mut marks = mark.connect();
    delete(&lisa, &id, 1).ok();
    let changed = marks.expect("message_changed");
    assert_eq!((&changed["deleted"], &changed["sender"]), (&json!(true), &json!(mark.id)));
    avi.connect().ok(json!({"type": "delete", "session": id, "seq": 2}));
    assert_eq!(marks.expect("message_changed")["seq"], 2);
    // Also messages of users who have left.
    mark.send_message(&id, "three");
    remove(&avi.http, &id, "mark").ok();
    delete(&mark, &id, 3).refused(404, "not_found");
    delete(&lisa, &id, 3).ok();
}

#[test]
fn above_a_thousand_unread_a_deletion_is_not_counted_twice() {
    let server = Server::with(&[
        ("PARLOR_SENDS_PER_SECOND", "0"),
        ("PARLOR_FRAMES_PER_SECOND", "0"),
        ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ]);
    let (avi, lisa, id) = pair(&server);
    let mut his = avi.connect();
    let sends: Vec<String> =
        (0..1_005).map(|_| his.submit(json!({"type": "send", "session": id, "text": "x"}))).collect();
    sends.iter().for_each(|id| assert_eq!(his.answer(id)["type"], "ok"));
    let unread = || number(&seen(&lisa, &id), "unread");
    assert_eq!(unread(), 1_000);
    for (seq, left) in [(1, 1_000), (1_005, 1_000), (500, 1_000), (2, 1_000), (3, 1_000), (4, 999), (1_004, 998)] {
        delete(&avi, &id, seq).ok();
        assert_eq!(unread(), left, "after the deletion of {seq}");
    }
    lisa.http.put(&format!("/sessions/{id}/read"), json!({"seq": 1_000})).ok();
    assert_eq!(unread(), 3);
}
