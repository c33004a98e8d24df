//! What the clients need beside Rust: node and the packages of `package-lock.json`, Python and those of `python-*.txt`.
//! Looked for once, installed where they differ from these lists.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

use crate::kit::Server;

/// One at a time installs.
static INSTALLING: Mutex<()> = Mutex::new(());

/// This folder.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Node, with the packages installed; `None` where something is missing, which was reported.
pub fn node() -> Option<PathBuf> {
    let _installing = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    or_skip(install_node())
}

/// The Python of an environment that has the packages of `python-<version>.txt`; `None` likewise.
pub fn python(version: &str) -> Option<PathBuf> {
    let _installing = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    or_skip(install_python(version))
}

/// Runs a script of this folder against a server, to its end, and returns the line of JSON that it prints. Its standard
/// error is shown where there is none.
pub fn run_script(server: &Server, program: &Path, script: &str, settings: &[(&str, &str)]) -> Value {
    let mut command = Command::new(program);
    command.arg(folder().join(script)).envs(settings.iter().copied()).stdin(Stdio::null());
    command.env("URL", format!("http://{}", server.endpoint().address()));
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{settings:?}: {errors}"))
}

/// A machine that decides whether a change lands must run everything; elsewhere a line is enough.
fn or_skip(found: Result<PathBuf, String>) -> Option<PathBuf> {
    match found {
        Ok(found) => Some(found),
        Err(why) => {
            assert!(setting("CI").is_none_or(|ci| ci != "true"), "{why}, and with CI=true nothing is skipped");
            // Not `eprintln!`: the test harness would swallow it.
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            None
        }
    }
}

fn install_node() -> Result<PathBuf, String> {
    let node = on_path("node").ok_or("no node here (Debian: apt-get install nodejs npm)")?;
    let (wanted, done) = (folder().join("package-lock.json"), folder().join("node_modules/.installed"));
    if !same(&wanted, &done) {
        let npm = on_path("npm").ok_or("no npm here (Debian: apt-get install npm)")?;
        run(Command::new(npm).args(["ci", "--ignore-scripts"]).current_dir(folder()))?;
        fs::copy(wanted, done).map_err(|error| error.to_string())?;
    }
    Ok(node)
}

fn install_python(version: &str) -> Result<PathBuf, String> {
    let wanted = folder().join(format!("python-{version}.txt"));
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{version}"));
    let (python, done) = (place.join("bin/python"), place.join("installed"));
    if !same(&wanted, &done) {
        let system = on_path("python3").ok_or("no Python here (Debian: apt-get install python3-venv)")?;
        run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&place))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-deps", "-r"]).arg(&wanted))?;
        fs::copy(wanted, done).map_err(|error| error.to_string())?;
    }
    Ok(python)
}

/// Written last, so a cut installation does not count.
fn same(wanted: &Path, done: &Path) -> bool {
    fs::read(done).is_ok_and(|done| fs::read(wanted).is_ok_and(|wanted| wanted == done))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&printed).trim()))
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&setting("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

// The wall is there for the server; these settings are the tests' own.
#[allow(clippy::disallowed_methods)]
fn setting(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
