//! Searching: messages are found soon after they were sent, never after their deletion, never in sessions of others, and nothing that
//! users type is more than words.

mod operators;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::kit::*;

/// A message may be found so much later than its `ok`.
const SOON: Duration = Duration::from_secs(2);
/// Settings for tests that search often and send much.
const EAGER: [(&str, &str); 4] = [
    ("PARLOR_SEARCHES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
];

/// The path of a search.
fn path(query: &str, more: &str) -> String {
    format!("/search?q={}{more}", percent(query))
}

/// What a search finds, whole; fails where it is refused.
#[track_caller]
fn found(person: &Person, query: &str, more: &str) -> Value {
    person.http.get(&path(query, more)).ok()
}

/// The same as texts.
#[track_caller]
fn found_texts(person: &Person, query: &str) -> Vec<String> {
    texts(list(&found(person, query, ""), "messages"), "text")
}

/// Waits until all messages can be found: the newest is found last.
#[track_caller]
fn settled(person: &Person, session: &str) {
    let last = format!("settled{}{session}", number(&person.send_message(session, "…"), "seq"));
    person.send_message(session, &last);
    until("the message is found", SOON * 5, || !found_texts(person, &last).is_empty());
}

/// A snippet with its hits in brackets.
fn marked(message: &Value) -> String {
    let piece = |piece: &Value| {
        if piece["hit"] == true { format!("[{}]", text(piece, "text")) } else { text(piece, "text").to_owned() }
    };
    list(message, "snippet").iter().map(piece).collect()
}

#[test]
fn a_message_is_found_within_two_seconds_by_rest_and_by_frame() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    his.send_message(&session, "the quick brown fox");
    until("the fox is found", SOON, || found_texts(&lisa, "fox") == ["the quick brown fox"]);
    let rest = found(&lisa, "QUICK", "");
    let mut message = list(&rest, "messages")[0].clone();
    assert_eq!(marked(&message), "the [quick] brown fox");
    let answer = lisa.connect().ok(json!({"type": "search", "query": "QUICK"}));
    assert_eq!(answer["messages"], rest["messages"]);
    assert_eq!(answer.get("next"), None);
    // Beside the snippet it is the message that history shows.
    message.as_object_mut().unwrap().remove("snippet");
    let history = lisa.http.get(&format!("/sessions/{session}/messages")).ok();
    assert_eq!(history["messages"], json!([message]));
}

#[test]
fn a_message_is_found_while_others_send_without_a_pause() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let others = befriend(&register(&server, "mark"), &lisa);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut socket = lisa.connect();
            // Bounded, so that a failure of the others is not awaited; longer than all searches below may take.
            let end = Instant::now() + 4 * PATIENCE;
            while !done.load(Ordering::Relaxed) && Instant::now() < end {
                socket.send_message(&others, "talk");
            }
        });
        for number in 0..3 {
            let needle = format!("needle{number}");
            avi.send_message(&session, &needle);
            // Without its share the index would wait until the talk ends. How long the share takes is the machine's matter.
            until("it is found", PATIENCE, || found_texts(&avi, &needle) == [needle.as_str()]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn hits_are_paginated_newest_first() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    for number in 1..=120 {
        socket.send_message(&session, &format!("needle {number}"));
        socket.send_message(&session, "straw");
    }
    settled(&avi, &session);
    let (mut all, mut more, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = found(&avi, "needle", &more);
        sizes.push(list(&page, "messages").len());
        all.extend(texts(list(&page, "messages"), "text"));
        match page.get("next") {
            Some(next) => more = format!("&cursor={}", next.as_str().unwrap()),
            None => break,
        }
    }
    assert_eq!(all, (1..=120).rev().map(|number| format!("needle {number}")).collect::<Vec<_>>());
    assert_eq!(sizes, [50, 50, 20]);
    // A page that is exactly full is known to be the last.
    let page = found(&avi, "needle", "&limit=120");
    assert_eq!((list(&page, "messages").len(), page.get("next")), (120, None));
    let first = socket.ok(json!({"type": "search", "query": "needle"}));
    let second = socket.ok(json!({"type": "search", "query": "needle", "cursor": first["next"]}));
    assert_eq!(text(&list(&second, "messages")[0], "text"), "needle 70");
    for wrong in ["&limit=0", "&limit=201", "&cursor=x", "&limit=many"] {
        avi.http.get(&path("needle", wrong)).refused(400, "invalid_request");
    }
}

#[test]
fn a_page_of_long_messages_ends_at_its_size_and_names_the_next() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    let long = "\"needle\\ ".repeat(16 * 1024 / 9);
    for _ in 0..40 {
        socket.send_message(&session, &long);
    }
    settled(&avi, &session);
    // The kit fails on any frame above 256 KiB.
    let (mut seqs, mut request) = (Vec::new(), json!({"type": "search", "query": "needle"}));
    loop {
        let page = socket.ok(request.clone());
        seqs.extend(numbers(list(&page, "messages"), "seq"));
        match page.get("next") {
            Some(next) => request["cursor"] = next.clone(),
            None => break,
        }
    }
    assert_eq!(seqs, (1..=40).rev().collect::<Vec<u64>>());
}

