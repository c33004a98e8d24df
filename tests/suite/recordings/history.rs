//! REST: reading history, marks, changes, and searching.

use crate::kit::*;

#[test]
fn history_is_read_as_recorded() {
    let record = Transcript::new("history");
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let noa = register(&server, "noa");
    let [his, hers, third] = [&avi, &lisa, &noa].map(|person| record.http(person));
    for number in 1..=5 {
        lisa.send_message(&session, &format!("number {number}"));
    }
    let messages = format!("/sessions/{session}/messages");
    record.part("GET /sessions/{id}/messages");
    for query in [
        "limit=2",
        "after=0&limit=2",
        "before=2",
        "after=4",
        "after=5",
        "before=1",
        "before=2&after=1",
        "limit=0",
        "before=x",
        "after=1.5",
    ] {
        his.get(&format!("{messages}?{query}"));
    }
    third.get(&messages);
    record.part("PUT /sessions/{id}/read");
    let read = |caller: &Caller<'_>, body: Value| caller.put(&format!("/sessions/{session}/read"), body);
    for body in
        [json!({"seq": 3}), json!({"seq": 2}), json!({"seq": 99}), json!({"seq": -1}), json!({"seq": "1"}), json!({})]
    {
        read(&his, body);
    }
    read(&third, json!({"seq": 1}));
    record.part("GET /sessions/{id}/changes");
    let changes = format!("/sessions/{session}/changes");
    let whole = hers.get(&format!("{changes}?rev=0")).ok();
    assert_eq!(whole["more"], false);
    for query in ["?rev=4", "?rev=5", "?rev=99", "?rev=0&epoch=another", "?rev=x", "?rev=-1", ""] {
        his.get(&format!("{changes}{query}"));
    }
    third.get(&format!("{changes}?rev=0"));
    record.compare();
}

#[test]
fn a_search_is_answered_as_recorded() {
    let record = Transcript::new("search");
    let server = Server::start();
    let (avi, lisa, session) = pair(&server);
    let noa = register(&server, "noa");
    for content in ["The quick brown fox", "Übermut and the FOX's den", "nothing of it"] {
        lisa.send_message(&session, content);
    }
    until("all is indexed", PATIENCE, || list(&avi.http.get("/search?q=nothing").ok(), "messages").len() == 1);
    let [his, third] = [&avi, &noa].map(|person| record.http(person));
    for query in [
        "q=fox",
        "q=qui%20fox",
        "q=ubermut",
        "q=nobody",
        "q=%20",
        "q=",
        "",
        "q=fox&limit=0",
        "q=fox&cursor=x",
        "q=fox&session=nonsense",
    ] {
        his.get(&format!("/search?{query}"));
    }
    his.get(&format!("/search?q=den&session={session}"));
    let first = his.get("/search?q=fox&limit=1").ok();
    his.get(&format!("/search?q=fox&limit=1&cursor={}", text(&first, "next")));
    third.get("/search?q=fox");
    third.get(&format!("/search?q=fox&session={session}"));
    record.stranger(&server).get("/search?q=fox");
    record.compare();
}
