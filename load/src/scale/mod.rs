//! `parlor-load scale`: how long the questions take that a client asks most, in a database as it is after years.

mod chance;
mod fill;
mod line;
mod rows;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use fill::Size;
use line::Line;
pub use table::Table;
use table::time;

use crate::client::{Answer, Target};
use crate::dialect::Dialect;
use crate::latency::histogram;
use crate::number::nanoseconds;
use crate::options::Options;
use crate::server::Server;
use crate::trouble::Trouble;
use crate::worker;

/// The user who asks.
const USER: &str = "scale-user";
/// Whom they write to where the database is empty.
const OTHER: &str = "scale-other";

/// What is measured with two servers.
const SENDS: &str = "send";

/// Makes the database, starts a server on it and one on an empty database, and measures.
pub fn measure(
    options: &Options,
    size: Size,
    table: Table,
    runs: usize,
    database: Option<&Path>,
) -> Result<Table, Trouble> {
    if options.url.is_some() {
        return Err(Trouble::Usage("scale starts servers of its own: leave --url out".into()));
    }
    if options.dialect != [Dialect::Native] || options.rounds > 1 {
        return Err(Trouble::Usage("scale asks in the native dialect, each question --runs times".into()));
    }
    let known = database.is_some_and(Path::exists);
    let mut server = Server::start_on(options, database)?;
    let runtime = worker::runtime()?;
    if !known {
        runtime.block_on(login(&server.target()?, USER))?;
        let began = Instant::now();
        server.pause(|path| fill::fill(path, USER, size))?;
        eprintln!("load: made the database and started on it in {:.1} s", began.elapsed().as_secs_f64());
    }
    let empty = Server::start_on(options, None)?;
    if let Some(cpu) = &options.client_cpu {
        crate::process::pin_myself(cpu)?;
    }
    runtime.block_on(ask(&server.target()?, &empty.target()?, table, runs))
}

