//! A full disk: nothing that was acknowledged is lost, the log does not take the room that the database needs, and the server
//! goes on as soon as there is room, also over a restart.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::kit::folder::Folder;
use crate::kit::*;

const MIB: u64 = 1024 * 1024;
/// The disk's size, in MiB.
const SMALL: u32 = 10;

/// A small file system in memory, gone with its holder.
struct Disk {
    at: PathBuf,
    _folder: Folder,
}

impl Disk {
    /// `None` where this machine does not allow mounting.
    fn new() -> Option<Self> {
        let folder = Folder::new();
        let at = folder.path().join("disk");
        fs::create_dir(&at).unwrap();
        mount(&["-t", "tmpfs", "-o", &format!("size={SMALL}M"), "tmpfs"], &at).then_some(Self { at, _folder: folder })
    }

    fn grow(&self, size: u32) {
        assert!(mount(&["-o", &format!("remount,size={size}M")], &self.at));
    }

    fn size_of(&self, name: &str) -> u64 {
        fs::metadata(self.at.join(name)).map_or(0, |file| file.len())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.at).status();
    }
}

/// A disk on which nothing was kept for so long is full.
const FULL: Duration = Duration::from_secs(3);

fn mount(options: &[&str], at: &Path) -> bool {
    Command::new("mount").args(options).arg(at).output().is_ok_and(|output| output.status.success())
}

/// Sends until nothing more can be stored; returns how much was acknowledged. A send that is refused because the log has
/// grown faster than it was bounded is no end: the log is emptied then, and there is room again.
fn fill(person: &Person, session: &str) -> usize {
    let text = "words that take room ".repeat(400);
    let path = format!("/sessions/{session}/messages");
    let (mut kept, mut refused) = (0, None);
    while refused.is_none_or(|since: Instant| since.elapsed() < FULL) {
        if person.http.post(&path, json!({"text": text})).status == 200 {
            (kept, refused) = (kept + 1, None);
        } else {
            refused.get_or_insert_with(Instant::now);
        }
    }
    kept
}

#[track_caller]
fn writing_resumes(person: &Person, session: &str) {
    let path = format!("/sessions/{session}/messages");
    until("messages are kept again", PATIENCE, || {
        person.http.post(&path, json!({"text": "there is room again"})).status == 200
    });
}

#[test]
fn writing_resumes_as_soon_as_a_full_disk_has_space() {
    if skipped_on_postgres("the full disk is the server's own") {
        return;
    }
    let Some(disk) = Disk::new() else {
        skipped("no tmpfs can be mounted");
        return;
    };
    let limits = [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_REQUESTS_PER_SECOND", "0")];
    let mut server = Server::at(&disk.at, &limits);
    let (avi, _, session) = pair(&server);
    let kept = fill(&avi, &session);
    // The space was taken by messages, not by the log.
    assert!(disk.size_of("parlor.db") > u64::from(SMALL) * MIB / 2, "{}", disk.size_of("parlor.db"));
    assert!(disk.size_of("parlor.db-wal") < u64::from(SMALL) * MIB / 4, "{}", disk.size_of("parlor.db-wal"));
    disk.grow(SMALL + 2);
    writing_resumes(&avi, &session);
    let more = fill(&avi, &session);
    // A start does not need what is missing, after a stop or after a crash.
    server.terminate();
    server.open().unwrap();
    server.crash();
    let newest = avi.http.get(&format!("/sessions/{session}/messages?limit=1")).ok();
    assert!(numbers(list(&newest, "messages"), "seq")[0] > u64::try_from(kept + more).unwrap());
    disk.grow(2 * SMALL);
    writing_resumes(&avi, &session);
    drop(server);
}
