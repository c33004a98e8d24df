//! Which build of the client this is, as a part of its files' addresses: `/web/<version>/main.js`.
//!
//! What stands under such an address never changes, so a browser keeps it for good and asks for nothing again; another
//! build has other addresses. Modules import each other by relative paths, so all that belong to a page are of one build.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::files::{self, Client};

/// Digits of a version.
const LENGTH: usize = 16;

/// The version that is served: it differs wherever a file does.
pub(super) fn version() -> Cow<'static, str> {
    static BUILT: OnceLock<String> = OnceLock::new();
    if cfg!(debug_assertions) { Cow::Owned(of(&edited)) } else { Cow::Borrowed(BUILT.get_or_init(|| of(&built))) }
}

/// Where the files of this version lie.
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

fn of(state: &dyn Fn(&str, &mut Sha256)) -> String {
    let mut all = Sha256::new();
    for path in files::paths("") {
        all.update(path.as_bytes());
        state(&path, &mut all);
    }
    all.finalize().iter().take(LENGTH / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// A file inside the binary.
fn built(path: &str, all: &mut Sha256) {
    if let Some(file) = Client::get(path) {
        all.update(file.metadata.sha256_hash());
    }
}

/// A file on the developer's disk, by when it was last written: reading all of them for each request would take longer.
fn edited(path: &str, all: &mut Sha256) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/client").join(path);
    if let Some(written) = fs::metadata(file).ok().and_then(|file| file.modified().ok()) {
        all.update(format!("{written:?}"));
    }
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
    fn both_ways_of_telling_a_version_give_one_that_stays() {
        for state in [&built as &dyn Fn(&str, &mut Sha256), &edited] {
            assert_eq!(of(state).len(), LENGTH);
            assert_eq!(of(state), of(state));
        }
    }
}
