//! Durable before visible: with a disk whose every sync takes two seconds, no client receives a message sooner, and
//! everything that waits for no disk goes on as ever.
//!
//! The slow disk is `slow_sync.c`, preloaded into the server.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::folder::Folder;
use crate::kit::*;

/// What a sync takes at least.
const SYNC: Duration = Duration::from_secs(2);
/// A commit may need several of them: the log's head, a checkpoint.
const COMMIT: Duration = Duration::from_secs(20);

/// A server on a disk that is slow while a file exists.
struct SlowDisk {
    server: Server,
    slow: PathBuf,
    _folder: Folder,
}

impl SlowDisk {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let (library, slow) = (preload("slow_sync.c", folder.path()), folder.path().join("slow"));
        let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let settings = [("LD_PRELOAD", path(&library)), ("SLOW_SYNC", path(&slow)), limitless()];
        let mut settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.extend(more);
        Self { server: Server::with(&settings), slow, _folder: folder }
    }

    fn slow_down(&self) {
        fs::write(&self.slow, "").unwrap();
    }

    fn speed_up(&self) {
        fs::remove_file(&self.slow).unwrap();
    }
}

fn limitless() -> (&'static str, String) {
    ("PARLOR_REQUESTS_PER_SECOND", "0".to_owned())
}

/// Sends by `send` with the disk slowed down. Until a sync's time has passed nobody may receive it, by any endpoint; then all do.
fn nobody_receives_it_before_the_sync(
    send: impl FnOnce(&Person, &str, &mut TrySocket) -> Box<dyn FnOnce(&mut TrySocket) + Send>,
) {
    let _alone = alone();
    let disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    avi.send_message(&session, "at full speed");
    let (mut his, mut second, mut hers) = (connect(&avi), connect(&avi), connect(&lisa));
    disk.slow_down();
    let begun = Instant::now();
    let answered = send(&avi, &session, &mut his);
    let received = |line: &mut TrySocket| {
        while line.receive(COMMIT).unwrap().expect("the message, at last")["type"] != "message" {}
        begun.elapsed()
    };
    thread::scope(|scope| {
        let hers = scope.spawn(|| received(&mut hers));
        let second = scope.spawn(|| received(&mut second));
        let answer = scope.spawn(|| {
            answered(&mut his);
            begun.elapsed()
        });
        // Reads meanwhile see the whole state before.
        let mut looks = 0;
        while begun.elapsed() + Duration::from_millis(200) < SYNC {
            let page = lisa.http.get(&format!("/sessions/{session}/messages")).ok();
            let all = lisa.http.get("/sessions").ok()["sessions"][0].clone();
            if begun.elapsed() < SYNC {
                assert_eq!(texts(list(&page, "messages"), "text"), ["at full speed"]);
                assert_eq!((&all["seq"], &all["rev"], &all["unread"]), (&json!(1), &json!(1), &json!(1)), "{all}");
                looks += 1;
            }
        }
        assert!(looks > 3, "{looks} looks in {SYNC:?}");
        for (who, receiver) in [("the sender", answer), ("the other", hers), ("the second device", second)] {
            let after = receiver.join().expect("the message");
            assert!(after >= SYNC, "{who} heard after {after:?}");
        }
    });
    disk.speed_up();
    assert_eq!(SessionReplica::load(&lisa, &session).texts(), ["at full speed", "slowly"]);
}

fn connect(person: &Person) -> TrySocket {
    TrySocket::connect(person.http.endpoint(), &person.token).unwrap()
}

