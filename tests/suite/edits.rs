//! Edits: the sender replaces a text, and everyone sees the new one.

use crate::kit::*;

fn edit(person: &Person, id: &str, seq: u64, content: &str) -> Reply {
    person.http.patch(&format!("/sessions/{id}/messages/{seq}"), json!({"text": content}))
}

fn command(id: &str, seq: u64, content: &str) -> Value {
    json!({"type": "edit", "session": id, "seq": seq, "text": content})
}

#[test]
fn an_edit_is_a_step_with_the_edited_message() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let (mut his, mut other, mut hers) = (avi.connect(), avi.connect(), lisa.connect());
    lisa.send_message(&id, "hm?");
    let sent = his.ok(json!({"type": "send", "session": id, "text": "helo", "reply_to": 1}));
    let ok = his.ok(command(&id, 2, "hello"));
    assert_eq!(ok["rev"], 3);
    for socket in [&mut other, &mut hers] {
        let changed = socket.expect("message_changed");
        assert_eq!((&changed["seq"], &changed["rev"], &changed["text"]), (&json!(2), &json!(3), &json!("hello")));
        assert_eq!((&changed["sender"], &changed["username"]), (&json!(avi.id), &json!("avi")));
        assert_eq!((&changed["kind"], &changed["reply_to"]), (&json!("text"), &json!(1)));
        assert_eq!(changed["at"], sent["at"], "it stands where it was said");
        assert!(text(&changed, "edited_at") >= text(&sent, "at"));
        assert_eq!(changed["session"], id);
        let mut shown = changed.clone();
        shown.as_object_mut().unwrap().remove("type");
        assert_eq!(messages(&lisa, &id)[1], shown);
    }
    his.expect_no("message_changed");
    assert_eq!(seen(&lisa, &id)["last_message"]["text"], "hello");
    assert_eq!(seen(&lisa, &id)["seq"], 2, "an edit is no new message");
}

#[test]
fn a_change_by_rest_reaches_every_connection() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "helo");
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    assert_eq!(edit(&avi, &id, 1, "hello").ok(), json!({"rev": 2}));
    for socket in [&mut his, &mut hers] {
        assert_eq!(socket.expect("message_changed")["text"], "hello");
    }
}

#[test]
fn only_the_sender_edits_and_only_text_messages() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let id = group(&avi, "Trip", &[&lisa]);
    lisa.send_message(&id, "mine");
    edit(&avi, &id, 1, "his").refused(403, "forbidden");
    edit(&mark, &id, 1, "theirs").refused(404, "not_found");
    let mut hers = lisa.connect();
    for seq in [0, 2, 99] {
        edit(&lisa, &id, seq, "x").refused(404, "not_found");
        hers.refused(command(&id, seq, "x"), "not_found");
    }
    hers.refused(command("aaaaaaaaaaaaa", 1, "x"), "not_found");
    for content in ["", "  ", "a\u{0}b", &"x".repeat(16_385)] {
        let code = edit(&lisa, &id, 1, content).json()["code"].clone();
        assert!(code == "invalid_request" || code == "too_large", "{code}");
        assert_eq!(hers.request(command(&id, 1, content))["code"], code);
    }
    hers.refused(json!({"type": "edit", "session": id, "text": "x"}), "invalid_request");
    hers.refused(json!({"type": "edit", "session": id, "seq": 1}), "invalid_request");
    assert_eq!(messages(&avi, &id)[0]["text"], "mine");
    assert_eq!(seen(&avi, &id)["rev"], 1);
}

#[test]
fn the_same_text_changes_nothing() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    avi.send_message(&id, "more");
    let mut hers = lisa.connect();
    assert_eq!(edit(&avi, &id, 1, "hello").ok()["rev"], 2, "the present one");
    assert_eq!(avi.connect().ok(command(&id, 1, "hello"))["rev"], 2);
    hers.expect_no("message_changed");
    assert_eq!(messages(&avi, &id)[0]["edited_at"], Value::Null);
}

