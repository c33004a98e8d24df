//! One run of node's test runner: its output is shown if it fails, or with `--nocapture`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::slots::Slots;
use crate::tools::{self, Tools, root};

/// Runs `specs/<name>.test.mjs` in a browser.
pub fn spec(name: &str) {
    let Some(tools) = tools::ready() else { return };
    let _slot = Slots::one();
    browse(tools, name);
}

/// The same for a spec that measures time: no other one runs beside it.
pub fn measured(name: &str) {
    let Some(tools) = tools::ready() else { return };
    let _slots = Slots::all();
    browse(tools, name);
}

fn browse(Tools { node, browser }: &Tools, name: &str) {
    let scratch = Scratch::new(name);
    let mut command = node.runner();
    command
        .arg(root().join("tests/browser/specs").join(format!("{name}.test.mjs")))
        .env("PARLOR_BINARY", env!("CARGO_BIN_EXE_parlor"))
        .env("PARLOR_BROWSER", browser)
        .env("PARLOR_PICTURES", Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser"))
        .env("TMPDIR", &scratch.0);
    run(&mut command);
}

/// Runs the tests of the client's modules that need no browser.
pub fn without_browser() {
    let Some(node) = tools::node() else { return };
    let folder = root().join("tests/client");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    assert!(!files.is_empty(), "no tests in {}", folder.display());
    files.sort();
    run(node.runner().args(files));
}

fn run(command: &mut Command) {
    let output = command.output().expect("node starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{text}");
    assert!(output.status.success(), "{}", output.status);
}

/// The folder for databases, logs and browser profiles of one spec, removed on drop. Not below `target`: Chromium creates a
/// socket in it, and the path of a socket must be short.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("parlor-{name}-{}", process::id()));
        // An existing folder is of a killed run with the same process id.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
