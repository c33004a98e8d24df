//! Whether a recovery after a crash would find a failed commit in the write-ahead log.
//!
//! A `COMMIT` that SQLite reports as failed is rolled back in memory, but its frames may be in the log all the same: where
//! the sync failed, or the shared index could not grow, they are complete, and a recovery would take them for a commit.
//! Until the next commit overwrites them, the outcome is unknown. Where the write itself failed, the last frame is incomplete
//! and no recovery finds the commit: it is certainly rolled back. SQLite's error does not distinguish these cases, so the log
//! is read as the recovery would read it (<https://sqlite.org/walformat.html>).

use std::fs::File;
use std::io::{self, ErrorKind};
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::store::db::sqlite::companion;

const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

pub(super) struct Recovery {
    log: PathBuf,
    /// Never closed: closing any descriptor of the index drops the POSIX locks that SQLite's own hold on it.
    index: Option<ManuallyDrop<File>>,
}

/// The end of a complete commit that readers do not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    salts: [u8; 8],
    frame: u32,
    checksum: Checksum,
}

type Checksum = (u32, u32);

/// The end of the log as readers see it.
struct End {
    salts: [u8; 8],
    frames: u32,
    checksum: Checksum,
    page: usize,
    is_big_endian: bool,
}

impl Recovery {
    /// The log of a database that a connection has opened in WAL mode.
    pub(super) fn of(file: &Path) -> Self {
        Self { log: companion(file, "-wal"), index: File::open(companion(file, "-shm")).ok().map(ManuallyDrop::new) }
    }

