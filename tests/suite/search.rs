//! Searching: found soon after it was said, gone at once when it is deleted, never in sessions of others, and nothing that
//! somebody types is more than words.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};

use crate::kit::*;

/// A message may be found so much later than its `ok`.
const SOON: Duration = Duration::from_secs(2);
/// Tests that look again and again, and say much.
const EAGER: [(&str, &str); 4] = [
    ("PARLOR_SEARCHES_PER_SECOND", "0"),
    ("PARLOR_REQUESTS_PER_SECOND", "0"),
    ("PARLOR_SENDS_PER_SECOND", "0"),
    ("PARLOR_FRAMES_PER_SECOND", "0"),
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The path of a search.
fn path(query: &str, more: &str) -> String {
    format!("/search?q={}{more}", encoded(query))
}

/// What a search finds, whole; fails where it is refused.
#[track_caller]
fn found(person: &Person, query: &str, more: &str) -> Value {
    person.http.get(&path(query, more)).ok()
}

/// The same as texts.
#[track_caller]
fn told(person: &Person, query: &str) -> Vec<String> {
    texts(list(&found(person, query, ""), "messages"), "text")
}

/// Waits until all that was said can be found: what is said last is found last.
#[track_caller]
fn settled(person: &Person, session: &str) {
    let last = format!("settled{}{session}", number(&person.say(session, "…"), "seq"));
    person.say(session, &last);
    until("what was said is found", SOON * 5, || !told(person, &last).is_empty());
}

/// A snippet with its hits in brackets.
fn marked(message: &Value) -> String {
    let piece = |piece: &Value| {
        if piece["hit"] == true { format!("[{}]", text(piece, "text")) } else { text(piece, "text").to_owned() }
    };
    list(message, "snippet").iter().map(piece).collect()
}

#[test]
fn what_was_said_is_found_within_two_seconds_by_both_doors() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mut his = avi.connect();
    his.say(&session, "the quick brown fox");
    until("the fox is found", SOON, || told(&lisa, "fox") == ["the quick brown fox"]);
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
fn while_others_talk_without_a_pause_it_is_found_too() {
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
                socket.say(&others, "talk");
            }
        });
        for number in 0..3 {
            let needle = format!("needle{number}");
            avi.say(&session, &needle);
            // Without its share the index would wait until the talk ends. How long the share takes is the machine's matter.
            until("it is found", PATIENCE, || told(&avi, &needle) == [needle.as_str()]);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn hits_come_newest_first_and_in_pages() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    for number in 1..=120 {
        socket.say(&session, &format!("needle {number}"));
        socket.say(&session, "straw");
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
fn a_page_of_long_messages_ends_at_its_size_and_says_so() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    let long = "\"needle\\ ".repeat(16 * 1024 / 9);
    for _ in 0..40 {
        socket.say(&session, &long);
    }
    settled(&avi, &session);
    // The kit fails on any frame above 256 KiB.
    let (mut seqs, mut ask) = (Vec::new(), json!({"type": "search", "query": "needle"}));
    loop {
        let page = socket.ok(ask.clone());
        seqs.extend(numbers(list(&page, "messages"), "seq"));
        match page.get("next") {
            Some(next) => ask["cursor"] = next.clone(),
            None => break,
        }
    }
    assert_eq!(seqs, (1..=40).rev().collect::<Vec<u64>>());
}

#[test]
fn words_are_found_as_people_mean_them() {
    let server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    // What was said, what is looked for, what is marked; `None`: not found.
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
    for (said, ..) in cases {
        socket.say(&session, said);
    }
    settled(&avi, &session);
    for (said, query, wanted) in cases {
        let page = found(&avi, query, "");
        let hit = list(&page, "messages").iter().find(|message| text(message, "text") == *said);
        assert_eq!(hit.map(marked).as_deref(), *wanted, "{query:?} in {said:?}");
    }
}

#[test]
fn no_query_is_more_than_words() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let theirs = befriend(&lisa, &mark);
    lisa.say(&theirs, "secret words NEAR AND OR NOT rowid search near");
    avi.say(&session, "own words NEAR AND OR NOT rowid search near");
    settled(&avi, &session);
    settled(&mark, &theirs);
    let pieces =
        ["\"", "'", "*", "^", ":", "-", "(", ")", "{", "}", "+", "AND", "OR", "NOT", "NEAR", ";", "\\", "%", "\0", "§"];
    let mut hostile: Vec<String> = [
        "words\"",
        "\"words",
        "\"words\"",
        "words*",
        "*words",
        "^words",
        "words:words",
        "words: *",
        "search:words",
        "rowid:1",
        "-words",
        "words -own",
        "NOT own",
        "words AND",
        "AND words",
        "OR",
        "NEAR(words own)",
        "NEAR(words, 5)",
        "words OR secret",
        "words\" OR \"secret",
        "(words",
        "words)",
        "((((((((((words",
        "{words}: own",
        "{words own} : near",
        "words + own",
        "words\0own",
        "\0",
        "\0words",
        "'; DROP TABLE search; --",
        "' OR 1=1 --",
        "words;",
        "%",
        "_",
        "words%",
        "\\",
        "\\words",
        "\u{feff}words",
        "words\u{200b}own",
        "\u{202e}sdrow",
        "ﷺ",
        "½",
        "\u{301}",
        "\u{301}\u{301}words",
        "İıſ",
        "a\u{300}\u{301}\u{302}",
        "𝐰𝐨𝐫𝐝𝐬",
        "ⓦⓞⓡⓓⓢ",
        "\u{10ffff}",
        "\u{e000}words",
        "words\r\nown",
        "\t",
        " ",
        "",
        "''",
        "\"\"",
        "\"\"\"\"",
        "* * *",
        "?",
        "?1",
        "$1",
        ":1",
        "@words",
        "#words",
        "[words]",
        "<b>words</b>",
        "&q=x",
        "q",
        "§",
        "§words",
    ]
    .map(str::to_owned)
    .into();
    hostile
        .extend(pieces.iter().flat_map(|a| [format!("{a}{a}"), format!("words {a} own"), format!("words{a}own {a}")]));
    hostile.push(format!("§{theirs}"));
    hostile.push(format!("s{theirs} secret"));
    hostile.push(format!("words\" OR \"§{theirs}"));
    hostile.push("w ".repeat(100));
    hostile.push("中".repeat(200));
    hostile.push("\"".repeat(200));
    assert!(hostile.len() >= 100);
    let mut socket = avi.connect();
    for query in &hostile {
        let rest = avi.http.get(&path(query, ""));
        let live = socket.ask(json!({"type": "search", "query": query}));
        if rest.status == 200 {
            let rest = rest.json();
            assert_eq!(rest["messages"], live["messages"], "{query:?}");
            assert!(!rest.to_string().contains("secret"), "{query:?} finds {rest}");
        } else {
            rest.refused(400, "invalid_request");
            assert_eq!(live["code"], "invalid_request", "{query:?}: {live}");
        }
    }
    for long in ["x".repeat(201), "x".repeat(10_000), "x ".repeat(5_000), "\0".repeat(10_000), "👍".repeat(2_500)] {
        avi.http.get(&path(&long, "")).refused(400, "invalid_request");
        socket.refused(json!({"type": "search", "query": long}), "invalid_request");
    }
    for wordless in ["", " ", "…", "\"*\"", "-- ^ :"] {
        avi.http.get(&path(wordless, "")).refused(400, "invalid_request");
        socket.refused(json!({"type": "search", "query": wordless}), "invalid_request");
    }
    avi.http.get("/search").blames("q");
    server.http().get(&path("words", "")).refused(401, "unauthenticated");
    assert_eq!(told(&avi, "words NEAR").len(), 1, "after all that it still finds");
}

