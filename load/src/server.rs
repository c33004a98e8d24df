//! A Parlor of our own: started on a free port with a fresh database and without rates, stopped politely, and its
//! folder removed, whatever happens in between.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Target;
use crate::error::LoadError;
use crate::options::Options;

/// Limits that would be what is measured. 0 is none.
pub const OFF: [&str; 10] = [
    "PARLOR_SENDS_PER_SECOND",
    "PARLOR_FRAMES_PER_SECOND",
    "PARLOR_REQUESTS_PER_SECOND",
    "PARLOR_USER_CONNECTIONS",
    "PARLOR_HELLO_PER_ADDRESS",
    "PARLOR_HELLO_TOTAL",
    "PARLOR_ACCOUNTS_PER_MINUTE",
    "PARLOR_SESSIONS_PER_MINUTE",
    "PARLOR_INVITES_PER_MINUTE",
    "PARLOR_SEARCHES_PER_SECOND",
];
/// A server that takes longer to stop is killed.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    cpus: Option<String>,
    // Before the folder, which must still be there while the server stops.
    running: Running,
    /// Removed at the end; `None` where the database is to be kept.
    _folder: Option<TempDir>,
    database: PathBuf,
}

impl Server {
    /// Starts the server of the options and waits until it listens.
    pub fn start(options: &Options) -> Result<Self, LoadError> {
        Self::start_on(options, None)
    }

    /// Starts one of several: on this database, or on a fresh one of its own.
    pub fn start_on(options: &Options, database: Option<&Path>) -> Result<Self, LoadError> {
        let binary = match &options.start {
            Some(binary) => binary.clone(),
            None => beside_myself()?,
        };
        let within = options.folder.clone().unwrap_or_else(std::env::temp_dir);
        let fresh = || tempfile::Builder::new().prefix("parlor-load-").tempdir_in(&within);
        let folder = database.is_none().then(fresh).transpose();
        let folder = folder.map_err(LoadError::system(within.display().to_string()))?;
        let own = folder.as_ref().map(|folder| folder.path().join("load.db"));
        let database = own.or_else(|| database.map(Path::to_owned)).unwrap_or_default();
        let running = Running::start(&binary, options.server_cpu.as_deref(), &database)?;
        eprintln!("load: started {} on {} with {}=0", binary.display(), database.display(), OFF.join("=0 "));
        Ok(Self { binary, cpus: options.server_cpu.clone(), running, _folder: folder, database })
    }

    /// Stops the server and starts it again on the same database, at another port.
    pub fn restart(&mut self) -> Result<(), LoadError> {
        self.pause(|_| Ok(()))
    }

    /// The same, with something done to the database meanwhile.
    pub fn pause(&mut self, work: impl FnOnce(&Path) -> Result<(), LoadError>) -> Result<(), LoadError> {
        self.running.stop();
        work(&self.database)?;
        self.running = Running::start(&self.binary, self.cpus.as_deref(), &self.database)?;
        Ok(())
    }

    pub fn pid(&self) -> u32 {
        self.running.child.id()
    }

    pub fn target(&self) -> Result<Target, LoadError> {
        Target::parse(&self.running.url)
    }
}

/// `target/release/parlor` for `target/release/parlor-load`.
fn beside_myself() -> Result<PathBuf, LoadError> {
    let myself = std::env::current_exe().map_err(LoadError::system("finding this program"))?;
    let binary = myself.parent().unwrap_or(Path::new(".")).join("parlor");
    if binary.exists() {
        return Ok(binary);
    }
    let missing = binary.display();
    Err(LoadError::Usage(format!("{missing} is not there: `cargo build --release` first, or give --start or --url")))
}

#[derive(Debug)]
struct Running {
    child: Child,
    url: String,
    /// Held open: a server whose standard output is gone may stumble over its next line.
    _output: Option<BufReader<ChildStdout>>,
}

impl Running {
    fn start(binary: &Path, cpus: Option<&str>, database: &Path) -> Result<Self, LoadError> {
        let mut command = match cpus {
            Some(cpus) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cpus]).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        let database = format!("sqlite:{}", database.display());
        command.args(["--listen", "127.0.0.1:0", "--database-url", &database, "--log", "warn"]);
        command.envs(OFF.map(|name| (name, "0"))).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(LoadError::system(format!("starting {}", binary.display())))?;
        let output = child.stdout.take().map(BufReader::new);
        // Made before the wait, so that a server which never listens is stopped, too.
        let mut running = Self { child, url: String::new(), _output: None };
        let Some(mut output) = output else {
            return Err(LoadError::answer("starting it", "nothing"));
        };
        running.url = listening(&mut output)?;
        running._output = Some(output);
        Ok(running)
    }

    fn stop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                _ => return,
            }
        }
        eprintln!("load: the server did not stop within {} s and is killed", PATIENCE.as_secs());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A process that has been waited for must not be signalled: its number may be another's by now.
        if let Ok(None) = self.child.try_wait() {
            self.stop();
        }
    }
}

/// The address that the server listens on, from its output.
fn listening(output: &mut impl BufRead) -> Result<String, LoadError> {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line).map_err(LoadError::system("reading the server's output"))? == 0 {
            return Err(LoadError::answer("starting it", "nothing and ends"));
        }
        if let Some(url) = line.trim().strip_prefix("listening on ") {
            return Ok(url.to_owned());
        }
    }
}
