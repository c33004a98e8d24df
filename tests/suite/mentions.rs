//! Mentions: members whose `@username` is in a text.

use crate::kit::*;

fn mentioned(message: &Value) -> Vec<String> {
    let names = message["mentions"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = names.iter().map(|name| name.as_str().unwrap().to_lowercase()).collect();
    names.sort();
    names
}

#[test]
fn a_member_whose_username_is_in_a_text_is_mentioned() {
    let server = Server::with(&UNHURRIED);
    let [avi, lisa, mark, _nina] = people(&server, ["avi", "lisa", "mark.a", "nina"]);
    let id = group(&avi, "Trip", &[&lisa, &mark]);
    let mut hers = lisa.connect();
    for (content, wanted) in [
        ("@lisa", &["lisa"][..]),
        ("hi @lisa, and @mark.a.", &["lisa", "mark.a"]),
        ("(@LISA) @lisa @Lisa!", &["lisa"]),
        ("nobody, lisa", &[]),
        ("write to me@lisa.example", &[]),
        ("@nina is not here, @nobody-here is nowhere", &[]),
        ("@ lisa, @lis, @lisaa", &[]),
        ("שלום @lisa", &["lisa"]),
        ("请@lisa看一下", &["lisa"]),
        ("ねえ＠lisaさん", &["lisa"]),
        ("안녕@lisa님", &["lisa"]),
        ("ถึง@lisaครับ", &["lisa"]),
        ("https://www.youtube.com/@lisa", &[]),
        ("「https://example.org」@lisa", &["lisa"]),
        ("josé@lisa", &[]),
    ] {
        avi.send_message(&id, content);
        let received = hers.expect("message");
        assert_eq!(mentioned(&received), wanted, "{received}");
        assert!(received["mentions"].is_null() || !wanted.is_empty(), "without one it is left out");
        assert_eq!(messages(&avi, &id).last().unwrap()["mentions"], received["mentions"]);
        let rev = number(&received, "rev") - 1;
        let changes = lisa.http.get(&format!("/sessions/{id}/changes?rev={rev}")).ok();
        assert_eq!(list(&changes, "messages")[0]["mentions"], received["mentions"]);
    }
}

#[test]
fn a_direct_session_has_mentions_too() {
    let server = Server::start();
    let (avi, lisa, id) = pair(&server);
    let mut hers = lisa.connect();
    avi.connect().send_message(&id, "@lisa, and @nobody-here");
    assert_eq!(mentioned(&hers.expect("message")), ["lisa"]);
}

#[test]
fn an_edit_mentions_anew() {
    let server = Server::start();
    let [avi, lisa, mark] = people(&server, ["avi", "lisa", "mark"]);
    let id = group(&avi, "Trip", &[&lisa, &mark]);
    avi.send_message(&id, "@lisa");
    let mut hers = lisa.connect();
    for (content, wanted) in [("@mark", &["mark"][..]), ("nobody", &[])] {
        avi.http.patch(&format!("/sessions/{id}/messages/1"), json!({"text": content})).ok();
        assert_eq!(mentioned(&hers.expect("message_changed")), wanted);
        assert_eq!(mentioned(&messages(&mark, &id)[0]), wanted);
    }
}

#[test]
fn a_former_member_is_not_mentioned_and_earlier_mentions_remain() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    avi.send_message(&id, "@lisa");
    remove(&lisa.http, &id, "lisa").ok();
    avi.send_message(&id, "@lisa");
    let received = messages(&avi, &id);
    assert_eq!(mentioned(&received[0]), ["lisa"]);
    assert_eq!(mentioned(&received[2]), [""; 0], "{received:?}");
}

#[test]
fn a_key_repeated_is_not_compared_by_its_mentions() {
    let server = Server::start();
    let [avi, lisa] = people(&server, ["avi", "lisa"]);
    let id = group(&avi, "Trip", &[&lisa]);
    let path = format!("/sessions/{id}/messages");
    let send = json!({"text": "@lisa", "key": "k1"});
    avi.http.post(&path, send.clone()).ok();
    remove(&avi.http, &id, "lisa").ok();
    assert_eq!(avi.http.post(&path, send).ok()["duplicate"], true);
}
