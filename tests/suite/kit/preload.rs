//! C libraries that are preloaded into a server, to change its clock or disk.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the C file of this name beside the tests into `folder`; gives the library for `LD_PRELOAD`.
pub fn preload(source: &str, folder: &Path) -> PathBuf {
    let library = folder.join(source).with_extension("so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite").join(source);
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl").status();
    assert!(built.expect("a C compiler, `cc`").success(), "cc does not build {}", source.display());
    library
}
