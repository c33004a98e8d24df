//! What the specs need beside Rust: node, the packages of `package-lock.json`, a browser. Looked for once.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::spec::root;

/// What was found.
pub struct Tools {
    pub node: PathBuf,
    pub browser: PathBuf,
}

/// The oldest node whose runner and language the specs use.
const NODE: u32 = 18;

/// Everything for a browser, with the packages installed; `None` where something is missing, which was said aloud.
pub fn ready() -> Option<&'static Tools> {
    static FOUND: OnceLock<Result<Tools, String>> = OnceLock::new();
    or_skip(FOUND.get_or_init(|| {
        let node = find_node()?;
        let browser = find_browser()?;
        install()?;
        Ok(Tools { node, browser })
    }))
}

/// Node alone; `None` where it is missing, which was said aloud.
pub fn node() -> Option<&'static Path> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    or_skip(FOUND.get_or_init(find_node)).map(PathBuf::as_path)
}

/// A machine that decides whether a change lands must run everything; elsewhere a word is enough, once for each reason.
fn or_skip<T>(found: &'static Result<T, String>) -> Option<&'static T> {
    static SAID: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    match found {
        Ok(found) => Some(found),
        Err(why) if setting("CI").is_some_and(|ci| ci == "true") => {
            panic!("{why}, and with CI=true nothing is skipped")
        }
        Err(why) => {
            let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
            if !said.contains(&why.as_str()) {
                // Not `eprintln!`: the test harness would swallow it.
                let _ = writeln!(std::io::stderr(), "skipped: {why}");
                said.push(why);
            }
            None
        }
    }
}

fn find_node() -> Result<PathBuf, String> {
    let node = on_path("node").ok_or("no node here (Debian: apt-get install nodejs npm)")?;
    let output =
        Command::new(&node).arg("--version").output().map_err(|error| format!("node does not start: {error}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => Ok(node),
        _ => Err(format!("node here is {version}, and {NODE} is needed")),
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

/// Brings `node_modules` to what the lock file says.
fn install() -> Result<(), String> {
    let folder = root().join("tests/browser");
    let changed = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    // npm writes this copy last, so a cut installation does not count.
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

// The wall is there for the server; these settings are the tests' own.
#[allow(clippy::disallowed_methods)]
fn setting(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
