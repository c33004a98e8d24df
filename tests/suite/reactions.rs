//! Reactions: one per user and emoji, seen by everyone.

use crate::kit::*;

fn put(person: &Person, id: &str, seq: u64, emoji: &str) -> Reply {
    person.http.put(&format!("/sessions/{id}/messages/{seq}/reactions/{}", percent(emoji)), json!({}))
}

fn take(person: &Person, id: &str, seq: u64, emoji: &str) -> Reply {
    person.http.delete(&format!("/sessions/{id}/messages/{seq}/reactions/{}", percent(emoji)))
}

fn react(id: &str, emoji: &str, on: bool) -> Value {
    json!({"type": "react", "session": id, "seq": 1, "emoji": emoji, "on": on})
}

fn kept(person: &Person, id: &str) -> Value {
    messages(person, id)[0]["reactions"].clone()
}

#[test]
fn a_reaction_is_a_step_and_shown_by_name() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let (mut his, mut acting, mut hers) = (avi.connect(), lisa.connect(), lisa.connect());
    assert_eq!(acting.ok(react(&id, "👍", true))["rev"], 2);
    for socket in [&mut his, &mut hers] {
        let changed = socket.expect("message_changed");
        assert_eq!(changed["reactions"], json!({"👍": ["lisa"]}));
        assert_eq!((&changed["rev"], &changed["seq"]), (&json!(2), &json!(1)));
        assert_eq!((&changed["text"], &changed["edited_at"]), (&json!("hello"), &Value::Null));
    }
    acting.expect_no("message_changed");
    assert_eq!(put(&avi, &id, 1, "👍").ok(), json!({"rev": 3}));
    assert_eq!(put(&avi, &id, 1, "🎉").ok(), json!({"rev": 4}));
    for socket in [&mut his, &mut acting, &mut hers] {
        assert_eq!(socket.expect("message_changed")["reactions"], json!({"👍": ["lisa", "avi"]}));
        assert_eq!(socket.expect("message_changed")["reactions"], json!({"👍": ["lisa", "avi"], "🎉": ["avi"]}));
    }
    assert_eq!(take(&avi, &id, 1, "👍").ok(), json!({"rev": 5}));
    assert_eq!(acting.expect("message_changed")["reactions"], json!({"👍": ["lisa"], "🎉": ["avi"]}));
    acting.ok(react(&id, "👍", false));
    take(&avi, &id, 1, "🎉").ok();
    assert_eq!(acting.expect("message_changed")["reactions"], Value::Null, "none left is no field");
    assert_eq!(kept(&lisa, &id), Value::Null);
    assert_eq!(seen(&lisa, &id)["rev"], 7);
    assert_eq!(seen(&lisa, &id)["unread"], 1, "reactions are nothing to be read");
}

#[test]
fn a_repeated_or_missing_reaction_changes_nothing() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    put(&lisa, &id, 1, "👍").ok();
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    assert_eq!(hers.ok(react(&id, "👍", true))["rev"], 2);
    assert_eq!(put(&lisa, &id, 1, "👍").ok()["rev"], 2);
    assert_eq!(hers.ok(react(&id, "🎉", false))["rev"], 2);
    assert_eq!(take(&avi, &id, 1, "👍").ok()["rev"], 2, "hers is not his to take");
    his.expect_no("message_changed");
    assert_eq!(kept(&avi, &id), json!({"👍": ["lisa"]}));
}

#[test]
fn an_emoji_is_one_grapheme_of_up_to_32_bytes() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let mut hers = lisa.connect();
    for emoji in ["👍", "👍🏽", "❤️", "👨‍👩‍👧‍👦", "🇮🇱", "🏳️‍🌈"] {
        put(&lisa, &id, 1, emoji).ok();
        hers.ok(react(&id, emoji, false));
        hers.ok(react(&id, emoji, true));
    }
    assert_eq!(kept(&avi, &id).as_object().unwrap().len(), 6);
    let long = format!("e{}", "\u{301}".repeat(16));
    assert_eq!(long.len(), 33);
    for wrong in ["👍👍", "ok", " ", "\n", long.as_str()] {
        put(&lisa, &id, 1, wrong).refused(400, "invalid_request");
        hers.refused(react(&id, wrong, true), "invalid_request");
        hers.fence();
    }
    hers.refused(react(&id, "", true), "invalid_request");
    hers.refused(json!({"type": "react", "session": id, "seq": 1, "emoji": "👍"}), "invalid_request");
    hers.refused(json!({"type": "react", "session": id, "seq": 1, "on": true}), "invalid_request");
    let fits = format!("e{}", "\u{301}".repeat(15));
    put(&lisa, &id, 1, &fits).ok();
}

#[test]
fn a_message_has_a_maximum_of_different_reactions() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    let emojis: Vec<String> = ('a'..='t').map(|letter| letter.to_string()).collect();
    for (place, emoji) in emojis.iter().enumerate() {
        put(if place % 2 == 0 { &avi } else { &lisa }, &id, 1, emoji).ok();
    }
    put(&lisa, &id, 1, "u").refused(409, "limit_reached");
    lisa.connect().refused(react(&id, "u", true), "limit_reached");
    put(&lisa, &id, 1, "a").ok();
    assert_eq!(kept(&avi, &id)["a"], json!(["avi", "lisa"]), "one that is there takes more");
    take(&avi, &id, 1, "a").ok();
    put(&lisa, &id, 1, "u").refused(409, "limit_reached");
    take(&lisa, &id, 1, "a").ok();
    put(&lisa, &id, 1, "u").ok();
}

#[test]
fn only_members_react_and_only_to_text_messages() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    avi.send_message(&id, "hello");
    put(&register(&server, "mark"), &id, 1, "👍").refused(404, "not_found");
    for seq in [0, 2] {
        put(&lisa, &id, seq, "👍").refused(404, "not_found");
        take(&lisa, &id, seq, "👍").refused(404, "not_found");
    }
    put(&avi, &id, 1, "👍").ok();
    lisa.http.put("/blocks/avi", json!({})).done();
    put(&avi, &id, 1, "🎉").refused(403, "forbidden");
    put(&lisa, &id, 1, "🎉").refused(403, "blocked");
    assert_eq!(kept(&avi, &id), json!({"👍": ["avi"]}));
}

#[test]
fn reactions_survive_an_edit_and_leaving() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.send_message(&id, "helo");
    put(&lisa, &id, 1, "👍").ok();
    avi.http.patch(&format!("/sessions/{id}/messages/1"), json!({"text": "hello"})).ok();
    assert_eq!(kept(&avi, &id), json!({"👍": ["lisa"]}));
    remove(&lisa.http, &id, "lisa").ok();
    assert_eq!(kept(&avi, &id), json!({"👍": ["lisa"]}));
    let changes = avi.http.get(&format!("/sessions/{id}/changes?rev=1")).ok();
    assert_eq!(list(&changes, "messages")[0]["reactions"], json!({"👍": ["lisa"]}));
}
