//! A PostgreSQL server of one's own, in a temporary folder.
// The wall is there for the server; these settings are the tests' own.
#![allow(clippy::disallowed_methods)]

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};
use rustix::process::{Pid, Signal, geteuid, kill_process};

/// How long PostgreSQL may take to start, and to stop, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is there by which sorting, upper and lower case depend on a language, and `C` where neither is: tests find more with it.
const LOCALES: [&[&str]; 3] = [
    &["--locale=en_US.UTF-8"],
    &["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"],
    &["--locale=C.UTF-8"],
];

/// The folder of PostgreSQL's programs: that of the `initdb` on the path, or else the newest where Debian keeps them.
pub fn programs() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").into_iter().flat_map(|path| env::split_paths(&path).collect::<Vec<_>>());
    // On the path there may be links to some of them.
    let on_path = on_path.filter_map(|folder| Some(folder.join("initdb").canonicalize().ok()?.parent()?.to_owned()));
    let of_debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut of_debian: Vec<_> = of_debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .collect();
    of_debian.sort();
    let newest_first = of_debian.into_iter().rev().map(|(_, folder)| folder);
    on_path.chain(newest_first).find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

pub fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().try_into().expect("a process id")).expect("not zero")
}

/// A private PostgreSQL, which is stopped and removed on drop.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    log: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Starts one that logs to this file.
    pub fn start(programs: &Path, log: PathBuf) -> Self {
        let made = as_owner(Path::new("mktemp")).args(["-d", "-t", "parlor-postgres-XXXXXX"]).output().unwrap();
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no folder can be made for PostgreSQL: {errors}");
        let folder = PathBuf::from(String::from_utf8(made.stdout).unwrap().trim());
        // From here on the folder is removed, whatever happens.
        let mut cluster = Self { folder, programs: programs.to_owned(), log, port: 0, server: None };
        cluster.initialise(&programs.join("initdb"));
        // Another program may take a port that was free a moment ago.
        for _ in 0..3 {
            cluster.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if cluster.listens() {
                return cluster;
            }
        }
        panic!("PostgreSQL does not start: {}", fs::read_to_string(&cluster.log).unwrap_or_default());
    }

    fn initialise(&self, initdb: &Path) {
        let mut errors = String::new();
        for locale in LOCALES {
            let mut command = as_owner(initdb);
            command.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--username=postgres", "--pgdata"]);
            let ran = command.arg(self.data()).args(locale).output().expect("initdb can be run");
            if ran.status.success() {
                return;
            }
            errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        }
        panic!("initdb does not work: {errors}");
    }

    /// Starts it; false where it ends at once.
    fn listens(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = as_owner(&self.programs.join("postgres"));
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-h", "127.0.0.1", "-p"]);
        command.arg(self.port.to_string());
        for setting in
            ["fsync=off", "full_page_writes=off", "max_connections=500", "shared_buffers=256MB", "log_checkpoints=off"]
        {
            command.args(["-c", setting]);
        }
        // The database of a line is that of one test's server.
        command.args(["-c", "log_line_prefix=%m [%p] %d "]).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let server = self.server.insert(command.spawn().expect("postgres can be run"));
        let deadline = Instant::now() + PATIENCE;
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        while PgConnection::establish(&url).is_err() {
            if server.try_wait().unwrap().is_some() || Instant::now() > deadline {
                return false;
            }
            thread::sleep(Duration::from_millis(50));
        }
        true
    }

    /// `kill -9` of its first process, without which the others end.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("it runs");
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// A fast shutdown, as a restart begins with.
    pub fn stop(&mut self) {
        let mut server = self.server.take().expect("it runs");
        kill_process(pid(&server), Signal::INT).unwrap();
        server.wait().unwrap();
    }

    /// Starts it again, with the same data on the same port.
    pub fn restart(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        // The processes of a killed one may not have ended yet.
        while !self.listens() {
            assert!(
                Instant::now() < deadline,
                "PostgreSQL does not start: {}",
                fs::read_to_string(&self.log).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Of its maintenance database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Immediately: its data is not needed any more.
            let _ = kill_process(pid(&server), Signal::QUIT);
            let deadline = Instant::now() + PATIENCE;
            while server.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A program as the user who runs PostgreSQL: not root, which it refuses. Should this program be killed, so is the other; Ctrl-C
/// does not reach it, so that what uses it ends first.
fn as_owner(program: &Path) -> Command {
    let mut command = Command::new("setsid");
    command.args(["setpriv", "--pdeathsig=QUIT"]);
    if geteuid().is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}
