//! Whether anybody may have written to the database, seen from its log alone: an idle server compiles no statements.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file's time is as coarse as the kernel's clock, so what was written just after a look may carry the time of the look: after
/// a change so many more looks are due.
const CERTAIN: u32 = 5;
/// Without any change every so many looks one is due, for what comes with time alone.
const RARELY: u32 = 300;

/// What the log looked like last.
#[derive(Debug)]
pub(crate) struct Glance {
    log: PathBuf,
    seen: Option<(SystemTime, u64)>,
    /// Looks since it last changed.
    quiet: u32,
}

impl Glance {
    /// Looks at this log; the first look is due.
    pub(crate) fn new(log: &Path) -> Self {
        Self { log: log.to_owned(), seen: None, quiet: 0 }
    }

    /// True where the database is to be asked.
    pub(crate) fn is_due(&mut self) -> bool {
        let now = fs::metadata(&self.log).ok().and_then(|file| Some((file.modified().ok()?, file.len())));
        if now != self.seen {
            (self.seen, self.quiet) = (now, 0);
        }
        self.quiet = self.quiet.saturating_add(1);
        self.quiet <= CERTAIN || self.quiet.is_multiple_of(RARELY)
    }

    /// The database did not answer: the next looks are due.
    pub(crate) const fn again(&mut self) {
        self.quiet = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_when_the_log_changes_and_rarely_without() {
        let log = std::env::temp_dir().join(format!("parlor-glance-{}", std::process::id()));
        let _ = fs::remove_file(&log);
        let mut glance = Glance::new(&log);
        let due = |glance: &mut Glance, looks: u32| (0..looks).filter(|_| glance.is_due()).count();
        assert_eq!(due(&mut glance, 100), 5, "there is no log");
        fs::write(&log, "one").unwrap();
        assert_eq!(due(&mut glance, 100), 5);
        fs::write(&log, "longer").unwrap();
        assert_eq!(due(&mut glance, 599), 6, "once more in the meantime");
        glance.again();
        assert_eq!(due(&mut glance, 100), 5);
        fs::remove_file(&log).unwrap();
        assert_eq!(due(&mut glance, 100), 5);
    }
}
