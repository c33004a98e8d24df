//! A disk that is full or fails, and recovers: pending requests are refused, operators see it, nothing refused is stored,
//! nothing that was acknowledged is lost, and all that happened meanwhile is announced without a restart.
//!
//! The disk is `faulty_disk.c`, preloaded into the server.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::kit::folder::Folder;
use crate::kit::*;

/// An operator's supervisor sees it by then.
const SEEN: Duration = Duration::from_secs(2);

/// A server on a disk that fails while a file exists.
struct FaultyDisk {
    server: Server,
    control: PathBuf,
    _folder: Folder,
}

impl FaultyDisk {
    fn new() -> Self {
        let folder = Folder::new();
        let (library, control) = (preload("faulty_disk.c", folder.path()), folder.path().join("fault"));
        let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let (library, fault) = (path(&library), path(&control));
        let server = Server::with(&[
            ("LD_PRELOAD", &library),
            ("FAULTY_DISK", &fault),
            ("FAULTY_DISK_PATH", "parlor.db"),
            ("PARLOR_REQUESTS_PER_SECOND", "0"),
            ("PARLOR_SENDS_PER_SECOND", "0"),
            ("PARLOR_PRESENCE_GRACE_SECONDS", "1"),
            ("PARLOR_ROOM_GRACE_SECONDS", "1"),
        ]);
        Self { server, control, _folder: folder }
    }

    /// From now on it fails like that.
    fn fail(&self, how: &str) {
        fs::write(&self.control, how).unwrap();
    }

    fn heal(&self) {
        fs::remove_file(&self.control).unwrap();
    }

    fn is_ready(&self) -> bool {
        let reply = self.server.http().get("//readyz");
        if reply.status != 200 {
            reply.refused(503, "unavailable");
        }
        reply.status == 200
    }

    /// How many WARN and ERROR lines of the log are about writing to the database.
    fn lines(&self) -> usize {
        self.server.log().lines().filter(|line| line.contains("the database can")).count()
    }
}

fn send(session: &str, content: &str) -> Value {
    json!({"type": "send", "session": session, "text": content, "key": content})
}

/// What is there after a crash: exactly these, in whatever order they were sent.
fn holds_after_a_crash(disk: &mut FaultyDisk, person: &Person, session: &str, wanted: &[&str]) {
    disk.server.crash();
    assert_eq!(SessionReplica::load(person, session).texts(), wanted);
}

#[test]
fn writes_that_certainly_failed_are_refused_and_operators_see_it() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    for how in ["full", "writing"] {
        let mut disk = FaultyDisk::new();
        let (avi, lisa, session) = pair(&disk.server);
        let (mut his, mut hers) = (avi.connect(), lisa.connect());
        his.ok(send(&session, "before"));
        assert!(disk.is_ready());
        disk.fail(how);
        let begun = Instant::now();
        for attempt in 0..10 {
            let no = his.refused(send(&session, &format!("refused {attempt}")), "unavailable");
            assert!(number(&no, "retry_after_ms") > 0, "{no}");
            let path = format!("/sessions/{session}/messages");
            avi.http.post(&path, json!({"text": "refused too", "key": "rest"})).refused(503, "unavailable");
        }
        avi.http.patch("/me", json!({"display_name": "Refused"})).refused(503, "unavailable");
        assert!(!disk.is_ready());
        assert!(begun.elapsed() < SEEN, "{how}: seen after {:?}", begun.elapsed());
        assert_eq!(disk.lines(), 1, "one line for the whole outage");
        hers.fence();
        // Reading goes on.
        assert_eq!(SessionReplica::load(&lisa, &session).texts(), ["before"]);
        disk.heal();
        until("ready again", PATIENCE, || disk.is_ready());
        his.ok(send(&session, "after"));
        let mut received = Vec::new();
        while received.last().is_none_or(|content| content != "after") {
            received.push(hers.receive(&session));
        }
        assert_eq!(received, ["before", "after"], "{how}");
        until("the end of the outage is logged", PATIENCE, || disk.lines() == 2);
        assert_eq!(lisa.http.get("/users/avi").ok()["user"]["display_name"], "avi");
        holds_after_a_crash(&mut disk, &avi, &session, &["before", "after"]);
    }
}

#[test]
fn an_idle_server_sees_its_disk_fail_and_return() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    for how in ["full", "syncing"] {
        let disk = FaultyDisk::new();
        assert!(disk.is_ready());
        disk.fail(how);
        let begun = Instant::now();
        until("not ready", PATIENCE, || !disk.is_ready());
        // A commit that held a moment ago counts for a second.
        assert!(begun.elapsed() < SEEN, "{how}: seen after {:?}", begun.elapsed());
        assert_eq!(disk.lines(), 1);
        disk.heal();
        until("ready again", PATIENCE, || disk.is_ready());
    }
}

/// Sends while syncs fail, until it is such a send that meets the failure first; returns its text, of which it is unknown whether
/// they are kept. Whatever else the server was writing may meet it before: then sends are refused.
fn unknown(disk: &FaultyDisk, person: &Person, session: &str) -> String {
    for attempt in 0..50 {
        until("ready", PATIENCE, || disk.is_ready());
        let mut line = TrySocket::connect(person.http.endpoint(), &person.token).unwrap();
        let content = format!("unknown {attempt}");
        disk.fail("syncing");
        match line.request(send(session, &content), |_| ()) {
            Ok(no) => assert_eq!(no["code"], "unavailable", "{no}"),
            Err(Lost::Closed(1013, _)) => return content,
            Err(lost) => panic!("{lost:?}"),
        }
        disk.heal();
    }
    panic!("no send meets a failing sync");
}