#[test]
fn search_ignores_case_and_accents_and_matches_beginnings() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    // The message, the query and the marked text; `None`: not found.
    let cases: &[(&str, &str, Option<&str>)] = &[
        ("Crème brûlée für Zoë", "creme ZOE", Some("[Crème] brûlée für [Zoë]")),
        ("plain creation", "créat", Some("plain [creation]")),
        ("cafe\u{301} noir", "café", Some("[cafe\u{301}] noir")),
        ("Die Straße", "STRASSE", Some("Die [Straße]")),
        ("ein Straßenfest", "strass", Some("ein [Straßenfest]")),
        ("begin middle end", "mid", Some("begin [middle] end")),
        ("begun muddle ond", "mud ond", None),
        ("begone muddled over", "over mudd", Some("begone [muddled] [over]")),
        ("order of words", "words order", Some("[order] of [words]")),
        ("שָׁלוֹם לכולם", "שלום", Some("[שָׁלוֹם] לכולם")),
        ("ברכה לאבי", "לאב", Some("ברכה [לאבי]")),
        ("我喜欢中国菜", "中国", Some("我喜欢[中国]菜")),
        ("東京都庁", "京都庁", Some("東[京都庁]")),
        ("鳥", "鳥", Some("[鳥]")),
        ("青い魚", "魚", Some("青い[魚]")),
        ("カタカナ", "ｶﾀｶﾅ", Some("[カタカナ]")),
        ("안녕하세요", "안녕", Some("[안녕하세요]")),
        ("Привет МИР", "мир", Some("Привет [МИР]")),
        ("good 🦊 job", "🦊", Some("good [🦊] job")),
        ("thumbs 👍🏽", "👍", Some("thumbs [👍🏽]")),
        ("mail user@example.com now", "example.com", Some("mail user@[example].[com] now")),
        ("snake_case-word's", "case", Some("snake_[case]-word's")),
        ("C++ and C#", "c++", Some("[C]++ and [C]#")),
        ("version 12.5", "12.5", Some("version [12].[5]")),
        ("ＦＵＬＬ width", "full", Some("[ＦＵＬＬ] width")),
    ];
    for (sent, ..) in cases {
        socket.send_message(&session, sent);
    }
    settled(&avi, &session);
    for (sent, query, wanted) in cases {
        let page = found(&avi, query, "");
        let hit = list(&page, "messages").iter().find(|message| text(message, "text") == *sent);
        assert_eq!(hit.map(marked).as_deref(), *wanted, "{query:?} in {sent:?}");
    }
}

#[test]
fn only_members_find_messages_and_a_session_narrows_the_search() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let (his, hers) = (befriend(&avi, &mark), befriend(&lisa, &mark));
    for (person, place) in [(&avi, &session), (&avi, &his), (&lisa, &hers)] {
        person.send_message(place, &format!("needle of {}", person.username));
        settled(person, place);
    }
    assert_eq!(found_texts(&avi, "needle"), ["needle of avi"; 2]);
    assert_eq!(found_texts(&lisa, "needle"), ["needle of lisa", "needle of avi"]);
    assert_eq!(found_texts(&mark, "needle"), ["needle of lisa", "needle of avi"]);
    let narrowed = found(&mark, "needle", &format!("&session={hers}"));
    assert_eq!(texts(list(&narrowed, "messages"), "session"), [hers.as_str()]);
    let answer = mark.connect().ok(json!({"type": "search", "query": "needle", "session": hers}));
    assert_eq!(answer["messages"], narrowed["messages"]);
    let empty = befriend(&register(&server, "noa"), &mark);
    assert_eq!(found(&mark, "needle", &format!("&session={empty}"))["messages"], json!([]));
    for foreign in [hers.as_str(), "0000000000000", "nonsense", ""] {
        avi.http.get(&path("needle", &format!("&session={foreign}"))).refused(404, "not_found");
        avi.connect().refused(json!({"type": "search", "query": "needle", "session": foreign}), "not_found");
    }
}

#[test]
fn messages_in_the_lobby_are_found_by_every_user() {
    let mut settings = EAGER.to_vec();
    settings.push(("PARLOR_LOBBY", "on"));
    let server = Server::with(&settings);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let sessions = avi.http.get("/sessions").ok();
    let lobby = list(&sessions, "sessions").iter().find(|session| session["kind"] == "lobby").unwrap();
    let lobby = text(lobby, "id").to_owned();
    avi.send_message(&lobby, "needle");
    until("the others find it", SOON, || found_texts(&lisa, "needle") == ["needle"]);
    assert_eq!(list(&found(&lisa, "needle", &format!("&session={lobby}")), "messages").len(), 1);
}

