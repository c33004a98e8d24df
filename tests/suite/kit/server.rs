//! The real binary as a child process, with a database of its own.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::command::parlor;
use super::database::{Database, Store, nodes_under_test, redis_under_test};
use super::endpoint::Endpoint;
use super::folder::Folder;
use super::http::Http;
use super::process::{Process, START};
use super::socket::Socket;

/// The setting of the bus between nodes.
const REDIS: &str = "REDIS_URL";

/// Settings for tests that send much in little time.
pub const UNHURRIED: [(&str, &str); 2] = [("PARLOR_SENDS_PER_SECOND", "0"), ("PARLOR_FRAMES_PER_SECOND", "0")];

/// A running (or stopped) Parlor: one process, or with `PARLOR_TEST_STORE=cluster` two nodes on one database, which are started
/// and stopped together and write to the same log. Dropped, it is killed and its folder removed; a failing test shows the end of
/// its log.
pub struct Server {
    path: PathBuf,
    /// Where it is not that of the folder.
    database: Option<Database>,
    /// Held for its drop; `None` where the caller owns the folder.
    folder: Option<Folder>,
    envs: Vec<(String, String)>,
    endpoint: Endpoint,
    /// By node; `None`: it is down.
    nodes: Vec<Option<Process>>,
    /// A test has written to the database itself, or it has never been served: it is not verified at the end.
    meddled: AtomicBool,
}

impl Server {
    /// A fresh server with default settings.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A fresh server with these settings.
    pub fn with(envs: &[(&str, &str)]) -> Self {
        Self::fresh(None, envs)
    }

    /// The same as one process, whatever is under test: for what is counted, or kept, by each node for itself.
    pub fn one_node(envs: &[(&str, &str)]) -> Self {
        Self::fresh(Some(1), envs)
    }

    /// A fresh server of so many nodes, on PostgreSQL.
    pub fn with_nodes(count: usize, envs: &[(&str, &str)]) -> Self {
        Self::fresh(Some(count), envs)
    }

    fn fresh(count: Option<usize>, envs: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut server = Self::stopped(folder.path(), None, count, envs);
        server.folder = Some(folder);
        server.open().unwrap_or_else(|log| panic!("no start:\n{log}"));
        server
    }

    /// A fresh server on this database, which the caller owns.
    pub fn on(database: Database, envs: &[(&str, &str)]) -> Self {
        Self::opened_on(database, None, envs)
    }

    /// The same, of so many nodes.
    pub fn nodes_on(database: Database, count: usize, envs: &[(&str, &str)]) -> Self {
        Self::opened_on(database, Some(count), envs)
    }

    fn opened_on(database: Database, count: Option<usize>, envs: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut server = Self::stopped(folder.path(), Some(database), count, envs);
        server.folder = Some(folder);
        server.open().unwrap_or_else(|log| panic!("no start:\n{log}"));
        server
    }

    /// A server on the database in `path`, which the caller owns.
    pub fn at(path: &Path, envs: &[(&str, &str)]) -> Self {
        Self::try_at(path, envs).unwrap_or_else(|log| panic!("no start:\n{log}"))
    }

    /// The same, where the start may be refused: then what it wrote to standard error is the error.
    pub fn try_at(path: &Path, envs: &[(&str, &str)]) -> Result<Self, String> {
        let mut server = Self::stopped(path, None, None, envs);
        server.meddled = AtomicBool::new(true);
        server.open()?;
        server.meddled = AtomicBool::new(false);
        Ok(server)
    }

    fn stopped(path: &Path, database: Option<Database>, count: Option<usize>, envs: &[(&str, &str)]) -> Self {
        let count = count.unwrap_or_else(|| match &database {
            Some(Database::File(_)) => 1,
            _ => nodes_under_test(),
        });
        let mut envs: Vec<(String, String)> =
            envs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if let Some(redis) = redis_under_test().filter(|_| count > 1 && envs.iter().all(|(name, _)| name != REDIS)) {
            envs.push((REDIS.to_owned(), redis));
        }
        Self {
            path: path.to_owned(),
            database,
            folder: None,
            envs,
            endpoint: Endpoint::of_nodes(count),
            nodes: (0..count).map(|_| None).collect(),
            meddled: AtomicBool::new(false),
        }
    }

