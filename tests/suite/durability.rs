//! Kept before told: with a disk whose every sync takes two seconds, nobody hears of a message sooner, and everything
//! that waits for no disk goes on as ever.
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

/// A server on a disk that is slow while told so.
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

/// Sends by `send` with the disk slowed down. Until a sync's time has passed nobody may hear of it, by any door; then all do.
fn nobody_hears_before_the_sync(send: impl FnOnce(&Person, &str, &mut Line) -> Box<dyn FnOnce(&mut Line) + Send>) {
    let _alone = alone();
    let disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    avi.say(&session, "at full speed");
    let (mut his, mut second, mut hers) = (connect(&avi), connect(&avi), connect(&lisa));
    disk.slow_down();
    let begun = Instant::now();
    let answered = send(&avi, &session, &mut his);
    let told = |line: &mut Line| {
        while line.hear(COMMIT).unwrap().expect("the message, at last")["type"] != "message" {}
        begun.elapsed()
    };
    thread::scope(|scope| {
        let hers = scope.spawn(|| told(&mut hers));
        let second = scope.spawn(|| told(&mut second));
        let answer = scope.spawn(|| {
            answered(&mut his);
            begun.elapsed()
        });
        // Whoever looks meanwhile sees the state before, whole.
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
        for (who, hearing) in [("the sender", answer), ("the other", hers), ("the second device", second)] {
            let after = hearing.join().expect("the message");
            assert!(after >= SYNC, "{who} heard after {after:?}");
        }
    });
    disk.speed_up();
    assert_eq!(Held::load(&lisa, &session).texts(), ["at full speed", "slowly"]);
}

fn connect(person: &Person) -> Line {
    Line::connect(person.http.door(), &person.token).unwrap()
}

#[test]
fn what_is_sent_by_socket_is_kept_before_anyone_is_told() {
    nobody_hears_before_the_sync(|_, session, line| {
        line.say(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
        Box::new(|line| while line.hear(COMMIT).unwrap().expect("an answer")["id"] != "slow" {})
    });
}

#[test]
fn what_is_sent_by_rest_is_kept_before_anyone_is_told() {
    nobody_hears_before_the_sync(|avi, session, _| {
        let (avi, session) = (avi.clone(), session.to_owned());
        let sending = thread::spawn(move || drop(avi.say(&session, "slowly")));
        Box::new(|_| sending.join().expect("an answer"))
    });
}

#[test]
fn while_the_disk_takes_its_time_the_rest_goes_on() {
    let _alone = alone();
    let disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    let (mut his, mut hers) = (connect(&avi), connect(&lisa));
    let http = disk.server.http();
    http.get("//healthz").ok();
    disk.slow_down();
    his.say(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
    let begun = Instant::now();
    let (mut pings, mut healths) = thread::scope(|scope| {
        let pings = scope.spawn(|| {
            spread_over_the_sync(begun, || {
                hers.ask(json!({"type": "ping"}), |frame| assert_ne!(frame["type"], "message", "sooner than kept"))
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
    while his.hear(COMMIT).unwrap().expect("an answer")["id"] != "slow" {}
    assert!(begun.elapsed() >= SYNC, "answered after {:?}", begun.elapsed());
    disk.speed_up();
}

#[test]
fn busy_is_said_before_the_queue_it_is_about_has_moved() {
    let _alone = alone();
    let disk = SlowDisk::with(&[("PARLOR_WRITER_QUEUE", "5"), ("PARLOR_SENDS_PER_SECOND", "0")]);
    let (avi, _, session) = pair(&disk.server);
    let mut his = connect(&avi);
    disk.slow_down();
    let sixteen = |his: &mut Line, round: &str| {
        for number in 0..16 {
            let words = format!("{round} {number}");
            let send = json!({"type": "send", "id": words, "session": session, "text": words, "key": words});
            his.say(&send).unwrap();
        }
    };
    sixteen(&mut his, "first");
    let (mut answers, mut busy) = (0, Vec::new());
    while answers < 32 {
        let answer = his.hear(COMMIT).unwrap().expect("an answer");
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
            his.say(&json!({"type": "ping"})).unwrap();
        }
    }
    disk.speed_up();
    // A commit may have begun with the first of them.
    assert!((21..=22).contains(&busy.len()), "{busy:?}");
    let kept = Held::load(&avi, &session).texts();
    assert_eq!(kept.len() + busy.len(), 32, "{kept:?}");
    for id in busy {
        let send = json!({"type": "send", "session": session, "text": id, "key": id});
        assert_ne!(his.ask(send, |_| ()).unwrap()["duplicate"], true, "nothing was kept of {id}");
    }
}

#[test]
fn a_stop_waits_for_what_is_under_way() {
    let _alone = alone();
    let mut disk = SlowDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    let (mut his, mut hers) = (connect(&avi), connect(&lisa));
    disk.slow_down();
    let begun = Instant::now();
    his.say(&json!({"type": "send", "id": "slow", "session": session, "text": "slowly"})).unwrap();
    // A ping behind it comes back once the server has read both.
    his.ask(json!({"type": "ping"}), |frame| assert_eq!(frame["type"], "presence")).unwrap();
    disk.server.signal("TERM");
    while his.hear(COMMIT).unwrap().expect("an answer")["type"] != "ok" {}
    assert!(begun.elapsed() >= SYNC, "answered after {:?}", begun.elapsed());
    disk.speed_up();
    let mut heard = Vec::new();
    for line in [&mut his, &mut hers] {
        let end = line.end_with(COMMIT, |frame| heard.push(frame["text"].clone()));
        assert!(matches!(end, Some(Lost::Closed(1012, _))), "{end:?}");
    }
    assert!(heard.contains(&json!("slowly")), "what was accepted is told before the end: {heard:?}");
    assert_eq!(disk.server.wait().code(), Some(0));
    disk.server.open().unwrap();
    assert_eq!(Held::load(&lisa, &session).texts(), ["slowly"]);
}

/// A hundred times, evenly over the time of a sync. How long each took.
fn spread_over_the_sync(begun: Instant, mut ask: impl FnMut()) -> Vec<Duration> {
    let once = |number: u32| {
        // A pace, not a wait: all at once would look at one moment only.
        thread::sleep((begun + SYNC * number / 105).saturating_duration_since(Instant::now()));
        let asked = Instant::now();
        ask();
        asked.elapsed()
    };
    (0..100).map(once).collect()
}
