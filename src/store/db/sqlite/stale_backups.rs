//! Files that a killed backup leaves behind: its partial copy and SQLite's companion files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::files::with_suffix;

/// The extension of an incomplete copy; no other program's files have it.
pub(crate) const EXTENSION: &str = "parlor-partial";

/// The suffixes of a database and of SQLite's companion files.
const SUFFIXES: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// Removes incomplete copies from `folder` that no process has locked.
pub(crate) fn sweep(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for path in files.filter_map(|file| file.ok().map(|file| file.path())) {
        let Some(copy) = copy_of(&path) else { continue };
        // A journal may have outlived its copy.
        if File::open(&copy).map_or(true, |file| file.try_lock().is_ok()) {
            log::info!("removing {}, which a backup that was killed has left", path.display());
            remove(&copy);
        }
    }
}

pub(crate) fn remove(copy: &Path) {
    for suffix in SUFFIXES {
        let _ = fs::remove_file(with_suffix(copy, suffix));
    }
}

/// The copy to which a file belongs; `None` for any other file.
fn copy_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let suffix = SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix));
    let copy = suffix.into_iter().find(|name| Path::new(name).extension().is_some_and(|found| found == EXTENSION))?;
    Some(path.with_file_name(copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_incomplete_copies_are_stale_backups() {
        for (name, expected) in [
            ("a.db.7.parlor-partial", Some("a.db.7.parlor-partial")),
            ("a.db.7.parlor-partial-journal", Some("a.db.7.parlor-partial")),
            ("a.db.7.parlor-partial-wal", Some("a.db.7.parlor-partial")),
            ("a.db", None),
            ("a.db-wal", None),
            ("a.db.7.partial", None),
            ("parlor-partial", None),
            ("a.parlor-partial.db", None),
        ] {
            let path = Path::new("/folder").join(name);
            assert_eq!(copy_of(&path), expected.map(|expected| Path::new("/folder").join(expected)), "{name}");
        }
    }
}
