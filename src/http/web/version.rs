//! The version of the client's build, in its files' addresses (`/web/<version>/main.js`): browsers cache them for good.

use std::borrow::Cow;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::files::{self, ClientFiles};

const LENGTH: usize = 16;

/// A hash of all files. A debug build follows those on the disk.
fn version() -> Cow<'static, str> {
    static BUILT: OnceLock<String> = OnceLock::new();
    if cfg!(debug_assertions) { Cow::Owned(digest()) } else { Cow::Borrowed(BUILT.get_or_init(digest)) }
}

pub(super) fn base() -> String {
    format!("/web/{}", version())
}

/// An address below `/web/`: the file, and whether it is named with the version that is served. One with another version
/// is that of a page which was opened before an update.
pub(super) fn split(path: &str) -> (&str, bool) {
    match path.split_once('/') {
        Some((first, file)) if first.len() == LENGTH && first.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            (file, first == version())
        }
        _ => (path, false),
    }
}

fn digest() -> String {
    let mut all = Sha256::new();
    for path in files::paths("") {
        all.update(path.as_bytes());
        all.update(ClientFiles::get(&path).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    all.finalize().iter().take(LENGTH / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_part_of_the_address_and_no_folder() {
        let own = format!("{}/lib/dom.js", version());
        assert_eq!(split(&own), ("lib/dom.js", true));
        assert_eq!(split("0123456789abcdef/lib/dom.js"), ("lib/dom.js", false));
        assert_eq!(split("lib/dom.js"), ("lib/dom.js", false));
        assert_eq!(split("main.js"), ("main.js", false));
    }

    #[test]
    fn the_version_is_stable_while_no_file_changes() {
        assert_eq!(version().len(), LENGTH);
        assert_eq!(version(), version());
    }
}
