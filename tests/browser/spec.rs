//! One run of node's test runner: what it said is shown when it fails, and where `--nocapture` asks for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::seat::Seat;
use crate::tools::{self, Tools};

/// The crate's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `specs/<name>.test.mjs` in a browser.
pub fn spec(name: &str) {
    let Some(Tools { node, browser }) = tools::ready() else { return };
    let _seat = Seat::take();
    let scratch = Scratch::new(name);
    let mut command = runner(node);
    command
        .arg(root().join("tests/browser/specs").join(format!("{name}.test.mjs")))
        .env("PARLOR_BINARY", env!("CARGO_BIN_EXE_parlor"))
        .env("PARLOR_BROWSER", browser)
        .env("PARLOR_PICTURES", Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser"))
        .env("TMPDIR", &scratch.0);
    run(&mut command);
}

/// Runs the tests of the client's modules that need no browser.
pub fn pure() {
    let Some(node) = tools::node() else { return };
    let folder = root().join("tests/client");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    assert!(!files.is_empty(), "no tests in {}", folder.display());
    files.sort();
    run(runner(node).args(files));
}

fn runner(node: &Path) -> Command {
    let mut command = Command::new(node);
    command.args(["--test", "--test-reporter=spec"]).current_dir(root());
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("node starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{said}");
    assert!(output.status.success(), "{}", output.status);
}

/// Where databases, logs and browser profiles of one spec lie; gone with it. Not below `target`: Chromium puts a socket
/// there, and the path of a socket must be short.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("parlor-{name}-{}", process::id()));
        // A folder of that name can only be left over from a killed run whose process id came back.
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
