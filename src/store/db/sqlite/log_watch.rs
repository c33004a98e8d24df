//! Detects writes by other processes from the metadata of the write-ahead log, so that an idle server runs no queries.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file's time is as coarse as the kernel's clock, so a write just after a check may carry the time of that check: after
/// a change this many more checks report one.
const CONFIRMATIONS: u32 = 5;
/// Without a change every so many checks one reports it anyway, for rows that become due by time alone.
const EVERY: u32 = 300;

#[derive(Debug)]
pub(crate) struct LogWatch {
    log: PathBuf,
    seen: Option<(SystemTime, u64)>,
    unchanged: u32,
}

impl LogWatch {
    /// The first check reports a change.
    pub(crate) fn new(log: &Path) -> Self {
        Self { log: log.to_owned(), seen: None, unchanged: 0 }
    }

    /// True where the database may have changed and is to be queried.
    pub(crate) fn may_have_changed(&mut self) -> bool {
        let now = fs::metadata(&self.log).ok().and_then(|file| Some((file.modified().ok()?, file.len())));
        if now != self.seen {
            (self.seen, self.unchanged) = (now, 0);
        }
        self.unchanged = self.unchanged.saturating_add(1);
        self.unchanged <= CONFIRMATIONS || self.unchanged.is_multiple_of(EVERY)
    }

    /// The query failed: the next checks report a change again.
    pub(crate) const fn reset(&mut self) {
        self.unchanged = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_reported_when_the_log_changes_and_rarely_without() {
        let log = std::env::temp_dir().join(format!("parlor-changes-{}", std::process::id()));
        let _ = fs::remove_file(&log);
        let mut detector = LogWatch::new(&log);
        let reports =
            |detector: &mut LogWatch, checks: u32| (0..checks).filter(|_| detector.may_have_changed()).count();
        assert_eq!(reports(&mut detector, 100), 5, "there is no log");
        fs::write(&log, "one").unwrap();
        assert_eq!(reports(&mut detector, 100), 5);
        fs::write(&log, "longer").unwrap();
        assert_eq!(reports(&mut detector, 599), 6, "once more in the meantime");
        detector.reset();
        assert_eq!(reports(&mut detector, 100), 5);
        fs::remove_file(&log).unwrap();
        assert_eq!(reports(&mut detector, 100), 5);
    }
}
