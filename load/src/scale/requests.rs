//! The requests whose time is measured, made for the sessions that `ready` shows.

use serde_json::{Map, Value, json};

use super::chance::named;
use super::{number, text};

/// What is measured, and the command for each run.
type Request<'a> = (&'static str, Box<dyn Fn(usize) -> Value + 'a>);

fn request<'a>(what: &'static str, command: impl Fn(usize) -> Value + 'a) -> Request<'a> {
    (what, Box::new(command))
}

/// The sessions in `ready`, and those among them that requests are about.
pub struct Sessions {
    all: Vec<Value>,
    /// The one with the most messages.
    pub large: String,
    pub seq: u64,
    rev: u64,
    small: String,
    group: Option<String>,
}

impl Sessions {
    pub fn new(ready: &[u8]) -> Self {
        let ready: Value = serde_json::from_slice(ready).unwrap_or_default();
        let all = ready.pointer("/sessions").and_then(Value::as_array).cloned().unwrap_or_default();
        let large = all.iter().max_by_key(|session| number(session, "/seq")).cloned().unwrap_or_default();
        let small = all.iter().min_by_key(|session| number(session, "/seq")).cloned().unwrap_or_default();
        let groups = all.iter().filter(|session| text(session, "/kind") == "group");
        let group = groups.max_by_key(|session| number(session, "/member_count")).map(|group| text(group, "/id"));
        Self {
            large: text(&large, "/id"),
            seq: number(&large, "/seq"),
            rev: number(&large, "/rev"),
            small: text(&small, "/id"),
            group,
            all,
        }
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// A `seq` or `rev` somewhere in the large session, the same in each execution.
    fn anywhere(&self, run: usize) -> u64 {
        (u64::try_from(run).unwrap_or(0) * 7_919 + 1) * 613 % self.seq.max(1) + 1
    }

    pub fn commands(&self) -> [Request<'_>; 15] {
        let id = &self.large;
        let behind = self.rev.saturating_sub(200);
        let recent = |session: &Value| (text(session, "/id"), json!(number(session, "/rev").saturating_sub(2)));
        let all: Map<String, Value> = self.all.iter().map(recent).collect();
        let history = move |before: u64| json!({"type": "history", "session": id, "before": before, "limit": 200});
        let sync = move |rev: u64| json!({"type": "sync", "sessions": {id: rev}});
        let word = |run: usize| named([1, 30, 500, 5_000, 12_000].get(run % 5).copied().unwrap_or_default());
        let search = |query: String| json!({"type": "search", "query": query});
        let within = |query: String, id: &str| json!({"type": "search", "query": query, "session": id});
        let letter = |run: usize| "bkvis".chars().nth(run % 5).into_iter().collect();
        [
            request("history, newest 50", move |_| json!({"type": "history", "session": id})),
            request("history, 200 from anywhere", move |run| history(self.anywhere(run))),
            request("sync of 200 changes", move |_| sync(behind)),
            request("sync, a page from anywhere", move |run| sync(self.anywhere(run))),
            request("sync of 2 changes in each session of ready", move |_| json!({"type": "sync", "sessions": all})),
            request("search, one word", move |run| search(word(run))),
            request("search, a common and a rarer word", move |run| search(format!("{} {}", named(2), word(run)))),
            request("search, the beginning of a word", move |run| search(word(run).chars().take(3).collect())),
            request("search, one letter", move |run| search(letter(run))),
            request("search, a word in no message", move |run| search(format!("qqq{run}"))),
            request("search, one word in a small session", move |run| within(word(run), &self.small)),
            request("search, one word in the large session", move |run| within(word(run), id)),
            request("sessions, a page of 50", |_| json!({"type": "sessions"})),
            request("members of the largest group, 50", |_| json!({"type": "members", "session": self.group})),
            request("invites, a page of 50", |_| json!({"type": "invites"})),
        ]
    }

    pub fn paths(&self) -> [(&'static str, String); 7] {
        let id = &self.large;
        [
            ("GET sessions, 200", "/api/v1/sessions?limit=200".to_owned()),
            ("GET a session", format!("/api/v1/sessions/{id}")),
            ("GET messages, newest 50", format!("/api/v1/sessions/{id}/messages")),
            ("GET changes, 200", format!("/api/v1/sessions/{id}/changes?rev={}", self.rev.saturating_sub(200))),
            ("GET search", format!("/api/v1/search?q={}", named(30))),
            ("GET users", "/api/v1/users?query=person-3&limit=200".to_owned()),
            ("GET presence", "/api/v1/presence".to_owned()),
        ]
    }
}