#[test]
fn a_message_sent_by_socket_is_durable_before_it_is_visible() {
    if skipped_on_postgres("the slow disk is the server's own") {
        return;
    }
    nobody_receives_it_before_the_sync(|_, session, line| {
        line.send(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
        Box::new(|line| while line.receive(COMMIT).unwrap().expect("an answer")["id"] != "slow" {})
    });
}

#[test]
fn a_message_sent_by_rest_is_durable_before_it_is_visible() {
    if skipped_on_postgres("the slow disk is the server's own") {
        return;
    }
    nobody_receives_it_before_the_sync(|avi, session, _| {
        let (avi, session) = (avi.clone(), session.to_owned());
        let sending = thread::spawn(move || drop(avi.send_message(&session, "slowly")));
        Box::new(|_| sending.join().expect("an answer"))
    });
}

#[test]
fn a_slow_disk_delays_nothing_that_needs_no_disk() {
    if skipped_on_postgres("the slow disk is the server's own") {
        return;
    }
    let _alone = alone();
    let disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    let (mut his, mut hers) = (connect(&avi), connect(&lisa));
    let http = disk.server.http();
    http.get("//healthz").ok();
    disk.slow_down();
    his.send(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
    let begun = Instant::now();
    let (mut pings, mut healths) = thread::scope(|scope| {
        let pings = scope.spawn(|| {
            spread_over_the_sync(begun, || {
                hers.request(json!({"type": "ping"}), |frame| assert_ne!(frame["type"], "message", "sooner than kept"))
                    .unwrap();
            })
        });
        let healths = scope.spawn(|| spread_over_the_sync(begun, || drop(http.get("//healthz").ok())));
        (pings.join().expect("pings"), healths.join().expect("health"))
    });
    for (name, times) in [("ping", &mut pings), ("/healthz", &mut healths)] {
        times.sort();
        println!("{name}: p50 {:?}, p99 {:?}, worst {:?}", times[49], times[98], times[99]);
        assert!(times[98] < Duration::from_millis(100), "{name}: 99 of 100 within {:?}", times[98]);
    }
    while his.receive(COMMIT).unwrap().expect("an answer")["id"] != "slow" {}
    assert!(begun.elapsed() >= SYNC, "answered after {:?}", begun.elapsed());
    disk.speed_up();
}

#[test]
fn busy_is_answered_before_the_full_queue_moves() {
    if skipped_on_postgres("the slow disk is the server's own") {
        return;
    }
    let _alone = alone();
    let disk = SlowDisk::with(&[("PARLOR_WRITER_QUEUE", "5"), ("PARLOR_SENDS_PER_SECOND", "0")]);
    let (avi, _, session) = pair(&disk.server);
    let mut his = connect(&avi);
    disk.slow_down();
    let sixteen = |his: &mut TrySocket, round: &str| {
        let send = |number: u32| {
            let content = format!("{round} {number}");
            json!({"type": "send", "id": content, "session": session, "text": content, "key": content})
        };
        his.send_all(&(0..16).map(send).collect::<Vec<_>>()).unwrap();
    };
    sixteen(&mut his, "first");
    let (mut answers, mut busy) = (0, Vec::new());
    while answers < 32 {
        let answer = his.receive(COMMIT).unwrap().expect("an answer");
        if answer["type"] == "pong" {
            // Everything before it is in the queue, or was too much for it.
            let path = format!("/sessions/{session}/messages");
            avi.http.post(&path, json!({"text": "by REST"})).refused(503, "busy");
            continue;
        }
        if answer["code"] == "busy" {
            busy.push(answer["id"].clone());
        }
        answers += 1;
        if answers == 1 {
            assert_eq!(busy.len(), 1, "said behind what was kept: {answer}");
            sixteen(&mut his, "second");
            his.send(&json!({"type": "ping"})).unwrap();
        }
    }
    disk.speed_up();
    // A commit may have begun with the first of them.
    assert!((21..=22).contains(&busy.len()), "{busy:?}");
    let kept = SessionReplica::load(&avi, &session).texts();
    assert_eq!(kept.len() + busy.len(), 32, "{kept:?}");
    for id in busy {
        let send = json!({"type": "send", "session": session, "text": id, "key": id});
        assert_ne!(his.request(send, |_| ()).unwrap()["duplicate"], true, "nothing was kept of {id}");
    }
}

#[test]
fn a_shutdown_waits_for_accepted_writes() {
    if skipped_on_postgres("the slow disk is the server's own") {
        return;
    }
    let _alone = alone();
    let mut disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    let (mut his, mut hers) = (connect(&avi), connect(&lisa));
    disk.slow_down();
    let begun = Instant::now();
    his.send(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
    // A ping behind it comes back once the server has read both.
    his.request(json!({"type": "ping"}), |frame| assert_eq!(frame["type"], "presence")).unwrap();
    disk.server.signal("TERM");
    while his.receive(COMMIT).unwrap().expect("an answer")["type"] != "ok" {}
    assert!(begun.elapsed() >= SYNC, "answered after {:?}", begun.elapsed());
    disk.speed_up();
    let mut received = Vec::new();
    for line in [&mut his, &mut hers] {
        let end = line.end_with(COMMIT, |frame| received.push(frame["text"].clone()));
        assert!(matches!(end, Some(Lost::Closed(1012, _))), "{end:?}");
    }
    assert!(received.contains(&json!("slowly")), "accepted messages are delivered before the end: {received:?}");
    assert_eq!(disk.server.wait().code(), Some(0));
    disk.server.open().unwrap();
    assert_eq!(SessionReplica::load(&lisa, &session).texts(), ["slowly"]);
}

/// A hundred times, evenly over the time of a sync. How long each took.
fn spread_over_the_sync(begun: Instant, mut request: impl FnMut()) -> Vec<Duration> {
    let once = |number: u32| {
        // A pace, not a wait: all at once would look at one moment only.
        thread::sleep((begun + SYNC * number / 105).saturating_duration_since(Instant::now()));
        let requested = Instant::now();
        request();
        requested.elapsed()
    };
    (0..100).map(once).collect()
}