    /// Starts it (again) on the same database and returns once it has printed its address.
    pub fn open(&mut self) -> Result<(), String> {
        assert!(!self.is_up(), "it runs already");
        (0..self.nodes.len()).try_for_each(|node| self.open_node(node))
    }

    /// Starts one node (again), while others may run.
    pub fn open_node(&mut self, node: usize) -> Result<(), String> {
        assert!(self.nodes[node].is_none(), "it runs already");
        let log_before = self.log().len();
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        match Process::start(&self.path, &self.database(), &self.envs, log) {
            Ok((process, address)) => {
                self.endpoint.moved_to(node, address);
                self.nodes[node] = Some(process);
                Ok(())
            }
            Err(status) => {
                self.kill();
                let log = self.log();
                Err(format!("{status}\n{}", log.get(log_before..).unwrap_or_default()))
            }
        }
    }

    /// SIGKILL; the process has ended when this returns.
    pub fn kill(&mut self) {
        (0..self.nodes.len()).for_each(|node| self.kill_node(node));
    }

    /// The same for one node; does nothing where it is down.
    pub fn kill_node(&mut self, node: usize) {
        if let Some(process) = self.nodes[node].take() {
            process.kill();
            self.endpoint.is_down(node);
        }
    }

    /// SIGTERM; returns how the process ended, and how long that took.
    pub fn terminate(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        self.signal("TERM");
        (self.wait(), begun.elapsed())
    }

    /// The same for one node.
    pub fn terminate_node(&mut self, node: usize) -> ExitStatus {
        self.signal_node(node, "TERM");
        self.wait_for_node(node)
    }

    /// Waits for the end of a process that was asked to stop; of several nodes the status is that of one that failed, if any did.
    pub fn wait(&mut self) -> ExitStatus {
        let statuses: Vec<ExitStatus> = (0..self.nodes.len()).map(|node| self.wait_for_node(node)).collect();
        statuses.iter().find(|status| !status.success()).copied().unwrap_or(statuses[0])
    }

    /// The same for one node.
    pub fn wait_for_node(&mut self, node: usize) -> ExitStatus {
        let ended = self.nodes[node].take().expect("it runs").wait();
        self.endpoint.is_down(node);
        ended.unwrap_or_else(|| panic!("it did not stop within {START:?}:\n{}", self.log()))
    }

    /// Sends a signal by its name (`TERM`, `STOP`, `CONT`), without waiting.
    pub fn signal(&self, name: &str) {
        self.processes().for_each(|process| process.signal(name));
    }

    /// The same to one node.
    pub fn signal_node(&self, node: usize, name: &str) {
        self.nodes[node].as_ref().expect("it runs").signal(name);
    }

    /// Stops its process at a moment in which it is not writing; `CONT` resumes it.
    pub fn stand_still(&self) {
        loop {
            self.signal("STOP");
            if self.database().is_at_rest() {
                return;
            }
            self.signal("CONT");
        }
    }

    /// Those of the nodes that are up.
    fn processes(&self) -> impl Iterator<Item = &Process> {
        self.nodes.iter().flatten()
    }

    fn is_up(&self) -> bool {
        self.processes().next().is_some()
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

    /// The endpoint of this node alone.
    pub fn node(&self, node: usize) -> Endpoint {
        self.endpoint.of_node(node)
    }

    /// Of the first node.
    pub fn pid(&self) -> u32 {
        self.processes().next().expect("it runs").id()
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
        assert!(!self.is_up(), "the server has the database");
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

    /// Memory it holds now, in KiB: all nodes together.
    pub fn rss_kib(&self) -> u64 {
        self.processes().map(Process::rss_kib).sum()
    }

    /// Sockets it has open now: all nodes together.
    pub fn open_sockets(&self) -> usize {
        self.processes().map(Process::open_sockets).sum()
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
