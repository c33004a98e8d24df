//! A recording of what a scripted scenario exchanges with the server: each request, response and frame is one line, in the order
//! in which the script sends and reads them. What differs from run to run is replaced by placeholders before the recording is
//! compared with the golden file of its name.
//!
//! A scenario is the same in every run because each of its steps awaits the frames that it causes.

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::http::{Call, Http};
use super::placeholders::{self, BEGAN};
use super::reply::Reply;
use super::{Person, Server, golden};

/// Headers of the connection, not of the answer.
const PASSING: [&str; 4] = ["date", "connection", "content-length", "transfer-encoding"];
/// Headers that stand beside the status; all others are given once, under a short name.
const OWN: [&str; 5] = ["allow", "etag", "location", "retry-after", "set-cookie"];
/// Longer requests are shortened.
const SHOWN: usize = 400;

/// One recording.
pub struct Transcript {
    name: &'static str,
    lines: RefCell<Vec<String>>,
    /// Sets of headers, by their place in the list.
    headers: RefCell<Vec<String>>,
    is_compared: Cell<bool>,
}

impl Transcript {
    /// An empty one, before its server starts.
    pub fn new(name: &'static str) -> Self {
        LazyLock::force(&BEGAN);
        Self { name, lines: RefCell::default(), headers: RefCell::default(), is_compared: Cell::new(false) }
    }

    /// Adds a heading.
    pub fn part(&self, title: &str) {
        let first = self.lines.borrow().is_empty();
        self.add(format!("{}# {title}", if first { "" } else { "\n" }));
    }

    /// Adds something that `who` sends. What the server stamps it with is later than all before.
    pub fn sent(&self, who: &str, what: &str) {
        next_millisecond();
        self.add(format!("{who} > {}", shortened(what)));
    }

    /// Adds something that `who` receives.
    pub fn received(&self, who: &str, what: &str) {
        self.add(format!("{who} < {what}"));
    }

    /// Adds lines, with what cannot be seen in them escaped.
    pub fn add(&self, text: String) {
        self.lines.borrow_mut().extend(text.split('\n').map(visible));
    }

    /// A client for `who`, with this person's token.
    pub fn http(&self, person: &Person) -> Caller<'_> {
        Caller { transcript: self, who: person.username.clone(), http: person.http.clone() }
    }

    /// A client without a token.
    pub fn stranger(&self, server: &Server) -> Caller<'_> {
        Caller { transcript: self, who: "-".to_owned(), http: server.http() }
    }

    /// Adds the status of a response, its headers, and its body as `show` gives it.
    pub fn reply(&self, who: &str, reply: &Reply, show: impl Fn(&Reply) -> String) {
        let (mut own, mut others) = (String::new(), Vec::new());
        let mut headers: Vec<_> = reply.headers.iter().filter(|(name, _)| !PASSING.contains(&name.as_str())).collect();
        headers.sort();
        for (name, value) in headers {
            if OWN.contains(&name.as_str()) || name.starts_with("access-control-") {
                own += &format!(" {name}: {value}");
            } else {
                others.push(format!("{name}: {value}"));
            }
        }
        let set = self.set(others.join(" | "));
        let body = show(reply);
        let space = if body.is_empty() || body.starts_with('\n') { "" } else { " " };
        self.received(who, &format!("{} h{set}{own}{space}{body}", reply.status));
    }

    /// The number of a set of headers, which is written out where it comes for the first time.
    fn set(&self, headers: String) -> usize {
        let mut known = self.headers.borrow_mut();
        if let Some(place) = known.iter().position(|one| *one == headers) {
            return place + 1;
        }
        known.push(headers);
        self.add(format!("h{}: {}", known.len(), known[known.len() - 1]));
        known.len()
    }

    /// Compares it with the golden file of its name.
    #[track_caller]
    pub fn compare(self) {
        self.is_compared.set(true);
        golden::compare(self.name, &placeholders::replace(&self.lines.borrow()));
    }
}

impl Drop for Transcript {
    fn drop(&mut self) {
        if thread::panicking() && !self.is_compared.get() {
            let lines = self.lines.borrow();
            eprintln!("--- `{}` ends with:\n{}", self.name, lines[lines.len().saturating_sub(20)..].join("\n"));
        } else {
            assert!(self.is_compared.get(), "`{}` is not compared with anything", self.name);
        }
    }
}

/// A client whose requests are recorded.
pub struct Caller<'a> {
    transcript: &'a Transcript,
    pub who: String,
    pub http: Http,
}

impl Caller<'_> {
    /// The same client under another name.
    pub fn named(self, who: &str) -> Self {
        Self { who: who.to_owned(), ..self }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(self.http.call("GET", path))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send(self.http.call("DELETE", path))
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.http.call("POST", path).json(&body))
    }

    pub fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.http.call("PUT", path).json(&body))
    }

    pub fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.http.call("PATCH", path).json(&body))
    }

    /// A request to be shaped further.
    pub fn call(&self, method: &str, path: &str) -> Call {
        self.http.call(method, path)
    }

    /// Sends a request and records it with its response.
    pub fn send(&self, call: Call) -> Reply {
        self.send_to_show(call, shown)
    }

    /// The same, where of the body only that is recorded which `show` gives.
    pub fn send_to_show(&self, call: Call, show: impl Fn(&Reply) -> String) -> Reply {
        self.transcript.sent(&self.who, &call.described());
        let reply = call.send();
        self.transcript.reply(&self.who, &reply, show);
        reply
    }
}

/// A body: JSON in one line, a page in lines of its own, of a script or style nothing.
pub fn shown(reply: &Reply) -> String {
    let kind = reply.header("content-type").unwrap_or_default();
    let text = reply.text();
    match kind.split(';').next().unwrap_or_default() {
        "text/html" => text.lines().filter(|line| !line.is_empty()).map(|line| format!("\n    {line}")).collect(),
        "text/javascript" | "text/css" | "image/svg+xml" => "…".to_owned(),
        _ => text.trim_end().replace('\n', "⏎"),
    }
}

/// A line without control characters and without those that change the direction of a text.
fn visible(line: &str) -> String {
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut visible = String::with_capacity(line.len());
    for letter in line.chars() {
        if is_hidden(letter) { visible.extend(letter.escape_unicode()) } else { visible.push(letter) }
    }
    visible
}

fn shortened(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let start: String = text.chars().take(SHOWN / 4).collect();
    format!("{start}… ({} bytes)", text.len())
}

/// Lists are ordered by time, so things that are done one after the other must not share a millisecond.
fn next_millisecond() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let begun = now();
    while now() == begun {
        std::hint::spin_loop();
    }
}
