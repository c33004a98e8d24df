//! REST: sending, editing, deleting and reacting.

use crate::kit::*;

#[test]
fn messages_are_sent_as_recorded() {
    let record = Transcript::new("sending");
    let server = Server::start();
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let messages = format!("/sessions/{}/messages", befriend(&avi, &lisa));
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    let send = |body: Value| his.post(&messages, body);
    send(json!({"text": "hello @Lisa, \"quoted\" <b> \u{1F600} https://example.org/@avi"}));
    send(json!({"text": "again", "key": "k1", "reply_to": 1}));
    send(json!({"text": "again", "key": "k1", "reply_to": 1}));
    send(json!({"text": "otherwise", "key": "k1"}));
    send(json!({"text": "a reply to nothing", "reply_to": 99}));
    for text in ["", "  \n ", "a\u{0}b", "a\u{7}b"] {
        send(json!({"text": text}));
    }
    send(json!({"text": "x".repeat(16_385)}));
    for body in
        [json!({}), json!({"text": 7}), json!({"text": "x", "key": ""}), json!({"text": "x", "key": "k".repeat(65)})]
    {
        send(body);
    }
    send(json!({"text": "x", "reply_to": -1}));
    send(json!({"text": "x", "reply_to": "1"}));
    third.post(&messages, json!({"text": "let me in"}));
    record.stranger(&server).post(&messages, json!({"text": "let me in"}));
    his.post("/sessions/nonsense/messages", json!({"text": "x"}));
    hers.post(&messages, json!({"text": "and a\ttab\nand a line"}));
    hers.get(&messages);
    record.compare();
}

#[test]
fn messages_are_changed_as_recorded() {
    let record = Transcript::new("changing");
    let server = Server::with(&[("PARLOR_MESSAGE_EMOJIS", "2")]);
    let [avi, lisa, noa] = people(&server, ["avi", "lisa", "noa"]);
    let id = group(&avi, "Band", &[&lisa]);
    let messages = format!("/sessions/{id}/messages");
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    for content in ["one", "two"] {
        hers.post(&messages, json!({"text": content}));
    }
    let changed = |seq: &str| format!("{messages}/{seq}");
    record.part("PATCH /sessions/{id}/messages/{seq}");
    for (caller, seq, content) in [
        (&hers, "1", "one!"),
        (&hers, "1", "one!"),
        (&hers, "1", ""),
        (&his, "1", "his"),
        (&third, "1", "theirs"),
        (&hers, "99", "x"),
        (&hers, "x", "x"),
    ] {
        caller.patch(&changed(seq), json!({"text": content}));
    }
    hers.patch(&changed("1"), json!({}));
    record.part("PUT and DELETE /sessions/{id}/messages/{seq}/reactions/{emoji}");
    let emoji = |seq: &str, emoji: &str| format!("{messages}/{seq}/reactions/{}", percent(emoji));
    for (caller, what) in [
        (&his, "👍"),
        (&his, "👍"),
        (&hers, "👍"),
        (&his, "🦊"),
        (&his, "🎉"),
        (&his, "x"),
        (&his, "👍👍"),
        (&third, "👍"),
    ] {
        caller.send(caller.call("PUT", &emoji("1", what)));
    }
    his.get(&messages);
    his.send(his.call("PUT", &format!("{messages}/1/reactions/%FF")));
    for (caller, what) in [(&his, "👍"), (&his, "👍"), (&his, "x")] {
        caller.delete(&emoji("1", what));
    }
    record.part("DELETE /sessions/{id}/messages/{seq}");
    for (caller, seq) in [(&third, "1"), (&hers, "1"), (&hers, "1"), (&his, "2"), (&his, "99")] {
        caller.delete(&changed(seq));
    }
    hers.patch(&changed("1"), json!({"text": "back"}));
    hers.send(hers.call("PUT", &emoji("1", "👍")));
    his.post(&messages, json!({"text": "three"}));
    hers.delete(&changed("3"));
    hers.get(&messages);
    record.compare();
}