#[test]
fn a_send_with_unknown_outcome_is_not_refused_and_a_retry_with_its_key_resolves_it() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    let mut disk = FaultyDisk::new();
    let (avi, lisa, session) = pair(&disk.server);
    let mut hers = lisa.connect();
    avi.send_message(&session, "before");
    let content = unknown(&disk, &avi, &session);
    // What comes behind it is not even tried.
    let mut his = avi.connect();
    his.refused(send(&session, "refused"), "unavailable");
    assert!(!disk.is_ready());
    assert_eq!(disk.lines() % 2, 1, "one line for each outage, and one for its end");
    disk.heal();
    until("ready again", PATIENCE, || disk.is_ready());
    let answer = his.ok(send(&session, &content));
    assert_eq!(answer["seq"], 2, "{answer}");
    assert_eq!(hers.receive(&session), "before");
    assert_eq!(hers.receive(&session), content, "announced when it is kept, and once");
    holds_after_a_crash(&mut disk, &avi, &session, &["before", &content]);
}

#[test]
fn a_crash_in_the_outage_brings_back_nothing_that_was_refused() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    for how in ["full", "writing", "syncing"] {
        let mut disk = FaultyDisk::new();
        let (avi, lisa, session) = pair(&disk.server);
        avi.send_message(&session, "before");
        let is_unknown = how == "syncing";
        let content = if is_unknown { unknown(&disk, &avi, &session) } else { "first".to_owned() };
        disk.fail(how);
        let mut his = avi.connect();
        if !is_unknown {
            his.refused(send(&session, &content), "unavailable");
        }
        his.refused(send(&session, "refused"), "unavailable");
        disk.server.kill();
        disk.heal();
        disk.server.open().unwrap();
        let texts = SessionReplica::load(&lisa, &session).texts();
        let is_kept = texts.len() == 2;
        let wanted = if is_kept { vec!["before", &content] } else { vec!["before"] };
        assert!(texts == wanted && (is_unknown || !is_kept), "{how}: {texts:?}");
        // A retry with its key shows what became of it.
        let mut his = avi.connect();
        let answer = his.ok(send(&session, &content));
        assert_eq!((answer["seq"].as_u64(), answer["duplicate"] == true), (Some(2), is_kept), "{answer}");
    }
}

#[test]
fn the_servers_own_writes_are_published_when_the_disk_recovers() {
    if skipped_on_postgres("the faulty disk is the server's own") {
        return;
    }
    // Where it is noticed first, nothing is tried; where not, what the server writes for itself is what fails.
    for (how, is_noticed) in [("full", true), ("full", false), ("syncing", true), ("syncing", false)] {
        let mut disk = FaultyDisk::new();
        let [anna, cemi, dora, enno] = people(&disk.server, ["anna", "cemi", "dora", "enno"]);
        for other in [&cemi, &dora, &enno] {
            befriend(&anna, other);
        }
        let (ephemeral, code) = room(&anna, json!({}));
        join(&cemi, &code);
        join(&dora, &code);
        let (_, guests_code) = room(&enno, json!({"keep": true}));
        let guest = join_as(&disk.server, "Guest", &guests_code);
        let (hers, mut ennos) = (cemi.connect(), enno.connect());
        let visiting = guest.connect();
        ennos.wait_for("the guest", |frame| frame["type"] == "member" && frame["state"] == "joined");
        let watcher = enno.connect();
        // Only Cemi is connected to the ephemeral room; Anna, who receives the events, is not a member of it.
        remove(&anna.http, &ephemeral, "anna").ok();
        let mut listening = anna.connect();
        disk.fail(how);
        if is_noticed {
            until("not ready", PATIENCE, || !disk.is_ready());
        }
        hers.cut();
        visiting.cut();
        let is_online = |name: &str| {
            let answer = anna.http.get(&format!("/presence?usernames={name}")).ok();
            list(&answer, "presence")[0]["status"] == "online"
        };
        until("Cemi is offline", PATIENCE, || !is_online("cemi"));
        let (back, first) = (cemi.connect(), dora.connect());
        assert!(is_online("cemi") && is_online("dora"));
        back.goodbye();
        until("Cemi is offline again", PATIENCE, || !is_online("cemi"));
        first.goodbye();
        let dora_remains = dora.connect();
        listening.expect_no("presence");
        assert!(!disk.is_ready());
        assert_eq!(guest.http.get("/me").status, 200, "nothing could end the guest");
        disk.heal();
        let presence = |socket: &mut Socket, name: &str, status: &str| {
            socket.wait_for(&format!("{name} {status}"), |frame| {
                frame["type"] == "presence" && frame["username"] == name && frame["status"] == status
            })
        };
        let gone = presence(&mut listening, "cemi", "offline");
        assert!(gone["last_seen"].is_string(), "{gone}");
        presence(&mut listening, "dora", "online");
        until("the guest is gone", PATIENCE, || guest.http.get("/me").status == 401);
        ennos.wait_for("the guest's end", |frame| frame["type"] == "member" && frame["state"] == "left");
        // Dora is in the ephemeral room: it exists as long as she is connected.
        dora.http.get(&format!("/sessions/{ephemeral}")).ok();
        dora_remains.goodbye();
        until("the room is gone", PATIENCE, || cemi.http.get(&format!("/sessions/{ephemeral}")).status == 404);
        drop(watcher);
        until("the outage is over", PATIENCE, || disk.lines() == 2);
        disk.server.crash();
    }
}
