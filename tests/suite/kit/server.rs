//! The real binary as a child process, with a database of its own.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::command::{binary, parlor};
use super::database::{Database, Store};
use super::exclusive::until;
use super::folder::Folder;
use super::http::Http;
use super::socket::Socket;

/// Settings for tests that send much in little time.
pub const UNHURRIED: [(&str, &str); 2] = [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_FRAMES_PER_SECOND", "0")];

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// Where a server can be reached now. Shared by all clients, so that they outlive a restart on another port.
#[derive(Clone, Debug)]
pub struct Endpoint(Arc<Mutex<SocketAddr>>);

impl Endpoint {
    /// An endpoint that is not a server's own: a proxy's, for example.
    pub fn at(address: SocketAddr) -> Self {
        Self(Arc::new(Mutex::new(address)))
    }

    pub fn address(&self) -> SocketAddr {
        *self.0.lock().unwrap()
    }

    fn moved_to(&self, address: SocketAddr) {
        *self.0.lock().unwrap() = address;
    }
}

/// A running (or stopped) Parlor. Dropped, it is killed and its folder removed; a failing test shows the end of its log.
pub struct Server {
    path: PathBuf,
    /// Where it is not that of the folder.
    database: Option<Database>,
    /// Held for its drop; `None` where the caller owns the folder.
    folder: Option<Folder>,
    envs: Vec<(String, String)>,
    endpoint: Endpoint,
    running: Option<Running>,
    /// A test has written to the database itself, or it has never been served: it is not verified at the end.
    meddled: AtomicBool,
}

struct Running {
    child: Child,
    /// Lines of standard output; disconnected once the process is gone.
    lines: Mutex<Receiver<String>>,
}

impl Server {
    /// A fresh server with default settings.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A fresh server with these settings.
    pub fn with(envs: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut server = Self::try_at(folder.path(), envs).unwrap_or_else(|log| panic!("no start:\n{log}"));
        server.folder = Some(folder);
        server
    }

    /// A fresh server on this database, which the caller owns.
    pub fn on(database: Database, envs: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut server = Self {
            path: folder.path().to_owned(),
            database: Some(database),
            folder: Some(folder),
            envs: envs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            endpoint: Endpoint::at(SocketAddr::from(([127, 0, 0, 1], 0))),
            running: None,
            meddled: AtomicBool::new(false),
        };
        server.open().unwrap_or_else(|log| panic!("no start:\n{log}"));
        server
    }

    /// A server on the database in `path`, which the caller owns.
    pub fn at(path: &Path, envs: &[(&str, &str)]) -> Self {
        Self::try_at(path, envs).unwrap_or_else(|log| panic!("no start:\n{log}"))
    }

    /// The same, where the start may be refused: then what it wrote to standard error is the error.
    pub fn try_at(path: &Path, envs: &[(&str, &str)]) -> Result<Self, String> {
        let mut server = Self {
            path: path.to_owned(),
            database: None,
            folder: None,
            envs: envs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            endpoint: Endpoint::at(SocketAddr::from(([127, 0, 0, 1], 0))),
            running: None,
            meddled: AtomicBool::new(true),
        };
        server.open()?;
        server.meddled = AtomicBool::new(false);
        Ok(server)
    }

    /// Starts it (again) on the same database and returns once it has printed its address.
    pub fn open(&mut self) -> Result<(), String> {
        assert!(self.running.is_none(), "it runs already");
        let log_before = self.log().len();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        let mut child = binary()
            .args(["--listen", "127.0.0.1:0", "--database-url"])
            .arg(self.database().url())
            // Nearly every test is about something else, and its lists begin empty.
            .env("PARLOR_LOBBY", "off")
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let output = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        // Reads to the end, so that the server never waits for a full pipe, and the end shows that the process has ended.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut running = Running { child, lines: Mutex::new(lines) };
        match running.listening() {
            Some(address) => {
                self.endpoint.moved_to(address);
                self.running = Some(running);
                Ok(())
            }
            None => {
                let _ = running.child.kill();
                let status = running.child.wait().unwrap();
                let log = self.log();
                Err(format!("{status}\n{}", log.get(log_before..).unwrap_or_default()))
            }
        }
    }

    /// SIGKILL; the process has ended when this returns.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        }
    }

    /// SIGTERM; returns how the process ended, and how long that took.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        self.signal("TERM");
        (self.wait(), begun.elapsed())
    }

    /// Waits for the end of a process that was asked to stop.
    pub fn wait(&mut self) -> ExitStatus {
        let mut running = self.running.take().expect("it runs");
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match running.line(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return running.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => {
                    let _ = running.child.kill();
                    panic!("it did not stop within {START:?}:\n{}", self.log());
                }
            }
        }
    }

    /// Sends a signal by its name (`TERM`, `STOP`, `CONT`), without waiting.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(status.success(), "kill -{name} failed");
    }

    /// Stops its process at a moment in which it is not writing; `CONT` resumes it.
    pub fn stand_still(&self) {
        let stands = || fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap().contains(") T ");
        loop {
            self.signal("STOP");
            until("it stands still", START, stands);
            if self.database().is_at_rest() {
                return;
            }
            self.signal("CONT");
        }
    }

    /// A graceful stop and a new start on the same database. Connections end; tokens and users remain valid.
    pub fn restart(&mut self) {
        let (status, _) = self.terminate();
        assert!(status.success(), "a graceful stop ended with {status}");
        self.open().unwrap_or_else(|log| panic!("no start:\n{log}"));
    }

    /// A crash and a new start on the same database.
    pub fn crash(&mut self) {
        self.kill();
        self.open().unwrap_or_else(|log| panic!("no start:\n{log}"));
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A client that has no token.
    pub fn http(&self) -> Http {
        Http::new(&self.endpoint, None)
    }

    /// A socket that has not sent `hello`.
    pub fn socket(&self) -> Socket {
        Socket::open(&self.endpoint, &[]).expect("the upgrade is accepted")
    }

    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("it runs").child.id()
    }

    /// The folder it runs in. On SQLite its database is there.
    pub fn folder(&self) -> &Path {
        &self.path
    }

    pub fn database(&self) -> Database {
        self.database.clone().unwrap_or_else(|| Database::of(&self.path))
    }

    /// Runs SQL on the database of a stopped server: how a test lets time pass, or meddles.
    #[track_caller]
    pub fn sql(&self, statement: &str) {
        assert!(self.running.is_none(), "the server has the database");
        self.meddle(statement);
    }

    /// Runs SQL on the database beside the running server, as another process would. `$next` is the next id of a message.
    #[track_caller]
    pub fn meddle(&self, statements: &str) {
        self.meddled.store(true, Ordering::Relaxed);
        let next = Store::under_test().choose("NULL", "nextval('message_ids')");
        self.database().execute(&statements.replace("$next", next));
    }

    /// The number that this SQL gives, read beside the running server: for what no API shows.
    #[track_caller]
    pub fn count(&self, query: &str) -> i64 {
        self.database().count(query)
    }

    /// Fails with what `parlor verify` finds wrong with the database.
    pub fn verify(&self) {
        let found = parlor(&self.database(), &["verify"], "");
        assert_eq!(found.code, 0, "{}{}", found.out, found.err);
    }

    /// Calls the binary beside the server, as its operator; fails unless it succeeds. Returns its output.
    #[track_caller]
    pub fn operate(&self, arguments: &[&str], input: &str) -> String {
        parlor(&self.database(), arguments, input).ok()
    }

    pub fn log_path(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// All it wrote to standard error so far.
    pub fn log(&self) -> String {
        fs::read(self.log_path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Memory it holds now, in KiB.
    pub fn rss_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sockets it has open now.
    pub fn open_sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap();
        let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    }
}

impl Running {
    fn line(&self, patience: Duration) -> Result<String, RecvTimeoutError> {
        self.lines.lock().unwrap().recv_timeout(patience)
    }

    /// The address that it prints; `None` when it ends or prints none.
    fn listening(&mut self) -> Option<SocketAddr> {
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.line(left).ok()?;
            if let Some(rest) = line.split("listening on http://").nth(1) {
                return rest.trim().trim_end_matches('/').parse().ok();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let log = self.log();
        if thread::panicking() {
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines.len().saturating_sub(60);
            eprintln!("--- the server's log ends with:\n{}", lines[tail..].join("\n"));
        } else {
            // Whatever a test is about: the server never panics, and what it leaves is in order.
            assert!(!log.contains("panicked at"), "the server panicked:\n{log}");
            if !self.meddled.load(Ordering::Relaxed) {
                self.verify();
            }
        }
    }
}