/// Registers, if it must be, and logs in.
async fn login(target: &Target, name: &str) -> Result<String, Trouble> {
    let who = json!({"username": name, "password": "scale password"});
    target.post("/api/v1/register", None, &who).await?;
    let Answer { status, body } = target.post("/api/v1/login", None, &who).await?;
    let token = body.pointer("/token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or_else(|| Trouble::answer("logging in", format!("{status} {body}")))
}

async fn ask(target: &Target, empty: &Target, mut table: Table, runs: usize) -> Result<Table, Trouble> {
    let token = login(target, USER).await?;
    let (mut line, ready) = Line::open(target, &token).await?;
    let ready: Value = serde_json::from_slice(&ready).unwrap_or_default();
    let sessions = ready.pointer("/sessions").and_then(Value::as_array).cloned().unwrap_or_default();
    let large = sessions.iter().max_by_key(|session| number(session, "/seq")).cloned().unwrap_or_default();
    let (id, seq, rev) = (text(&large, "/id"), number(&large, "/seq"), number(&large, "/rev"));
    let groups = sessions.iter().filter(|session| text(session, "/kind") == "group");
    let group = groups.max_by_key(|session| number(session, "/member_count")).map(|s| text(s, "/id"));
    eprintln!("load: {} sessions in ready, {seq} messages in the largest", sessions.len());
    caught_up(&mut line, &id).await?;

    time(&mut table, "ready (connect, hello, ready)", runs, async |_| Ok(Line::open(target, &token).await?.1.len()))
        .await?;
    let mut over_socket = async |what: &str, question: &mut dyn FnMut(usize) -> Value| {
        time(&mut table, what, runs, async |run| Ok(line.ask(question(run)).await?.1)).await
    };
    over_socket("history, newest 50", &mut |_| json!({"type": "history", "session": id})).await?;
    let place = |run: usize| (u64::try_from(run).unwrap_or(0) * 7_919 + 1) * 613 % seq.max(1) + 1;
    over_socket(
        "history, 200 from anywhere",
        &mut |run| json!({"type": "history", "session": id, "before": place(run), "limit": 200}),
    )
    .await?;
    let behind = rev.saturating_sub(200);
    over_socket("sync of 200 changes", &mut |_| json!({"type": "sync", "sessions": {&id: behind}})).await?;
    over_socket("sync, a page from anywhere", &mut |run| json!({"type": "sync", "sessions": {&id: place(run)}}))
        .await?;
    let all: serde_json::Map<String, Value> = sessions
        .iter()
        .map(|session| (text(session, "/id"), json!(number(session, "/rev").saturating_sub(2))))
        .collect();
    over_socket("sync of 2 changes in each session of ready", &mut |_| json!({"type": "sync", "sessions": all}))
        .await?;
    let words = [1, 30, 500, 5_000, 12_000].map(chance::named);
    let word = |run: usize| words.get(run % words.len()).cloned().unwrap_or_default();
    over_socket("search, one word", &mut |run| json!({"type": "search", "query": word(run)})).await?;
    over_socket(
        "search, a common and a rarer word",
        &mut |run| json!({"type": "search", "query": format!("{} {}", chance::named(2), word(run))}),
    )
    .await?;
    over_socket(
        "search, the beginning of a word",
        &mut |run| json!({"type": "search", "query": word(run).chars().take(3).collect::<String>()}),
    )
    .await?;
    over_socket(
        "search, one letter",
        &mut |run| json!({"type": "search", "query": (["b", "k", "v", "i", "s"].get(run % 5))}),
    )
    .await?;
    over_socket("search, a word nobody said", &mut |run| json!({"type": "search", "query": format!("qqq{run}")}))
        .await?;
    let small = sessions.iter().min_by_key(|session| number(session, "/seq")).map(|s| text(s, "/id"));
    over_socket(
        "search, one word in a small session",
        &mut |run| json!({"type": "search", "query": word(run), "session": small}),
    )
    .await?;
    over_socket(
        "search, one word in the large session",
        &mut |run| json!({"type": "search", "query": word(run), "session": id}),
    )
    .await?;
    over_socket("sessions, a page of 50", &mut |_| json!({"type": "sessions"})).await?;
    over_socket("members of the largest group, 50", &mut |_| json!({"type": "members", "session": group})).await?;
    over_socket("invites, a page of 50", &mut |_| json!({"type": "invites"})).await?;
    for (what, path) in [
        ("GET sessions, 200", "/api/v1/sessions?limit=200".to_owned()),
        ("GET a session", format!("/api/v1/sessions/{id}")),
        ("GET messages, newest 50", format!("/api/v1/sessions/{id}/messages")),
        ("GET changes, 200", format!("/api/v1/sessions/{id}/changes?rev={behind}")),
        ("GET search", format!("/api/v1/search?q={}", chance::named(30))),
        ("GET users", "/api/v1/users?query=person-3&limit=200".to_owned()),
        ("GET presence", "/api/v1/presence".to_owned()),
    ] {
        time(&mut table, what, runs, async |_| {
            let Answer { status, body } = target.get(&path, Some(&token)).await?;
            if status == 200 { Ok(body.to_string().len()) } else { Err(Trouble::answer(&path, body.to_string())) }
        })
        .await?;
    }
    if table.wants(SENDS) {
        sends(&mut table, (line, id), empty, runs).await?;
    }
    Ok(table)
}

/// Waits until the newest message is found: the index is filled in the order of messages.
async fn caught_up(line: &mut Line, id: &str) -> Result<(), Trouble> {
    let began = Instant::now();
    let (history, _) = line.ask(json!({"type": "history", "session": id, "limit": 10})).await?;
    let history: Value = serde_json::from_slice(&history).unwrap_or_default();
    let messages = history.pointer("/messages").and_then(Value::as_array).cloned().unwrap_or_default();
    let said = |message: &&Value| text(message, "/kind") == "text" && !text(message, "/text").is_empty();
    let Some(newest) = messages.iter().rfind(said) else { return Ok(()) };
    let (query, seq) = (text(newest, "/text").chars().take(150).collect::<String>(), number(newest, "/seq"));
    let mut looks = 0;
    loop {
        let (found, _) = line.ask(json!({"type": "search", "query": query, "session": id})).await?;
        let found: Value = serde_json::from_slice(&found).unwrap_or_default();
        let hits = found.pointer("/messages").and_then(Value::as_array).cloned().unwrap_or_default();
        if hits.iter().any(|hit| number(hit, "/seq") == seq) {
            if looks > 0 {
                eprintln!("load: everything can be searched after {:.1} s", began.elapsed().as_secs_f64());
            }
            return Ok(());
        }
        looks += 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Sends to both servers in turn.
async fn sends(table: &mut Table, (mut large, id): (Line, String), empty: &Target, runs: usize) -> Result<(), Trouble> {
    let (token, _) = (login(empty, USER).await?, login(empty, OTHER).await?);
    let opened = empty.post("/api/v1/sessions", Some(&token), &json!({"kind": "direct", "username": OTHER})).await?;
    let other = text(&opened.body, "/session/id");
    let (mut line, _) = Line::open(empty, &token).await?;
    let mut chance = chance::Chance::new(nanoseconds(Duration::from_secs(u64::from(std::process::id()))));
    let mut times = [histogram(), histogram()];
    for run in 0..runs + 20 {
        for (place, times) in times.iter_mut().enumerate() {
            let (line, id) = if place == 0 { (&mut line, &other) } else { (&mut large, &id) };
            let key = format!("{:x}", chance.id());
            let question = json!({"type": "send", "session": id, "text": chance.text(), "key": key});
            let began = Instant::now();
            line.ask(question).await?;
            if run >= 20 {
                times.saturating_record(nanoseconds(began.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    for (what, times) in ["an empty database", "this database"].into_iter().zip(&times) {
        table.add(&format!("{SENDS}, in {what}"), times, 0);
    }
    Ok(())
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}