#[test]
fn only_members_find_and_a_session_narrows() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let (his, hers) = (befriend(&avi, &mark), befriend(&lisa, &mark));
    for (person, place) in [(&avi, &session), (&avi, &his), (&lisa, &hers)] {
        person.say(place, &format!("needle of {}", person.username));
        settled(person, place);
    }
    assert_eq!(told(&avi, "needle"), ["needle of avi"; 2]);
    assert_eq!(told(&lisa, "needle"), ["needle of lisa", "needle of avi"]);
    assert_eq!(told(&mark, "needle"), ["needle of lisa", "needle of avi"]);
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
fn what_was_said_in_the_lobby_is_everybodys() {
    let mut settings = EAGER.to_vec();
    settings.push(("PARLOR_LOBBY", "on"));
    let server = Server::with(&settings);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let sessions = avi.http.get("/sessions").ok();
    let lobby = list(&sessions, "sessions").iter().find(|session| session["kind"] == "lobby").unwrap();
    let lobby = text(lobby, "id").to_owned();
    avi.say(&lobby, "needle");
    until("the others find it", SOON, || told(&lisa, "needle") == ["needle"]);
    assert_eq!(list(&found(&lisa, "needle", &format!("&session={lobby}")), "messages").len(), 1);
}

#[test]
fn who_has_left_finds_nothing_there() {
    let server = Server::with(&EAGER);
    let (avi, lisa) = (register(&server, "avi"), register(&server, "lisa"));
    let group = avi.http.post("/sessions", json!({"kind": "group", "title": "Trip", "usernames": ["lisa"]})).ok();
    let group = text(&group["session"], "id").to_owned();
    avi.say(&group, "needle");
    settled(&avi, &group);
    assert_eq!(told(&lisa, "needle"), ["needle"]);
    lisa.http.delete(&format!("/sessions/{group}/members/lisa")).ok();
    assert_eq!(told(&lisa, "needle"), Vec::<String>::new());
    lisa.http.get(&path("needle", &format!("&session={group}"))).refused(404, "not_found");
    assert_eq!(told(&avi, "needle"), ["needle"]);
}

