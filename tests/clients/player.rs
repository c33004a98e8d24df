//! A client as a process, which reports its progress on standard output, line by line. `in`: it is connected and authenticated;
//! `out`: its connection has ended; `acknowledged`: one of its messages was acknowledged; at the end, the messages that it has as one line of JSON.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::Value;

/// How long a client may take for anything. It may have to find out first that a connection is gone, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a client has reported so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// How often it connected.
    pub ins: usize,
    /// How often it noticed that its connection had ended.
    pub outs: usize,
    /// Its messages that were acknowledged.
    pub acknowledged: usize,
    /// What it has, once it has everything.
    pub last: Option<Value>,
    /// Its output has ended.
    ended: bool,
}

/// A running client; killed when dropped.
pub struct Player {
    child: Child,
    progress: Arc<(Mutex<Progress>, Condvar)>,
    complaints: Arc<Mutex<String>>,
}

impl Player {
    pub fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (lines, mut errors) = (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        let (progress, complaints) = (Arc::<(Mutex<Progress>, Condvar)>::default(), Arc::<Mutex<String>>::default());
        let (shared, log) = (Arc::clone(&progress), Arc::clone(&complaints));
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                shared.0.lock().unwrap().receive(&line);
                shared.1.notify_all();
            }
            shared.0.lock().unwrap().ended = true;
            shared.1.notify_all();
        });
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = errors.read(&mut piece) {
                log.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..count]));
            }
        });
        Self { child, progress, complaints }
    }

    pub fn progress(&self) -> Progress {
        self.progress.0.lock().unwrap().clone()
    }

    /// Waits until its progress `holds`.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Progress) -> bool) {
        if !self.within(PATIENCE, holds) {
            panic!("never {what}: {:?}\n{}", self.progress(), self.complaints.lock().unwrap());
        }
    }

    /// Waits so long for that; `false`: in vain.
    pub fn within(&self, patience: Duration, holds: impl Fn(&Progress) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        let mut progress = self.progress.0.lock().unwrap();
        while !holds(&progress) {
            let left = deadline.saturating_duration_since(Instant::now());
            if progress.ended || left.is_zero() {
                return false;
            }
            progress = self.progress.1.wait_timeout(progress, left).unwrap().0;
        }
        true
    }
}

impl Progress {
    fn receive(&mut self, line: &str) {
        match line {
            "in" => self.ins += 1,
            "out" => self.outs += 1,
            "acknowledged" => self.acknowledged += 1,
            last => self.last = serde_json::from_str(last).ok(),
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}
