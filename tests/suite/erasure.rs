//! Deleted and replaced texts are erased from every file, not only from answers: database, write-ahead log, full-text index
//! and new backups, beside a running server and after a stop.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Binary;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use crate::kit::folder::Folder;
use crate::kit::*;

/// As documented.
const TWO_MINUTES: Duration = Duration::from_secs(120);
/// So many of each kind.
const EACH: usize = 30;
/// Settings for tests that send much.
const EAGER: [(&str, &str); 3] =
    [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_FRAMES_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")];

/// Words that are each used once, and what became of them.
#[derive(Default)]
struct Words {
    count: usize,
    deleted: Vec<String>,
    kept: Vec<String>,
}

impl Words {
    /// A text with one new word and this many bytes more.
    fn text(&mut self, length: usize) -> (String, String) {
        self.count += 1;
        let word = format!("zq{:06}secret", self.count);
        (word.clone(), format!("{word} and {}", "something more ".repeat(length)))
    }

    /// Sends a message that is to be deleted.
    fn doomed(&mut self, length: usize) -> String {
        let (word, text) = self.text(length);
        self.deleted.push(word);
        text
    }

    /// Sends a message that is kept.
    fn lasting(&mut self, length: usize) -> String {
        let (word, text) = self.text(length);
        self.kept.push(word);
        text
    }
}

/// Short texts, some that fill a page, and some longer than one.
const LENGTHS: [usize; 6] = [1, 3, 10, 40, 200, 450];

/// Texts deleted and edited one by one, in a session that is kept; then in rooms and sessions that go, and of guests.
fn live(server: &Server, words: &mut Words) -> (Person, String) {
    let (avi, lisa, session) = pair(server);
    let messages = format!("/sessions/{session}/messages");
    for number in 0..EACH {
        let length = LENGTHS[number % LENGTHS.len()];
        avi.send_message(&session, &words.lasting(length));
        let first = number_of(&avi.send_message(&session, &words.doomed(length)));
        let second = number_of(&lisa.send_message(&session, &words.doomed(length)));
        lisa.send_message(&session, &words.lasting(length));
        let longer = words.lasting(LENGTHS[(number + 1) % LENGTHS.len()]);
        avi.http.patch(&format!("{messages}/{first}"), json!({"text": longer})).ok();
        lisa.http.delete(&format!("{messages}/{second}")).ok();
    }
    for length in LENGTHS {
        let secret = words.doomed(1);
        let (room, code) = room(&avi, json!({"title": secret[..20], "keep": true}));
        join(&lisa, &code);
        for _ in 0..EACH / 3 {
            avi.send_message(&room, &words.doomed(length));
            avi.send_message(&session, &words.lasting(3));
            lisa.send_message(&room, &words.doomed(3));
        }
        avi.http.delete(&format!("/sessions/{room}")).done();
    }
    for number in 0..3 {
        let guest = Person::visit(server, &format!("guest-{number}"));
        let (room, _) = room(&guest, json!({"title": "A room"}));
        for _ in 0..5 {
            guest.send_message(&room, &words.doomed(10));
        }
        guest.http.delete(&format!("/sessions/{room}")).done();
        guest.delete_account();
    }
    (avi, session)
}

fn number_of(sent: &Value) -> u64 {
    number(sent, "seq")
}

/// Sends so many more messages, as fast as the server takes them.
fn flood(person: &Person, session: &str, words: &mut Words, count: usize) {
    let mut socket = person.connect();
    for batch in (0..count).collect::<Vec<_>>().chunks(500) {
        let send = |_: &usize| socket.submit(json!({"type": "send", "session": session, "text": words.lasting(1)}));
        let ids: Vec<String> = batch.iter().map(send).collect();
        for id in ids {
            assert_eq!(socket.answer(&id)["type"], "ok");
        }
    }
}

/// The words among these that are anywhere in the files of the folder.
fn on_disk(folder: &Path, words: &[String]) -> BTreeSet<String> {
    let wanted: BTreeSet<&[u8]> = words.iter().map(String::as_bytes).collect();
    let length = wanted.first().map_or(1, |word| word.len());
    let mut found = BTreeSet::new();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The log before the database: what a checkpoint moves meanwhile is seen twice, and never missed.
    paths.sort_unstable_by(|a, b| b.cmp(a));
    for path in paths {
        // What is being removed while we look holds nothing.
        let Ok(bytes) = fs::read(&path) else { continue };
        let words = bytes.windows(length).filter(|window| window.starts_with(b"zq") && wanted.contains(window));
        found.extend(words.map(|word| String::from_utf8(word.to_vec()).unwrap()));
    }
    found
}

#[derive(QueryableByName)]
struct Term {
    #[diesel(sql_type = Binary)]
    term: Vec<u8>,
}

/// The words among these that the full-text index of a database has, or begins a page with.
fn in_index(database: &Path, words: &[String]) -> BTreeSet<String> {
    let mut db = SqliteConnection::establish(&database.display().to_string()).unwrap();
    db.batch_execute("PRAGMA busy_timeout = 10000; CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, row)")
        .unwrap();
    let mut terms: Vec<Term> = sql_query("SELECT CAST(term AS BLOB) AS term FROM temp.terms").load(&mut db).unwrap();
    let pages = sql_query("SELECT substr(CAST(term AS BLOB), 2) AS term FROM search_idx WHERE length(term) > 5");
    terms.extend(pages.load::<Term>(&mut db).unwrap());
    let known: BTreeSet<String> =
        terms.into_iter().map(|Term { term }| String::from_utf8_lossy(&term).into_owned()).collect();
    words.iter().filter(|word| known.contains(*word)).cloned().collect()
}

/// Waits until nothing is left, and shows that what was kept is still there, in the files and in a new backup.
#[track_caller]
fn assert_erased(folder: &Path, database: &Database, words: &Words) {
    let mut left = BTreeSet::new();
    until("what was deleted is gone from all files", TWO_MINUTES, || {
        let before = std::mem::replace(&mut left, on_disk(folder, &words.deleted));
        left.extend(in_index(database.path(), &words.deleted));
        if !left.is_empty() && left != before {
            eprintln!("{} are left, among them {:?}", left.len(), left.first());
        }
        left.is_empty()
    });
    assert_eq!(on_disk(folder, &words.kept).len(), words.kept.len());
    let copies = Folder::new();
    let copy = copies.path().join("copy.db");
    parlor(database, &["backup", copy.to_str().unwrap()], "").ok();
    assert_eq!(on_disk(copies.path(), &words.deleted), BTreeSet::new());
    assert_eq!(in_index(&copy, &words.deleted), BTreeSet::new());
    assert_eq!(on_disk(copies.path(), &words.kept).len(), words.kept.len());
    parlor(&Database::file(&copy), &["verify"], "").ok();
}

/// Waits until all messages are in the index, and sessions that are gone are deleted.
fn settle(server: &Server) {
    until("the index is full", TWO_MINUTES, || {
        server.count("SELECT (SELECT max(id) FROM messages) - indexed FROM server") <= 0
    });
    until("sessions are deleted", TWO_MINUTES, || server.count("SELECT count(*) FROM sessions WHERE kind = 4") == 0);
}

fn erased_after(flooded: usize) {
    let folder = Folder::new();
    let mut server = Server::at(folder.path(), &EAGER);
    let mut words = Words::default();
    let (avi, session) = live(&server, &mut words);
    // Only what has been written can be erased.
    settle(&server);
    flood(&avi, &session, &mut words, flooded);
    assert_erased(folder.path(), &server.database(), &words);
    assert!(server.terminate().0.success());
    assert_erased(folder.path(), &server.database(), &words);
    // What is deleted right before a stop is erased after the next start.
    server.open().unwrap();
    let last = avi.send_message(&session, &words.doomed(10));
    settle(&server);
    avi.http.delete(&format!("/sessions/{session}/messages/{}", number_of(&last))).ok();
    server.restart();
    assert_erased(folder.path(), &server.database(), &words);
}

#[test]
fn deleted_and_replaced_texts_are_gone_from_every_file() {
    if skipped_on_postgres("the files that are searched are SQLite's") {
        return;
    }
    erased_after(0);
}

#[test]
fn deleted_texts_are_erased_after_many_more_messages_too() {
    if skipped_on_postgres("the files that are searched are SQLite's") {
        return;
    }
    let _alone = alone();
    erased_after(20_000);
}