#[test]
fn a_former_member_finds_nothing_there() {
    let server = Server::with(&EAGER);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let group = avi.http.post("/sessions", json!({"kind": "group", "title": "Trip", "usernames": ["lisa"]})).ok();
    let group = text(&group["session"], "id").to_owned();
    avi.send_message(&group, "needle");
    settled(&avi, &group);
    assert_eq!(found_texts(&lisa, "needle"), ["needle"]);
    lisa.http.delete(&format!("/sessions/{group}/members/lisa")).ok();
    assert_eq!(found_texts(&lisa, "needle"), Vec::<String>::new());
    lisa.http.get(&path("needle", &format!("&session={group}"))).refused(404, "not_found");
    assert_eq!(found_texts(&avi, "needle"), ["needle"]);
}

#[test]
fn an_edit_and_a_deletion_count_at_once() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let seq = number(&avi.send_message(&session, "first wording"), "seq");
    settled(&avi, &session);
    let message = format!("/sessions/{session}/messages/{seq}");
    avi.http.patch(&message, json!({"text": "second saying"})).ok();
    assert_eq!(found_texts(&lisa, "wording"), Vec::<String>::new());
    assert_eq!(found_texts(&lisa, "saying"), ["second saying"]);
    avi.http.delete(&message).ok();
    assert_eq!(found_texts(&lisa, "saying"), Vec::<String>::new());
    // Before the index has come to it, too.
    let seq = number(&avi.send_message(&session, "third wording"), "seq");
    avi.http.patch(&format!("/sessions/{session}/messages/{seq}"), json!({"text": "fourth saying"})).ok();
    settled(&avi, &session);
    assert_eq!(found_texts(&lisa, "wording"), Vec::<String>::new());
    assert_eq!(found_texts(&lisa, "saying"), ["fourth saying"]);
}

#[test]
fn after_a_crash_every_message_is_found_soon() {
    let mut server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    for number in 0..400 {
        socket.submit(json!({"type": "send", "session": session, "text": format!("needle {number}")}));
    }
    for _ in 0..400 {
        assert_eq!(socket.expect("ok")["type"], "ok");
    }
    drop(socket);
    server.crash();
    until("the index has caught up", PATIENCE, || found_texts(&avi, "needle 399") == ["needle 399"]);
    assert_eq!(list(&found(&avi, "needle", "&limit=200"), "messages").len(), 200);
}

#[test]
fn nothing_remains_of_a_session_that_is_gone() {
    let mut server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let kept = befriend(&avi, &mark);
    let mut socket = avi.connect();
    for number in 0..1_500 {
        socket.submit(json!({"type": "send", "session": session, "text": format!("needle {number}")}));
    }
    for _ in 0..1_500 {
        assert_eq!(socket.expect("ok")["type"], "ok");
    }
    drop(socket);
    avi.send_message(&kept, "another needle");
    server.terminate();
    server.sql("UPDATE sessions SET kind = 4, pair_low = NULL, pair_high = NULL WHERE seq > 1");
    server.open().unwrap();
    assert_eq!(found_texts(&lisa, "needle"), Vec::<String>::new());
    // A start does not wait for the index.
    until("it is found", PATIENCE, || found_texts(&avi, "needle") == ["another needle"]);
    until("all of it is deleted", PATIENCE, || server.count("SELECT count(*) FROM sessions WHERE kind <> 3") == 1);
    for (rows, left) in [("messages", 1), ("members", 2), ("search", 1)] {
        assert_eq!(server.count(&format!("SELECT count(*) FROM {rows}")), left, "{rows}");
    }
    assert_eq!(found_texts(&avi, "needle"), ["another needle"]);
}

#[test]
fn too_many_searches_are_refused_with_a_time_to_retry_after() {
    if skipped_on_cluster("rates and attempts are counted by each node") {
        return;
    }
    let server = Server::start();
    let (avi, lisa, _) = pair(&server);
    let mut socket = avi.connect();
    for number in 0..60 {
        socket.send(&json!({"type": "search", "id": number.to_string(), "query": "needle"}));
    }
    let answers: Vec<Value> = (0..60).map(|number| socket.answer(&number.to_string())).collect();
    let refused: Vec<&Value> = answers.iter().filter(|answer| answer["type"] == "error").collect();
    assert!((1..=40).contains(&refused.len()), "{} of 60", refused.len());
    for error in refused {
        assert_eq!(error["code"], "rate_limited", "{error}");
        assert!(number(error, "retry_after_ms") > 0, "{error}");
    }
    assert_eq!(found_texts(&lisa, "needle"), Vec::<String>::new(), "others are not concerned");
}
