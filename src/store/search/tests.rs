//! The index of each database, against a scan of all texts.

use diesel::connection::SimpleConnection;

use super::snippet::snippet;
use super::{Query, find, index_next, indexed_with};
use crate::domain::{Page, Refusal, SessionId, UserId};
use crate::store::db::prelude::*;
use crate::store::db::scratch::{self, Scratch};

/// A member of few sessions.
const AVI: UserId = UserId(1);
/// A member of many.
const LISA: UserId = UserId(2);
const BYTES: usize = 1 << 20;

struct Stored {
    id: i64,
    session: SessionId,
    text: String,
}

/// Numbers that only look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

const WORDS: [&str; 20] = [
    "the",
    "there",
    "then",
    "a",
    "to",
    "Crème",
    "naïve",
    "it's",
    "x",
    "日本語",
    "日",
    "本を",
    "한국어",
    "👍🏽",
    "C:\\temp",
    "back\\slash",
    "'quoted'",
    "<b>",
    "§2",
    "ﬁn",
];

/// Messages of 60 sessions: half of them in session 1; in session 2 only old ones.
fn messages() -> Vec<Stored> {
    let mut numbers = Numbers(7);
    let message = |id: i64| {
        let other = i64::try_from(numbers.below(60)).unwrap() + 1;
        let session = if id < 700 && numbers.below(3) == 0 { 2 } else { other };
        let session = if numbers.below(2) == 0 || (session == 2 && id >= 700) { 1 } else { session };
        // Words at the end of the list are rarer.
        let mut word = || WORDS[numbers.below(WORDS.len()).min(numbers.below(WORDS.len()))];
        let mut text = format!("{} {} {}", word(), word(), word());
        if id == 400 {
            text += " rarest thingamajig";
        }
        if session == 2 {
            text += " oldtopic";
        }
        Stored { id, session: SessionId(session), text }
    };
    (1..=5_200).map(message).collect()
}

fn databases(messages: &[Stored]) -> Vec<Scratch> {
    let mut sql = String::from(
        "INSERT INTO server (id, epoch, created_at) VALUES (1, 'x', 0);
         INSERT INTO users (id, username, username_key, display_name, kind, accepts, created_at)
             VALUES (1, 'avi', 'avi', 'Avi', 0, 0, 0), (2, 'lisa', 'lisa', 'Lisa', 0, 0, 0);
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
             INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) SELECT n, 1, 9000, 9000, 0, 0 FROM n;
         INSERT INTO members SELECT id, 1, 0, 0, 0, 0, 0, 0 FROM sessions WHERE id <= 5;
         INSERT INTO members SELECT id, 2, 0, 0, 0, 0, 0, 0 FROM sessions WHERE id >= 3;",
    );
    for some in messages.chunks(500) {
        let rows = some.iter().map(|Stored { id, session, text }| {
            format!("({id}, {}, {id}, {id}, {id}, 1, 0, '{}', 0)", session.0, text.replace('\'', "''"))
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        sql += &format!(
            "INSERT INTO messages (id, session_id, seq, rev, posted_rev, sender_id, kind, text, at) VALUES {rows};"
        );
    }
    let mut all = scratch::databases();
    for db in &mut all {
        db.batch_execute(&sql).unwrap();
        if db.is_postgres() {
            // Without optimization a long text takes seconds.
            db.batch_execute("SET idle_in_transaction_session_timeout = 0").unwrap();
        }
        while db.write_transaction(|db| index_next(db, 256, i64::MAX)).unwrap() {}
    }
    all
}

/// The ids of all hits, page by page.
fn found(db: &mut Db, viewer: UserId, query: &Query, session: Option<SessionId>, limit: i64) -> Vec<i64> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = Page::parse(Some(limit), cursor.as_deref()).unwrap();
        let (hits, next) = find(db, viewer, query, session, page, BYTES).unwrap();
        assert!(hits.len() <= usize::try_from(limit).unwrap());
        all.extend(hits.iter().map(|hit| hit.message.id.0));
        if next.is_none() {
            return all;
        }
        cursor = next;
    }
}

/// All messages with every word of the query, newest first, without an index.
fn scanned<'a>(messages: &'a [Stored], query: &Query) -> Vec<&'a Stored> {
    messages.iter().rev().filter(|message| snippet(&message.text, query).is_some()).collect()
}

fn those_in(sessions: &[i64], found: &[&Stored]) -> Vec<i64> {
    found.iter().filter(|message| sessions.contains(&message.session.0)).map(|message| message.id).collect()
}

const QUERIES: [&str; 32] = [
    "the",
    "th",
    "t",
    "then the",
    "th there",
    "creme",
    "naiv",
    "it s",
    "日",
    "日本",
    "日本語",
    "本",
    "한국",
    "한국어",
    "👍",
    "temp",
    "temp c",
    "slash",
    "quoted the",
    "b",
    "b the",
    "fin",
    "rarest",
    "rar",
    "r",
    "thingamajig the t",
    "oldtopic",
    "old",
    "o",
    "nothing",
    "zz the",
    "2",
];

#[test]
fn every_search_finds_what_a_scan_of_the_texts_finds() {
    let messages = messages();
    let expected: Vec<(&str, Query, Vec<&Stored>)> = QUERIES
        .map(|text| {
            let query = Query::parse(text).unwrap();
            let found = scanned(&messages, &query);
            (text, query, found)
        })
        .into();
    let (avi, lisa) = ([1, 2, 3, 4, 5], (3..=60).collect::<Vec<i64>>());
    for mut db in databases(&messages) {
        for (text, query, expected) in &expected {
            assert_eq!(found(&mut db, AVI, query, None, 200), those_in(&avi, expected), "{text:?} of avi");
            assert_eq!(found(&mut db, LISA, query, None, 200), those_in(&lisa, expected), "{text:?} of lisa");
            for session in 1..=3 {
                let found = found(&mut db, AVI, query, Some(SessionId(session)), 200);
                assert_eq!(found, those_in(&[session], expected), "{text:?} in {session}");
            }
        }
        for (text, query, expected) in expected.iter().filter(|(.., found)| (1..500).contains(&found.len())) {
            assert_eq!(found(&mut db, AVI, query, None, 7), those_in(&avi, expected), "{text:?} in small pages");
        }
    }
}

#[test]
fn a_session_of_others_is_not_searched() {
    for mut db in databases(&[]) {
        let query = Query::parse("the").unwrap();
        let refused = find(&mut db, AVI, &query, Some(SessionId(9)), Page::first(20), BYTES);
        assert!(matches!(refused, Err(Error::Refused(Refusal::NotFound))));
    }
}

#[test]
fn texts_of_any_length_are_indexed() {
    // More distinct words than PostgreSQL takes for one message: the first ones are found.
    let letter = |number: u32| char::from_u32(0x4e00 + number).unwrap();
    let words: String = (0..160_000).flat_map(|n| [letter(n / 400), letter(n % 400), ' ']).collect();
    let stored = |id, text: String| Stored { id, session: SessionId(1), text };
    let messages = [stored(1, words), stored(2, "Ü".repeat(100_000))];
    for mut db in databases(&messages) {
        for word in ["一丁", "uuu"] {
            assert_eq!(indexed_with(&mut db, &[SessionId(1)], word, true), 1, "{word}");
        }
    }
}
