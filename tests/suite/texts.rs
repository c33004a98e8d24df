//! Texts: each is stored exactly as it was sent, or refused.

use crate::kit::*;

#[test]
fn a_text_is_stored_exactly_as_it_was_sent() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for content in [
        "line one\nline two\n\tindented",
        "  spaces around  ",
        "e\u{301} is not \u{e9}",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "שלום and مرحبا",
        "\"quotes\" \\ and </script> & <b>",
        "'; DROP TABLE messages; --",
        "\u{2028}\u{FEFF}x",
    ] {
        his.send_message(&session, content);
        assert_eq!(hers.receive(&session), content);
        let page = lisa.http.get(&format!("/sessions/{session}/messages?limit=1")).ok();
        assert_eq!(page["messages"][0]["text"], content);
    }
}

#[test]
fn empty_and_malformed_texts_are_refused() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let path = format!("/sessions/{session}/messages");
    for content in
        ["", " ", "\n\t \n", "\u{3000}\u{a0}", "a\u{0}b", "a\u{7}b", "\r\n", "a\u{1b}[0m", "a\u{7f}", "a\u{85}b"]
    {
        his.refused(json!({"type": "send", "session": session, "text": content}), "invalid_request");
        avi.http.post(&path, json!({"text": content})).blames("text");
        // Ten wrong ones in a row would end the connection.
        his.fence();
    }
    // The next good one is the first: refused attempts left nothing behind.
    assert_eq!(his.send_message(&session, "x")["seq"], 1);
    assert_eq!(hers.receive(&session), "x");
}

#[test]
fn a_text_has_a_maximum_size_in_bytes() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    let path = format!("/sessions/{session}/messages");
    let most = "ж".repeat(8192);
    his.send_message(&session, &most);
    let more = format!("{most}x");
    let answer = his.request(json!({"type": "send", "session": session, "text": more}));
    let code = text(&answer, "code");
    assert!(["too_large", "invalid_request"].contains(&code), "{answer}");
    let reply = avi.http.post(&path, json!({"text": more}));
    assert!([400, 413].contains(&reply.status), "{}", reply.text());
    assert_eq!(reply.json()["code"], code, "REST and frames alike");
    let page = lisa.http.get(&path).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), [most]);
}

#[test]
fn a_smaller_limit_is_announced_and_enforced() {
    let server = Server::with(&[("PARLOR_TEXT_BYTES", "10")]);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    assert_eq!(his.ready["limits"]["text_bytes"], 10);
    his.send_message(&session, "ten bytes.");
    let answer = his.request(json!({"type": "send", "session": session, "text": "eleven byte"}));
    assert_eq!(answer["type"], "error", "{answer}");
}