#[test]
fn an_edit_and_a_deletion_count_at_once() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let seq = number(&avi.say(&session, "first wording"), "seq");
    settled(&avi, &session);
    let message = format!("/sessions/{session}/messages/{seq}");
    avi.http.patch(&message, json!({"text": "second saying"})).ok();
    assert_eq!(told(&lisa, "wording"), Vec::<String>::new());
    assert_eq!(told(&lisa, "saying"), ["second saying"]);
    avi.http.delete(&message).ok();
    assert_eq!(told(&lisa, "saying"), Vec::<String>::new());
    // Before the index has come to it, too.
    let seq = number(&avi.say(&session, "third wording"), "seq");
    avi.http.patch(&format!("/sessions/{session}/messages/{seq}"), json!({"text": "fourth saying"})).ok();
    settled(&avi, &session);
    assert_eq!(told(&lisa, "wording"), Vec::<String>::new());
    assert_eq!(told(&lisa, "saying"), ["fourth saying"]);
}

#[test]
fn after_a_crash_everything_that_was_said_is_found_soon() {
    let mut server = Server::with(&EAGER);
    let (avi, _, session) = pair(&server);
    let mut socket = avi.connect();
    for number in 0..400 {
        socket.tell(json!({"type": "send", "session": session, "text": format!("needle {number}")}));
    }
    for _ in 0..400 {
        assert_eq!(socket.expect("ok")["type"], "ok");
    }
    drop(socket);
    server.crash();
    until("the index has caught up", PATIENCE, || told(&avi, "needle 399") == ["needle 399"]);
    assert_eq!(list(&found(&avi, "needle", "&limit=200"), "messages").len(), 200);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(server: &Server, what: &str) -> i64 {
    let mut db = SqliteConnection::establish(&server.database().display().to_string()).unwrap();
    let counts: Vec<Count> = sql_query(format!("SELECT count(*) AS count FROM {what}")).load(&mut db).unwrap();
    counts[0].count
}

#[test]
fn nothing_stays_of_a_session_that_is_gone() {
    let mut server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let kept = befriend(&avi, &mark);
    let mut socket = avi.connect();
    for number in 0..1_500 {
        socket.tell(json!({"type": "send", "session": session, "text": format!("needle {number}")}));
    }
    for _ in 0..1_500 {
        assert_eq!(socket.expect("ok")["type"], "ok");
    }
    drop(socket);
    avi.say(&kept, "another needle");
    server.terminate();
    server.sql("UPDATE sessions SET kind = 4, pair_low = NULL, pair_high = NULL WHERE seq > 1");
    server.open().unwrap();
    assert_eq!(told(&lisa, "needle"), Vec::<String>::new());
    // A start does not wait for the index.
    until("it is found", PATIENCE, || told(&avi, "needle") == ["another needle"]);
    until("all of it is deleted", PATIENCE, || count(&server, "sessions WHERE kind <> 3") == 1);
    for (rows, left) in [("messages", 1), ("members", 2), ("search", 1)] {
        assert_eq!(count(&server, rows), left, "{rows}");
    }
    assert_eq!(told(&avi, "needle"), ["another needle"]);
}

#[test]
fn who_searches_too_much_is_told_when_to_come_back() {
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
    assert_eq!(told(&lisa, "needle"), Vec::<String>::new(), "others are not concerned");
}
