//! What the specs need besides Rust: node, the packages of `package-lock.json`, a browser. Searched once.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

/// The crate's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub struct Tools {
    pub node: Node,
    pub browser: PathBuf,
}

/// The oldest node with the runner and language of the specs: that of Debian 12.
const NODE: (u32, u32) = (18, 19);

/// From this version on node detects that the client's files, which have no package, are modules.
const SEES_MODULES: (u32, u32) = (20, 19);

/// A node that is new enough.
pub struct Node {
    path: PathBuf,
    version: (u32, u32),
}

impl Node {
    /// Its test runner, in the crate's folder.
    pub fn runner(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["--test", "--test-reporter=spec"]).current_dir(root());
        if self.version < SEES_MODULES {
            command.arg("--experimental-default-type=module");
        }
        command
    }
}

/// Everything for a browser, with the packages installed; `None` if something is missing, which is printed.
pub fn ready() -> Option<&'static Tools> {
    static FOUND: OnceLock<Result<Tools, String>> = OnceLock::new();
    or_skip(FOUND.get_or_init(|| {
        let node = find_node()?;
        let browser = find_browser()?;
        install()?;
        Ok(Tools { node, browser })
    }))
}

/// Node alone; `None` if it is missing, which is printed.
pub fn node() -> Option<&'static Node> {
    static FOUND: OnceLock<Result<Node, String>> = OnceLock::new();
    or_skip(FOUND.get_or_init(find_node))
}

/// CI must run everything; elsewhere a missing tool is printed, once for each reason.
fn or_skip<T>(found: &'static Result<T, String>) -> Option<&'static T> {
    static PRINTED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    match found {
        Ok(found) => Some(found),
        Err(why) if setting("CI").is_some_and(|ci| ci == "true") => {
            panic!("{why}, and with CI=true nothing is skipped")
        }
        Err(why) => {
            let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
            if !printed.contains(&why.as_str()) {
                // Not `eprintln!`: the test harness would swallow it.
                let _ = writeln!(std::io::stderr(), "skipped: {why}");
                printed.push(why);
            }
            None
        }
    }
}

fn find_node() -> Result<Node, String> {
    let path = on_path("node").ok_or("no node here (Debian: apt-get install nodejs npm)")?;
    let output =
        Command::new(&path).arg("--version").output().map_err(|error| format!("node does not start: {error}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= NODE => Ok(Node { path, version: (major, minor) }),
        _ => Err(format!("node here is {version}, and {}.{} is needed", NODE.0, NODE.1)),
    }
}

fn find_browser() -> Result<PathBuf, String> {
    if let Some(chosen) = setting("PARLOR_BROWSER") {
        let chosen = PathBuf::from(chosen);
        return if chosen.is_file() {
            Ok(chosen)
        } else {
            Err(format!("PARLOR_BROWSER: no file {}", chosen.display()))
        };
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(on_path)
        .ok_or_else(|| "no Chromium here (Debian: apt-get install chromium)".to_owned())
}

/// Installs `node_modules` as the lock file requires.
fn install() -> Result<(), String> {
    let folder = root().join("tests/browser");
    let changed = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    // npm writes this copy last, so an interrupted installation does not count.
    if changed(folder.join("node_modules/.package-lock.json")) >= changed(folder.join("package-lock.json")) {
        return Ok(());
    }
    let npm = on_path("npm").ok_or("no npm here (Debian: apt-get install npm)")?;
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts"])
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("npm does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("`npm ci` failed in tests/browser: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&setting("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

// The rule is for the server; these settings are the tests' own.
#[allow(clippy::disallowed_methods)]
fn setting(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
