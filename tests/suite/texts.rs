//! What may be said: every text exactly as it was, or not at all.

use crate::kit::*;

#[test]
fn a_text_is_kept_exactly_as_it_was_said() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    for words in [
        "line one\nline two\n\tindented",
        "  spaces around  ",
        "e\u{301} is not \u{e9}",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "שלום and مرحبا",
        "\"quotes\" \\ and </script> & <b>",
        "'; DROP TABLE messages; --",
        "\u{2028}\u{FEFF}x",
    ] {
        his.say(&session, words);
        assert_eq!(hers.hear(&session), words);
        let page = lisa.http.get(&format!("/sessions/{session}/messages?limit=1")).ok();
        assert_eq!(page["messages"][0]["text"], words);
    }
}

#[test]
fn some_texts_are_none() {
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let (mut his, mut hers) = (avi.connect(), lisa.connect());
    let path = format!("/sessions/{session}/messages");
    for words in
        ["", " ", "\n\t \n", "\u{3000}\u{a0}", "a\u{0}b", "a\u{7}b", "\r\n", "a\u{1b}[0m", "a\u{7f}", "a\u{85}b"]
    {
        his.refused(json!({"type": "send", "session": session, "text": words}), "invalid_request");
        avi.http.post(&path, json!({"text": words})).blames("text");
        // Ten wrong ones in a row would end the connection.
        his.fence();
    }
    // The next good one is the first: refused attempts left nothing behind.
    assert_eq!(his.say(&session, "x")["seq"], 1);
    assert_eq!(hers.hear(&session), "x");
}

#[test]
fn a_text_has_a_size_in_bytes() {
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    let path = format!("/sessions/{session}/messages");
    let most = "ж".repeat(8192);
    his.say(&session, &most);
    let more = format!("{most}x");
    let answer = his.ask(json!({"type": "send", "session": session, "text": more}));
    let code = text(&answer, "code");
    assert!(["too_large", "invalid_request"].contains(&code), "{answer}");
    let reply = avi.http.post(&path, json!({"text": more}));
    assert!([400, 413].contains(&reply.status), "{}", reply.text());
    assert_eq!(reply.json()["code"], code, "REST and frames alike");
    let page = lisa.http.get(&path).ok();
    assert_eq!(texts(list(&page, "messages"), "text"), [most]);
}

#[test]
fn a_smaller_limit_is_told_and_kept() {
    let server = Server::with(&[("PARLOR_TEXT_BYTES", "10")]);
    let (avi, _, session) = pair(&server);
    let mut his = avi.connect();
    assert_eq!(his.ready["limits"]["text_bytes"], 10);
    his.say(&session, "ten bytes.");
    let answer = his.ask(json!({"type": "send", "session": session, "text": "eleven byte"}));
    assert_eq!(answer["type"], "error", "{answer}");
}
