//! A client that plays: a process that tells on standard output, line by line, how it fares. `in`: it is connected and known;
//! `out`: its connection has ended; `said`: one of its messages was acknowledged; at the end, what it has as one line of JSON.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::kit::Value;

/// How long a client may take for anything. It may have to find out first that a connection is gone, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a client has told so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// How often it came in.
    pub ins: usize,
    /// How often it found itself out.
    pub outs: usize,
    /// Its messages that were acknowledged.
    pub said: usize,
    /// What it has, once it has everything.
    pub last: Option<Value>,
    /// It tells nothing any more.
    ended: bool,
}

/// A running client; killed when dropped.
pub struct Player {
    child: Child,
    told: Arc<(Mutex<Told>, Condvar)>,
    complaints: Arc<Mutex<String>>,
}

impl Player {
    pub fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (lines, mut errors) = (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        let (told, complaints) = (Arc::<(Mutex<Told>, Condvar)>::default(), Arc::<Mutex<String>>::default());
        let (shared, heard) = (Arc::clone(&told), Arc::clone(&complaints));
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                shared.0.lock().unwrap().hear(&line);
                shared.1.notify_all();
            }
            shared.0.lock().unwrap().ended = true;
            shared.1.notify_all();
        });
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = errors.read(&mut piece) {
                heard.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..count]));
            }
        });
        Self { child, told, complaints }
    }

    /// What it has told so far.
    pub fn told(&self) -> Told {
        self.told.0.lock().unwrap().clone()
    }

    /// Waits until what it has told `holds`.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Told) -> bool) {
        if !self.within(PATIENCE, holds) {
            panic!("never {what}: {:?}\n{}", self.told(), self.complaints.lock().unwrap());
        }
    }

    /// Waits so long for that; `false`: in vain.
    pub fn within(&self, patience: Duration, holds: impl Fn(&Told) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        let mut told = self.told.0.lock().unwrap();
        while !holds(&told) {
            let left = deadline.saturating_duration_since(Instant::now());
            if told.ended || left.is_zero() {
                return false;
            }
            told = self.told.1.wait_timeout(told, left).unwrap().0;
        }
        true
    }
}

impl Told {
    fn hear(&mut self, line: &str) {
        match line {
            "in" => self.ins += 1,
            "out" => self.outs += 1,
            "said" => self.said += 1,
            last => self.last = serde_json::from_str(last).ok(),
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}
