//! One node: the real binary as a child process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::command::binary;
use super::database::Database;
use super::exclusive::until;

/// How long a start may take on a busy machine.
pub const START: Duration = Duration::from_secs(30);

/// A process that runs, or has ended and was not waited for.
pub struct Process {
    child: Child,
    /// Lines of standard output; disconnected once the process is gone.
    lines: Mutex<Receiver<String>>,
}

impl Process {
    /// Starts one, and returns it with the address that it prints. Where it ends without one, the error is how.
    pub fn start(
        folder: &Path,
        database: &Database,
        envs: &[(String, String)],
        log: File,
    ) -> Result<(Self, SocketAddr), ExitStatus> {
        let mut child = binary()
            .args(["--listen", "127.0.0.1:0", "--database-url"])
            .arg(database.url())
            // Nearly every test is about something else, and its lists begin empty.
            .env("PARLOR_LOBBY", "off")
            .envs(envs.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
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
        let mut process = Self { child, lines: Mutex::new(lines) };
        match process.listening() {
            Some(address) => Ok((process, address)),
            None => Err(process.kill()),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL; it has ended when this returns.
    pub fn kill(mut self) -> ExitStatus {
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }

    /// Waits for the end of one that was asked to stop; `None`: it did not, and was killed.
    pub fn wait(mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.line(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return Some(self.child.wait().unwrap()),
                Err(RecvTimeoutError::Timeout) => {
                    self.kill();
                    return None;
                }
            }
        }
    }

    /// Sends a signal by its name (`TERM`, `STOP`, `CONT`), without waiting, but for the halt of `STOP`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status().unwrap();
        assert!(status.success(), "kill -{name} failed");
        if name == "STOP" {
            until("it stands still", START, || self.read("stat").contains(") T "));
        }
    }

    /// Memory it holds now, in KiB.
    pub fn rss_kib(&self) -> u64 {
        let status = self.read("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sockets it has open now.
    pub fn open_sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap();
        let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.id())).unwrap()
    }

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
