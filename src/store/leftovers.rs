//! What a killed backup leaves: the copy that it had begun, and SQLite's files beside that.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The extension of a copy that is not whole yet. Nobody else's files are called like that.
pub(crate) const EXTENSION: &str = "parlor-partial";

/// What SQLite names the files beside a database by.
const BESIDE: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// Removes copies from `folder` that nobody makes any more: those that no process has locked.
pub(crate) fn sweep(folder: &Path) {
    let Ok(files) = fs::read_dir(folder) else { return };
    for path in files.filter_map(|file| file.ok().map(|file| file.path())) {
        let Some(copy) = copy(&path) else { continue };
        // A journal may have outlived its copy.
        if File::open(&copy).map_or(true, |file| file.try_lock().is_ok()) {
            log::info!("removing {}, which a backup that was killed has left", path.display());
            remove(&copy);
        }
    }
}

/// Removes a copy that is not whole, with the files beside it.
pub(crate) fn remove(copy: &Path) {
    for suffix in BESIDE {
        let mut name = OsString::from(copy);
        name.push(suffix);
        let _ = fs::remove_file(name);
    }
}

/// The copy to which a file belongs; `None` for any other file.
fn copy(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let suffix = BESIDE.iter().filter_map(|suffix| name.strip_suffix(suffix));
    let copy = suffix.into_iter().find(|name| Path::new(name).extension().is_some_and(|found| found == EXTENSION))?;
    Some(path.with_file_name(copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_backup_has_begun_is_a_leftover() {
        for (name, wanted) in [
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
            assert_eq!(copy(&path), wanted.map(|wanted| Path::new("/folder").join(wanted)), "{name}");
        }
    }
}
