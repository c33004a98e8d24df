//! Queries are words, never expressions of the search engine.

use super::{EAGER, found_texts, path, settled};
use crate::kit::*;

/// Operators and special characters of the engine, SQL and Unicode.
const OPERATORS: [&str; 20] =
    ["\"", "'", "*", "^", ":", "-", "(", ")", "{", "}", "+", "AND", "OR", "NOT", "NEAR", ";", "\\", "%", "\0", "§"];

/// Queries that would be expressions, or break one.
const QUERIES: [&str; 70] = [
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
];

/// Hostile queries, some of them with the id of a session of others.
fn hostile_queries(theirs: &str) -> Vec<String> {
    let mut hostile: Vec<String> = QUERIES.map(str::to_owned).into();
    hostile.extend(
        OPERATORS.iter().flat_map(|a| [format!("{a}{a}"), format!("words {a} own"), format!("words{a}own {a}")]),
    );
    hostile.push(format!("§{theirs}"));
    hostile.push(format!("s{theirs} secret"));
    hostile.push(format!("words\" OR \"§{theirs}"));
    hostile.push("w ".repeat(100));
    hostile.push("中".repeat(200));
    hostile.push("\"".repeat(200));
    hostile
}

#[test]
fn no_query_has_operators() {
    let server = Server::with(&EAGER);
    let (avi, lisa, session) = pair(&server);
    let mark = register(&server, "mark");
    let theirs = befriend(&lisa, &mark);
    lisa.send_message(&theirs, "secret words NEAR AND OR NOT rowid search near");
    avi.send_message(&session, "own words NEAR AND OR NOT rowid search near");
    settled(&avi, &session);
    settled(&mark, &theirs);
    let hostile = hostile_queries(&theirs);
    assert!(hostile.len() >= 100);
    let mut socket = avi.connect();
    for query in &hostile {
        let rest = avi.http.get(&path(query, ""));
        let live = socket.request(json!({"type": "search", "query": query}));
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
    assert_eq!(found_texts(&avi, "words NEAR").len(), 1, "after all that it still finds");
}
