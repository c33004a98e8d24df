//! Backups beside a busy server, and commands that are refused beside one.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::folder::Folder;
use crate::kit::*;

fn epoch(person: &Person) -> String {
    text(&person.connect().ready["server"], "epoch").to_owned()
}

#[test]
fn a_backup_has_everything_acknowledged_before_it_began() {
    if skipped_on_postgres("a backup copies SQLite's file") {
        return;
    }
    let server = Server::with(&UNHURRIED);
    let (avi, lisa, session) = pair(&server);
    let (acknowledged, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let copies = Folder::new();
    let copy = copies.path().join("parlor.db");
    let before = thread::scope(|scope| {
        scope.spawn(|| {
            let mut socket = avi.connect();
            let begun = Instant::now();
            for count in 1_u32.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let answer = socket.send_message(&session, &format!("message number {count}"));
                acknowledged.store(number(&answer, "seq"), Ordering::Relaxed);
                // About 500 a second: the pace is what is tested here, not an event.
                let due = begun + Duration::from_millis(2) * count;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        until("messages flow", PATIENCE, || acknowledged.load(Ordering::Relaxed) > 200);
        let before = acknowledged.load(Ordering::Relaxed);
        parlor(&server.database(), &["backup", copy.to_str().unwrap()], "").ok();
        until("they still flow", PATIENCE, || acknowledged.load(Ordering::Relaxed) > before + 10);
        done.store(true, Ordering::Relaxed);
        before
    });
    let names: Vec<_> = fs::read_dir(copies.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["parlor.db"], "nothing is left beside the copy");
    parlor(&Database::file(&copy), &["verify"], "").ok();
    let restored = Server::at(copies.path(), &[]);
    let his = Person::login(&restored, "avi");
    let page = his.http.get(&format!("/sessions/{session}/messages?after={}&limit=1", before - 1)).ok();
    assert_eq!(numbers(list(&page, "messages"), "seq"), [before]);
    assert_ne!(epoch(&his), epoch(&lisa), "the copy is another history");
    // Tokens and the rest are in it too.
    assert_eq!(restored.http().with_token(&lisa.token).get("/me").ok()["user"]["username"], "lisa");
    parlor(&server.database(), &["verify"], "").ok();
}

#[test]
fn an_existing_file_is_not_overwritten() {
    if skipped_on_postgres("a backup copies SQLite's file") {
        return;
    }
    let server = Server::start();
    register(&server, "avi");
    let folder = Folder::new();
    let copy = folder.path().join("a.db");
    fs::write(&copy, "mine").unwrap();
    parlor(&server.database(), &["backup", copy.to_str().unwrap()], "").refused("already exists");
    assert_eq!(fs::read(&copy).unwrap(), b"mine");
    let nowhere = folder.path().join("no/such/folder/a.db");
    assert_ne!(parlor(&server.database(), &["backup", nowhere.to_str().unwrap()], "").code, 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn commands_that_need_the_database_alone_are_refused_beside_a_server() {
    let mut server = Server::start();
    let avi = register(&server, "avi");
    let before = epoch(&avi);
    for command in [&["migrate"][..], &["verify", "--new-epoch"]] {
        parlor(&server.database(), command, "").refused("in use by another");
    }
    assert_eq!(epoch(&avi), before);
    server.terminate();
    assert!(parlor(&server.database(), &["migrate"], "").ok().contains("up to date"));
    parlor(&server.database(), &["verify", "--new-epoch"], "").ok();
    server.open().unwrap();
    assert_ne!(epoch(&avi), before);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    if skipped_on_postgres("any file can be named as an SQLite database") {
        return;
    }
    let folder = Folder::new();
    let path = folder.path().join("other.db");
    fs::write(&path, "this is not a database, and long enough to be sure of it").unwrap();
    let before = fs::read(&path).unwrap();
    let copy = folder.path().join("copy.db");
    let commands: [&[&str]; 5] = [
        &["user", "list"],
        &["verify"],
        &["migrate"],
        &["user", "disable", "avi"],
        &["backup", copy.to_str().unwrap()],
    ];
    for command in commands {
        parlor(&Database::file(&path), command, "").refused("not a Parlor database");
    }
    assert!(fs::read(&path).unwrap() == before && !Path::new(&copy).exists());
}

#[test]
fn leftovers_of_a_killed_backup_are_removed_by_the_next_backup_and_start() {
    if skipped_on_postgres("a backup copies SQLite's file") {
        return;
    }
    let mut server = Server::start();
    let folder = server.folder().to_owned();
    let leave = || {
        for name in ["old.db.77.parlor-partial", "old.db.77.parlor-partial-journal", "gone.db.5.parlor-partial-journal"]
        {
            fs::write(folder.join(name), "half a copy").unwrap();
        }
    };
    let left = || {
        let names = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.contains("partial")).collect();
        names.sort();
        names
    };
    // One that is being made is locked.
    let busy = fs::File::create(folder.join("new.db.78.parlor-partial")).unwrap();
    busy.lock().unwrap();
    leave();
    let copy = folder.join("copy.db");
    parlor(&server.database(), &["backup", copy.to_str().unwrap()], "").ok();
    assert_eq!(left(), ["new.db.78.parlor-partial"]);
    leave();
    server.restart();
    assert_eq!(left(), ["new.db.78.parlor-partial"]);
    drop(busy);
    server.restart();
    assert_eq!(left(), Vec::<String>::new());
    parlor(&Database::file(&copy), &["verify"], "").ok();
}