#[test]
fn a_key_stands_for_the_text_first_sent_with_it() {
    let mut server = Server::start();
    let (avi, _, id) = pair(&server);
    let path = format!("/sessions/{id}/messages");
    let send = json!({"text": "helo", "key": "k1"});
    let first = avi.http.post(&path, send.clone()).ok();
    edit(&avi, &id, 1, "hello").ok();
    for _ in 0..2 {
        let again = avi.http.post(&path, send.clone()).ok();
        assert_eq!((&again["seq"], &again["duplicate"]), (&first["seq"], &json!(true)));
        avi.http.post(&path, json!({"text": "hello", "key": "k1"})).refused(409, "key_conflict");
        server.restart();
    }
    assert_eq!(messages(&avi, &id).len(), 1);
    assert_eq!(messages(&avi, &id)[0]["text"], "hello");
}

#[test]
fn an_edit_does_not_make_a_message_unread() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "one");
    avi.send_message(&id, "two");
    lisa.http.put(&format!("/sessions/{id}/read"), json!({"seq": 1})).ok();
    edit(&avi, &id, 1, "uno").ok();
    edit(&avi, &id, 2, "dos").ok();
    let now = seen(&lisa, &id);
    assert_eq!((&now["read"], &now["unread"]), (&json!(1), &json!(1)));
}

#[test]
fn sync_has_each_message_once_in_its_present_form() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    for content in ["one", "two", "three"] {
        avi.send_message(&id, content);
    }
    edit(&avi, &id, 1, "uno").ok();
    edit(&avi, &id, 3, "tres").ok();
    edit(&avi, &id, 1, "eins").ok();
    let changes_since = |rev: u64| {
        let changes = lisa.http.get(&format!("/sessions/{id}/changes?rev={rev}")).ok();
        assert_eq!(changes["to"], 6);
        let pairs = list(&changes, "messages").iter().map(|one| (number(one, "rev"), text(one, "text").to_owned()));
        pairs.collect::<Vec<_>>()
    };
    let own =
        |pairs: &[(u64, &str)]| pairs.iter().map(|(rev, content)| (*rev, (*content).to_owned())).collect::<Vec<_>>();
    assert_eq!(changes_since(0), own(&[(2, "two"), (5, "tres"), (6, "eins")]), "ascending by rev");
    assert_eq!(changes_since(3), own(&[(5, "tres"), (6, "eins")]));
    assert_eq!(changes_since(5), own(&[(6, "eins")]));
    assert_eq!(changes_since(6), own(&[]));
    let texts = texts(&messages(&lisa, &id), "text");
    assert_eq!(texts, ["eins", "two", "tres"]);
}

#[test]
fn in_a_direct_session_an_edit_needs_what_a_send_needs() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "his");
    lisa.send_message(&id, "hers");
    lisa.http.put("/blocks/avi", json!({})).done();
    edit(&avi, &id, 1, "x").refused(403, "forbidden");
    edit(&lisa, &id, 2, "x").refused(403, "blocked");
    avi.connect().refused(command(&id, 1, "x"), "forbidden");
    assert_eq!(texts(&messages(&avi, &id), "text"), ["his", "hers"]);
    // In a group a block changes nothing.
    let group_id = {
        let mark = register(&server, "mark");
        group(&mark, "Trip", &[&avi, &lisa])
    };
    let mut hers = lisa.connect();
    avi.send_message(&group_id, "helo");
    edit(&avi, &group_id, 1, "hello").ok();
    assert_eq!(hers.expect("message_changed")["text"], "hello");
}

#[test]
fn edits_share_the_rate_of_sends() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::with(&[("PARLOR_SENDS_PER_SECOND", "1"), ("PARLOR_SENDS_BURST", "3")]);
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "0");
    let mut his = avi.connect();
    let ids: Vec<String> = (0..12).map(|number| his.submit(command(&id, 1, &format!("x{number}")))).collect();
    let refused = ids.iter().filter(|id| his.answer(id)["code"] == "rate_limited").count();
    assert!(refused >= 6, "{refused}");
    lisa.send_message(&id, "others are not concerned");
}