    /// The last complete commit behind what readers see; `None` where a recovery would find none. Fails where the log cannot
    /// be read: the outcome is then unknown.
    pub(super) fn tail(&self) -> io::Result<Option<Tail>> {
        let index = self.index.as_deref().ok_or(ErrorKind::NotFound)?;
        let mut head = [0; 48];
        index.read_exact_at(&mut head, 0)?;
        let end = End::read(&head).ok_or(ErrorKind::InvalidData)?;
        match File::open(&self.log) {
            Ok(log) => find(&log, end),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl End {
    /// Reads the header of the index, which has native byte order.
    fn read(head: &[u8; 48]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_ne_bytes(head.get(at..at + 4)?.try_into().ok()?));
        let page = usize::from(u16::from_ne_bytes(head.get(14..16)?.try_into().ok()?));
        Some(Self {
            salts: head.get(32..40)?.try_into().ok()?,
            frames: number(16)?,
            checksum: (number(24)?, number(28)?),
            page: if page == 1 { 65_536 } else { page },
            is_big_endian: head.get(13).copied()? != 0,
        })
    }
}

fn find(log: &File, mut end: End) -> io::Result<Option<Tail>> {
    let mut head = [0; LOG_HEAD];
    if !read_whole(log, &mut head, 0)? || head.get(16..24) != Some(&end.salts) {
        // A generation that was copied into the database: a recovery finds what readers see.
        return Ok(None);
    }
    if end.frames == 0 {
        end.is_big_endian = head.get(3).is_some_and(|byte| byte & 1 == 1);
        let (body, sum) = head.split_at(24);
        end.checksum = checksum(end.is_big_endian, (0, 0), body);
        if stored(sum) != Some(end.checksum) {
            return Ok(None);
        }
    }
    let mut frame = vec![0; FRAME_HEAD + end.page];
    let length = u64::try_from(frame.len()).map_err(io::Error::other)?;
    let mut at = 32 + u64::from(end.frames) * length;
    let mut tail = None;
    while read_whole(log, &mut frame, at)? {
        let (head, page) = frame.split_at(FRAME_HEAD);
        let (begin, rest) = head.split_at(8);
        let (number, size) = begin.split_at(4);
        let (salts, sum) = rest.split_at(8);
        let computed = checksum(end.is_big_endian, checksum(end.is_big_endian, end.checksum, begin), page);
        if salts != end.salts || number == [0; 4] || stored(sum) != Some(computed) {
            break;
        }
        (end.checksum, end.frames, at) = (computed, end.frames + 1, at + length);
        if size != [0; 4] {
            tail = Some(Tail { salts: end.salts, frame: end.frames, checksum: computed });
        }
    }
    Ok(tail)
}

/// False at the end of the file.
fn read_whole(file: &File, into: &mut [u8], at: u64) -> io::Result<bool> {
    match file.read_exact_at(into, at) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn stored(bytes: &[u8]) -> Option<Checksum> {
    let (a, b) = bytes.split_at_checked(4)?;
    Some((u32::from_be_bytes(a.try_into().ok()?), u32::from_be_bytes(b.try_into().ok()?)))
}

/// Continues a checksum over pairs of 32-bit words.
fn checksum(is_big_endian: bool, (mut a, mut b): Checksum, bytes: &[u8]) -> Checksum {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        let (x, y) = pair.split_at(4);
        a = a.wrapping_add(word(x)).wrapping_add(b);
        b = b.wrapping_add(word(y)).wrapping_add(a);
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    use super::*;

    /// A database in a folder of its own, with its log and index after the second and the third commit.
    struct Logged {
        folder: PathBuf,
        path: PathBuf,
        db: SqliteConnection,
        second: (Vec<u8>, Vec<u8>),
        third: (Vec<u8>, Vec<u8>),
    }

    impl Logged {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("parlor-wal-{}-{name}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            let path = folder.join("a.db");
            let mut db = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            db.batch_execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
            let mut insert = |bytes: u32| {
                db.batch_execute(&format!("INSERT INTO t VALUES (zeroblob({bytes}))")).unwrap();
                (fs::read(folder.join("a.db-wal")).unwrap(), fs::read(folder.join("a.db-shm")).unwrap())
            };
            let (second, third) = (insert(10), insert(9_000));
            Self { folder, path, db, second, third }
        }

        /// The commit behind the one that readers see in `index`, in this log.
        fn tail(&self, log: &[u8], index: &[u8]) -> Option<Tail> {
            let copy = self.folder.join("copy.db");
            fs::write(self.folder.join("copy.db-wal"), log).unwrap();
            fs::write(self.folder.join("copy.db-shm"), index).unwrap();
            Recovery::of(&copy).tail().unwrap()
        }
    }

    impl Drop for Logged {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn nothing_is_found_behind_a_successful_commit() {
        let mut logged = Logged::new("held");
        assert_eq!(Recovery::of(&logged.path).tail().unwrap(), None);
        logged.db.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        assert_eq!(Recovery::of(&logged.path).tail().unwrap(), None);
        // Overwritten from the beginning, with older frames behind it.
        logged.db.batch_execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (zeroblob(20000))").unwrap();
        logged.db.batch_execute("PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (2)").unwrap();
        assert_eq!(Recovery::of(&logged.path).tail().unwrap(), None);
    }

    #[test]
    fn a_commit_is_found_only_if_its_last_frame_is_complete() {
        let logged = Logged::new("whole");
        let ((short, seen), (whole, _)) = (&logged.second, &logged.third);
        assert!(whole.len() > short.len() + 2 * 4_096, "several frames");
        assert!(logged.tail(whole, seen).is_some());
        for length in [short.len(), short.len() + 24, short.len() + 4_120, whole.len() - 1] {
            assert_eq!(logged.tail(&whole[..length], seen), None, "{length} bytes");
        }
        let mut torn = whole.clone();
        torn[short.len() + 100] ^= 1;
        assert_eq!(logged.tail(&torn, seen), None);
    }

    #[test]
    fn the_same_remains_are_recognised() {
        let logged = Logged::new("same");
        let ((_, seen), (whole, _)) = (&logged.second, &logged.third);
        assert_eq!(logged.tail(whole, seen), logged.tail(whole, seen));
    }

    #[test]
    fn the_first_commit_of_a_log_is_found() {
        let logged = Logged::new("first");
        let mut seen = logged.third.1.clone();
        seen[16..20].fill(0);
        assert!(logged.tail(&logged.third.0, &seen).is_some());
        seen[32] ^= 1;
        assert_eq!(logged.tail(&logged.third.0, &seen), None, "of an earlier generation");
    }
}
